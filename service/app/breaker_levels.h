// BreakerLevels: tells operators which breakers hold something, and how much, as metrics.
//
// Read from the store, so every replica tells the same: whether one has tripped at each telling, how many cases it
// holds every few seconds, by counting its lists and not their cases. Thread-safety: one caller at a time.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "service/app/dependencies.h"
#include "service/base/task.h"
#include "service/domain/time.h"
#include "service/policy/policy_set.h"

namespace kulanz::app {

// The names of all breakers that the policies have, by scope and name.
std::vector<std::string> BreakersOf(const policy::PolicySet& policies);

class BreakerLevels {
 public:
  // By name, of those that have tripped or are being released: whether they have tripped.
  using Busy = std::map<std::string, bool>;

  // `every`: how often cases are counted.
  BreakerLevels(const Dependencies& dependencies, Duration every)
      : dependencies_(dependencies), every_(every) {}

  // Of the breakers that policies set and of `busy`, also where policies set them no more. What cannot be counted
  // keeps the number of before. Needs policies; otherwise nothing is told.
  Task<void> Tell(Busy busy, Deadline deadline);

 private:
  Task<void> Count(Busy busy, Deadline deadline);

  const Dependencies dependencies_;
  const Duration every_;
  struct Held {
    std::uint64_t cases = 0;
    Instant counted_at{};  // by the store
  };
  std::map<std::string, Held> held_;  // of the busy ones
};

}  // namespace kulanz::app
