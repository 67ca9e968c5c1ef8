// Evaluation: one policy's expressions over one frame.
//
// Variables are computed when an expression that needs them is first evaluated, once each.
//
// Thread-safety: none; lives while one policy is asked.
#pragma once

#include <cstdint>
#include <string>

#include "service/cel/program.h"
#include "service/cel/value.h"
#include "service/engine/frame.h"
#include "service/policy/policy.h"

namespace kulanz::engine {

class Evaluation {
 public:
  // `explain`: note what sub-expressions came to; slower.
  Evaluation(const policy::Policy& policy, Scratch& scratch, bool explain)
      : policy_(policy), scratch_(scratch), explain_(explain) {}

  // The value of an expression that is there.
  cel::Value Evaluate(const policy::Expression& expression);

  // For people, after Evaluate with `explain`: "customer.orders_completed >= 1 is false
  // (customer.orders_completed = 0)".
  const std::string& detail() const { return scratch_.detail; }

 private:
  void NeedVariables(std::uint64_t variables);

  const policy::Policy& policy_;
  Scratch& scratch_;
  bool explain_;
  std::uint64_t computed_ = 0;  // variables that are in the frame
};

}  // namespace kulanz::engine
