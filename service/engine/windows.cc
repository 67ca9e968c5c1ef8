#include "service/engine/windows.h"

#include <algorithm>

namespace kulanz::engine {
namespace {

// What one gesture counts against the limit.
std::int64_t WeightOf(const GivenGesture& gesture, const policy::Limit& limit,
                      const PolicyId& policy) {
  if (limit.own_gestures_only && gesture.policy != policy) {
    return 0;
  }
  if (!limit.amount) {
    return 1;
  }
  return gesture.amount.currency() == limit.amount->currency() ? gesture.amount.minor_units() : 0;
}

}  // namespace

std::int64_t MostInAnyWindow(const History& history, const policy::Limit& limit,
                             const PolicyId& policy, Instant at) {
  const auto& gestures = history.gestures;
  const auto before = [](const GivenGesture& gesture, Instant instant) {
    return gesture.at < instant;
  };
  const auto after = [](Instant instant, const GivenGesture& gesture) {
    return instant < gesture.at;
  };
  // Only gestures less than `within` away can be in a span with `at`.
  const auto first = std::upper_bound(gestures.begin(), gestures.end(), at - limit.within, after);
  const auto last = std::lower_bound(gestures.begin(), gestures.end(), at + limit.within, before);
  // The fullest span begins at a gesture (not after `at`) or, when none is before, at `at` itself.
  auto end = first;
  std::int64_t sum = 0;
  std::int64_t most = 0;
  const auto extend_to = [&](Instant span_end) {
    while (end != last && end->at < span_end) {
      sum += WeightOf(*end, limit, policy);
      ++end;
    }
    most = std::max(most, sum);
  };
  auto begin = first;
  for (; begin != last && begin->at <= at; ++begin) {
    extend_to(begin->at + limit.within);
    sum -= WeightOf(*begin, limit, policy);
  }
  extend_to(at + limit.within);  // the span that begins at `at`, behind all earlier gestures
  return most;
}

bool WouldBreak(const History& history, const policy::Limit& limit, const PolicyId& policy,
                Instant at, Money amount) {
  const std::int64_t held = MostInAnyWindow(history, limit, policy, at);
  if (!limit.amount) {
    return held >= limit.vouchers;
  }
  return held > limit.amount->minor_units() - amount.minor_units();
}

}  // namespace kulanz::engine
