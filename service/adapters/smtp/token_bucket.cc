#include "service/adapters/smtp/token_bucket.h"

#include <algorithm>

namespace kulanz::adapters {

TokenBucket::TokenBucket(std::uint32_t per_second) : per_second_(per_second) {}

std::optional<Deadline> TokenBucket::Take(Deadline now, Deadline latest) {
  if (per_second_ == 0) return now;
  constexpr std::chrono::nanoseconds kCapacity = std::chrono::seconds{1};
  const std::chrono::nanoseconds token = kCapacity / per_second_;
  const std::lock_guard lock(mutex_);
  const Deadline full_at = std::max(full_at_, now) + token;
  const Deadline usable = std::max(now, full_at - kCapacity);
  if (usable > latest) return std::nullopt;
  full_at_ = full_at;
  return usable;
}

}  // namespace kulanz::adapters
