// History: what one customer was given so far. Limits and once_per look at it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "service/domain/ids.h"
#include "service/domain/incident.h"
#include "service/domain/money.h"
#include "service/domain/time.h"

namespace kulanz {

// One gesture: all that one incident gave, over all its revisions. `at` is the incident's time, not that of
// the decision.
struct GivenGesture {
  IncidentId incident;
  PolicyId policy;
  Instant at{};
  Money amount;  // zero: a plain apology, whose currency says nothing
  // The policy's once_per value ("order-17"), prefixed by nothing; empty when it has none.
  std::string once_per = {};
  Reporter reporter = Reporter::kSystem;
  std::vector<std::uint64_t> keys = {};  // Decision::limit_keys, ascending
  friend bool operator==(const GivenGesture&, const GivenGesture&) = default;
};

struct History {
  std::vector<GivenGesture> gestures;  // by (at, incident), ascending
  friend bool operator==(const History&, const History&) = default;
};

// A customer with more gestures than this in reach of a limit is for a person to look at.
inline constexpr std::size_t kHistoryGesturesMax = 512;

}  // namespace kulanz
