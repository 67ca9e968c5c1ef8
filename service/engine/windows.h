// Windows: what a limit counts around an incident, in both directions of time.
//
// A limit must hold in every span of its length, and incidents arrive late and out of order; so it is
// not enough to look back from the new incident. Spans are half-open: two gestures count together when
// they are less than `within` apart, and exactly `within` apart they do not. Periods of the calendar are
// known beforehand; there is one that holds the incident.
//
// Thread-safe.
#pragma once

#include <cstdint>
#include <optional>

#include "service/domain/history.h"
#include "service/domain/ids.h"
#include "service/domain/time.h"

namespace kulanz::engine {

// Which gestures count, and what each counts.
struct Tally {
  enum class Unit : std::uint8_t {
    kVouchers,  // one for each gesture of money that is not of `incident`: a top-up is no second one
    kMinorUnits,      // of `currency`; what `incident` was given before counts too
    kPlainApologies,  // one for each letter without money that is not of `incident`
  };
  Unit unit = Unit::kVouchers;
  std::optional<Currency> currency = {};
  const IncidentId* incident = nullptr;   // the one that is being decided
  const PolicyId* policy = nullptr;       // null: gestures of any
  std::optional<std::uint64_t> key = {};  // nothing: under any key
  std::optional<Reporter> reporter = {};  // nothing: reported by anyone

  std::int64_t WeightOf(const GivenGesture& gesture) const;
};

// The most that any span of length `within` which contains `at` already holds.
std::int64_t MostInAnyWindow(const History& history, const Tally& tally, Duration within,
                             Instant at);
// What the span from `from` to before `until` already holds.
std::int64_t HeldBetween(const History& history, const Tally& tally, Instant from, Instant until);

}  // namespace kulanz::engine
