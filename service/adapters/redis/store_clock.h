// StoreClock: the server's time between two readings of it.
//
// The last reading plus the monotonic time since, and never less than what was said before: a server
// clock that steps back makes this one stand still.
// Thread-safety: any method from any thread, without locks.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>

#include "service/domain/time.h"

namespace kulanz::redis {

class StoreClock {
 public:
  std::optional<Instant> Now(Deadline now) const;
  // The server read its clock as `reading`, in an answer that arrived at `received`. Returns by how much
  // the reading is off from what the readings before made expect; zero for the first.
  Duration Observe(Instant reading, Deadline received);

 private:
  static constexpr std::int64_t kUnset = INT64_MIN;
  std::atomic<std::int64_t> offset_ms_{kUnset};  // server time minus our monotonic clock
  mutable std::atomic<std::int64_t> latest_ms_{kUnset};
};

}  // namespace kulanz::redis
