// Coverage: which parts of a policy set's policies the cases of tests reached.
//
// Parts are the rows of `gesture`, the entries of `exclude`, and each policy as a whole: whether it ever
// gave, or would have given, anything. Policies that are off do not count. Thread-safety: none.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "service/kulanz/test/run_case.h"
#include "service/policy/policy_set.h"

namespace kulanz::command {

class Coverage {
 public:
  // `policies` outlives this.
  explicit Coverage(const policy::PolicySet& policies);

  void Add(const Answered& answered);

  std::size_t covered() const;
  std::size_t total() const;

  struct OfPolicy {
    std::string policy;
    std::string file;
    std::size_t covered = 0;
    std::size_t total = 0;
    std::vector<std::string> missed;  // "gesture 2", "exclude 1 NOT_OUR_FAULT", "it never answered"
  };
  std::vector<OfPolicy> policies() const;  // by id

 private:
  struct Hits {
    const policy::Policy* policy = nullptr;
    bool answered = false;
    std::vector<bool> exclusions;
    std::vector<bool> rows;
  };
  std::map<std::string, Hits, std::less<>> hits_;  // by policy
};

// Whole percents, rounded down; 100 when there is nothing to cover.
std::size_t PercentOf(std::size_t covered, std::size_t total);

}  // namespace kulanz::command
