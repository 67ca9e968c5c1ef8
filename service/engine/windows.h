// Windows: what a limit counts around an incident, in both directions of time.
//
// A limit must hold in every span of its length, and incidents arrive late and out of order; so it is
// not enough to look back from the new incident. Spans are half-open: two gestures count together when
// they are less than `within` apart, and exactly `within` apart they do not.
//
// Thread-safe.
#pragma once

#include <cstdint>

#include "service/domain/history.h"
#include "service/domain/ids.h"
#include "service/domain/time.h"
#include "service/policy/policy.h"

namespace kulanz::engine {

// The most that any span of limit.within which contains `at` already holds: a number of gestures, or a
// sum of minor units in the limit's currency. `policy`: the one whose limit it is.
std::int64_t MostInAnyWindow(const History& history, const policy::Limit& limit,
                             const PolicyId& policy, Instant at);

// Whether a gesture of `amount` at `at` would make some span hold more than the limit allows.
bool WouldBreak(const History& history, const policy::Limit& limit, const PolicyId& policy,
                Instant at, Money amount);

}  // namespace kulanz::engine
