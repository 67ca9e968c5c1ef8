// What a breaker counts: gestures and their sum in a window of time that slides by twelfths.
//
// A bucket counts as long as any of it may lie in the window, so what is counted reaches back for up to a twelfth
// longer than the rule says, and never less. Plain values and pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "service/domain/money.h"
#include "service/domain/time.h"
#include "service/policy/breaker.h"

namespace kulanz::app {

struct BreakerTally {
  std::int64_t gestures = 0;
  std::int64_t minor_units = 0;  // in the currency of the rule's amount
  friend bool operator==(const BreakerTally&, const BreakerTally&) = default;
};

struct BreakerBucket {
  Instant until{};
  BreakerTally tally;
  friend bool operator==(const BreakerBucket&, const BreakerBucket&) = default;
};

// By `until`, ascending, each once.
using BreakerWindow = std::vector<BreakerBucket>;

// What one gesture adds; `amount`: nothing for a letter without money.
BreakerTally TallyOf(const policy::BreakerRule& rule, const std::optional<Money>& amount);

void AddTo(BreakerWindow& window, const policy::BreakerRule& rule, Instant at, BreakerTally tally);
// `sign`: 1, or -1 to take it off again.
void Merge(BreakerWindow& window, const BreakerWindow& other, int sign = 1);
// Drops what lies before the window.
void Forget(BreakerWindow& window, const policy::BreakerRule& rule, Instant now);
BreakerTally Counted(const BreakerWindow& window, const policy::BreakerRule& rule, Instant now);
BreakerTally Sum(BreakerTally a, BreakerTally b);

// Whether it is more than the rule allows.
bool IsOver(const policy::BreakerRule& rule, BreakerTally tally);

}  // namespace kulanz::app
