#include "service/app/breaker_window.h"

#include <algorithm>

#include "service/ports/store.h"

namespace kulanz::app {
namespace {

constexpr int kBuckets = 12;

std::int64_t Bounded(std::int64_t a, std::int64_t b) {
  return std::clamp(a + b, -ports::kStoredIntegerMax, ports::kStoredIntegerMax);
}

BreakerBucket& BucketOf(BreakerWindow& window, Instant until) {
  const auto at = std::lower_bound(
      window.begin(), window.end(), until,
      [](const BreakerBucket& bucket, Instant value) { return bucket.until < value; });
  if (at != window.end() && at->until == until) {
    return *at;
  }
  return *window.insert(at, BreakerBucket{until, {}});
}

}  // namespace

BreakerTally TallyOf(const policy::BreakerRule& rule, const std::optional<Money>& amount) {
  const bool sums = rule.amount && amount && rule.amount->currency() == amount->currency();
  return {.gestures = 1, .minor_units = sums ? amount->minor_units() : 0};
}

BreakerTally Sum(BreakerTally a, BreakerTally b) {
  return {Bounded(a.gestures, b.gestures), Bounded(a.minor_units, b.minor_units)};
}

void AddTo(BreakerWindow& window, const policy::BreakerRule& rule, Instant at, BreakerTally tally) {
  const std::int64_t width =
      std::max<std::int64_t>(1, std::chrono::milliseconds(rule.within).count() / kBuckets);
  const Instant until = InstantFromMillis((ToMillis(at) / width + 1) * width);
  BreakerBucket& bucket = BucketOf(window, until);
  bucket.tally = Sum(bucket.tally, tally);
}

void Merge(BreakerWindow& window, const BreakerWindow& other, int sign) {
  for (const BreakerBucket& added : other) {
    BreakerBucket& bucket = BucketOf(window, added.until);
    bucket.tally = Sum(bucket.tally, {added.tally.gestures * sign, added.tally.minor_units * sign});
  }
  std::erase_if(window, [](const BreakerBucket& bucket) { return bucket.tally == BreakerTally{}; });
}

void Forget(BreakerWindow& window, const policy::BreakerRule& rule, Instant now) {
  std::erase_if(window,
                [&](const BreakerBucket& bucket) { return bucket.until + rule.within <= now; });
}

BreakerTally Counted(const BreakerWindow& window, const policy::BreakerRule& rule, Instant now) {
  BreakerTally counted;
  for (const BreakerBucket& bucket : window) {
    if (bucket.until + rule.within > now) {
      counted = Sum(counted, bucket.tally);
    }
  }
  return counted;
}

bool IsOver(const policy::BreakerRule& rule, BreakerTally tally) {
  return (rule.gestures && tally.gestures > *rule.gestures) ||
         (rule.amount && tally.minor_units > rule.amount->minor_units());
}

}  // namespace kulanz::app
