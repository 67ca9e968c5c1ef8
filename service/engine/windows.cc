#include "service/engine/windows.h"

#include <algorithm>
#include <numeric>

namespace kulanz::engine {
namespace {

bool IsEarlier(const GivenGesture& gesture, Instant instant) { return gesture.at < instant; }

}  // namespace

std::int64_t Tally::WeightOf(const GivenGesture& gesture) const {
  if ((policy != nullptr && gesture.policy != *policy) ||
      (reporter && gesture.reporter != *reporter) ||
      (key && !std::binary_search(gesture.keys.begin(), gesture.keys.end(), *key))) {
    return 0;
  }
  if (unit == Unit::kMinorUnits) {
    return gesture.amount.currency() == currency ? gesture.amount.minor_units() : 0;
  }
  const bool is_own = incident != nullptr && gesture.incident == *incident;
  return !is_own && gesture.amount.is_zero() == (unit == Unit::kPlainApologies) ? 1 : 0;
}

std::int64_t MostInAnyWindow(const History& history, const Tally& tally, Duration within,
                             Instant at) {
  const auto& gestures = history.gestures;
  const auto after = [](Instant instant, const GivenGesture& gesture) {
    return instant < gesture.at;
  };
  // Only gestures less than `within` away can be in a span with `at`.
  const auto first = std::upper_bound(gestures.begin(), gestures.end(), at - within, after);
  const auto last = std::lower_bound(gestures.begin(), gestures.end(), at + within, IsEarlier);
  // The fullest span begins at a gesture (not after `at`) or, when none is before, at `at` itself.
  auto end = first;
  std::int64_t sum = 0;
  std::int64_t most = 0;
  const auto extend_to = [&](Instant span_end) {
    while (end != last && end->at < span_end) {
      sum += tally.WeightOf(*end);
      ++end;
    }
    most = std::max(most, sum);
  };
  auto begin = first;
  for (; begin != last && begin->at <= at; ++begin) {
    extend_to(begin->at + within);
    sum -= tally.WeightOf(*begin);
  }
  extend_to(at + within);  // the span that begins at `at`, behind all earlier gestures
  return most;
}

std::int64_t HeldBetween(const History& history, const Tally& tally, Instant from, Instant until) {
  const auto& gestures = history.gestures;
  const auto first = std::lower_bound(gestures.begin(), gestures.end(), from, IsEarlier);
  const auto last = std::lower_bound(first, gestures.end(), until, IsEarlier);
  return std::accumulate(first, last, std::int64_t{0},
                         [&tally](std::int64_t sum, const GivenGesture& gesture) {
                           return sum + tally.WeightOf(gesture);
                         });
}

}  // namespace kulanz::engine
