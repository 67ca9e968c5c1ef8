// TokenBucket: lets so many through each second, and a second's worth at once after a rest.
//
// Kept as the time at which the bucket would be full again (the generic cell rate algorithm): no timer, no
// drift, no rounding that adds up. Thread-safety: any thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>

#include "service/domain/time.h"

namespace kulanz::adapters {

class TokenBucket {
 public:
  // `per_second` 0: no limit.
  explicit TokenBucket(std::uint32_t per_second);

  // Takes one token. Gives the instant from which it may be used; nothing, and takes none, when that would be
  // after `latest`. Tokens are given in the order of the calls.
  std::optional<Deadline> Take(Deadline now, Deadline latest);

 private:
  const std::uint32_t per_second_;
  std::mutex mutex_;
  Deadline full_at_{};  // under mutex_
};

}  // namespace kulanz::adapters
