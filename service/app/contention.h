// Contention: how a change ends that others came before, again and again.
#pragma once

#include <chrono>
#include <string>
#include <utility>

#include "service/base/status.h"

namespace kulanz::app {

// How long a client should wait before it repeats what was lost to a race.
inline constexpr std::chrono::milliseconds kRaceRetryAfter{20};
// How often a change is tried against others where no caller's deadline ends it.
inline constexpr int kRaceTriesMax = 8;

// UNAVAILABLE / CONTENTION, to be repeated; `why`: what others changed.
inline Status Contention(std::string why) {
  return Status(Code::kUnavailable, "CONTENTION", std::move(why)).WithRetryAfter(kRaceRetryAfter);
}

}  // namespace kulanz::app
