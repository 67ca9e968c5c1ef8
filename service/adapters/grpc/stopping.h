// What streams are told that end because the server stops. Thread-safe.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "service/base/status.h"

namespace kulanz::rpc {

inline constexpr std::chrono::milliseconds kStoppingRetryAfter{200};

// UNAVAILABLE / SERVER_STOPPING, with a retry hint.
inline Status ServerStopping(const std::string& advice) {
  return Status(Code::kUnavailable, "SERVER_STOPPING", "this server is stopping; " + advice)
      .WithRetryAfter(kStoppingRetryAfter);
}

// Of a client stream that ends in one answer. Its first `messages` messages were taken and have taken effect.
inline Status ImportStopped(std::int64_t messages) {
  const std::string taken = std::to_string(messages);
  return ServerStopping("it has taken " + taken +
                        " messages of this import: import all of it again")
      .WithMetadata("messagesTaken", taken);
}

}  // namespace kulanz::rpc
