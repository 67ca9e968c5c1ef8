#include "service/engine/history.h"

#include <algorithm>
#include <iterator>
#include <string_view>
#include <utility>
#include <vector>

namespace kulanz::engine {
namespace {

bool IsBefore(const GivenGesture& a, const GivenGesture& b) {
  return std::pair(a.at, std::string_view(a.incident.text())) <
         std::pair(b.at, std::string_view(b.incident.text()));
}

GivenGesture GestureOf(const Decision& decision) {
  // Nothing of any currency is nothing.
  const Money nothing =
      Money::Zero(decision.proposed ? decision.proposed->currency() : *Currency::FromCode("EUR"));
  return {.incident = decision.incident.id,
          .policy = decision.policy,
          .at = decision.incident.occurred_at,
          .amount = decision.voucher ? decision.voucher->amount : nothing,
          .once_per = decision.once_per,
          .reporter = decision.incident.reporter,
          .keys = decision.limit_keys};
}

// Whether `more` could be added to what `given` holds of the same incident.
bool Grow(GivenGesture& given, const GivenGesture& more) {
  if (given.amount.is_zero()) {
    given.amount = more.amount;
  } else if (!more.amount.is_zero()) {
    const std::optional<Money> sum = given.amount.Plus(more.amount);
    if (!sum) {  // another currency: the policy set has changed in between
      return false;
    }
    given.amount = *sum;
  }
  given.policy = more.policy;
  given.once_per = more.once_per;
  std::vector<std::uint64_t> keys;
  std::set_union(given.keys.begin(), given.keys.end(), more.keys.begin(), more.keys.end(),
                 std::back_inserter(keys));
  given.keys = std::move(keys);
  return true;
}

}  // namespace

History WithDecision(const History& history, const Decision& decision, Duration reach,
                     Instant now) {
  History next;
  next.gestures.reserve(history.gestures.size() + 1);
  const Instant oldest = now - reach;
  std::copy_if(history.gestures.begin(), history.gestures.end(), std::back_inserter(next.gestures),
               [oldest](const GivenGesture& gesture) { return gesture.at >= oldest; });
  if (decision.outcome != Outcome::kGranted && decision.outcome != Outcome::kApologised) {
    return next;
  }
  GivenGesture given = GestureOf(decision);
  const auto same =
      std::find_if(next.gestures.begin(), next.gestures.end(),
                   [&](const GivenGesture& gesture) { return gesture.incident == given.incident; });
  if (same == next.gestures.end() || !Grow(*same, given)) {
    next.gestures.insert(
        std::upper_bound(next.gestures.begin(), next.gestures.end(), given, IsBefore),
        std::move(given));
  }
  return next;
}

History WithoutIncident(const History& history, const IncidentId& incident) {
  History next;
  std::copy_if(history.gestures.begin(), history.gestures.end(), std::back_inserter(next.gestures),
               [&](const GivenGesture& gesture) { return gesture.incident != incident; });
  return next;
}

}  // namespace kulanz::engine
