#include "service/adapters/redis/store_clock.h"

#include <chrono>

namespace kulanz::redis {
namespace {

std::int64_t MonotonicMillis(Deadline at) {
  return std::chrono::duration_cast<Duration>(at.time_since_epoch()).count();
}

}  // namespace

std::optional<Instant> StoreClock::Now(Deadline now) const {
  const std::int64_t offset_ms = offset_ms_.load(std::memory_order_acquire);
  if (offset_ms == kUnset) {
    return std::nullopt;
  }
  const std::int64_t reading_ms = MonotonicMillis(now) + offset_ms;
  std::int64_t latest_ms = latest_ms_.load(std::memory_order_acquire);
  while (latest_ms < reading_ms && !latest_ms_.compare_exchange_weak(latest_ms, reading_ms)) {
  }
  return InstantFromMillis(latest_ms < reading_ms ? reading_ms : latest_ms);
}

Duration StoreClock::Observe(Instant reading, Deadline received) {
  const std::int64_t offset_ms = ToMillis(reading) - MonotonicMillis(received);
  const std::int64_t before_ms = offset_ms_.exchange(offset_ms, std::memory_order_acq_rel);
  return before_ms == kUnset ? Duration::zero() : Duration(offset_ms - before_ms);
}

}  // namespace kulanz::redis
