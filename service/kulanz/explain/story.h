// PolicyStory: how one policy looks at one incident, expression by expression, with the value of each part.
//
// The decision itself is the engine's; this tells how it came about, and counts which rows were reached.
// An expression that the engine would not have come to is not told either. Thread-safe; pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "service/engine/decide.h"
#include "service/policy/policy.h"
#include "service/policy/policy_set.h"

namespace kulanz::command {

// A part of an expression and what it came to. Outermost first, in the order of the text.
struct ExpressionPart {
  int depth = 0;  // 0: stands directly in the whole
  std::string text;
  std::string value;
};

enum class Finding : unsigned char { kHolds, kFails, kValue, kError };

// One expression of a policy that was evaluated.
struct ExpressionStory {
  std::string label;  // "eligible", "exclude 1", "gesture 2", "amount", "vars.days_late"
  std::string text;
  std::string value;
  std::string note;  // what follows from it: "NOT_OUR_FAULT"; may be empty
  Finding finding = Finding::kValue;
  std::vector<ExpressionPart> parts;
};

struct PolicyStory {
  const policy::Policy* policy = nullptr;
  bool in_effect = true;
  std::vector<ExpressionStory> variables;  // that were needed, in their order
  std::vector<ExpressionStory> steps;      // in the order of asking
  std::optional<std::size_t> exclusion;    // that held
  std::optional<std::size_t> row;          // of the gesture that was taken
};

PolicyStory TellPolicy(const policy::PolicySet& policies, const policy::Policy& policy,
                       const engine::Facts& facts);

// What is told of a value: "3", "\"gold\"", "8.00 EUR", "failed: division by zero". At most 200 bytes.
std::string ValueText(const cel::Value& value);

}  // namespace kulanz::command
