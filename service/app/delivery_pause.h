// The pause before another attempt to deliver, of a letter as of an event.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>

#include "service/domain/time.h"

namespace kulanz::app {

// A receiver that asks for a longer pause gets this one.
inline constexpr Duration kAskedPauseMax = std::chrono::hours{24};

// 0.8 to 1.2 times `plain`, so that many do not come back together, but no less than the receiver asked for.
inline Duration PauseBetweenAttempts(Duration plain, std::optional<Duration> asked,
                                     std::uint16_t chance) {
  const Duration jittered = plain * (800 + chance % 401) / 1000;
  return std::max(jittered, std::min(asked.value_or(Duration{0}), kAskedPauseMax));
}

}  // namespace kulanz::app
