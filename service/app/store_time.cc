#include "service/app/store_time.h"

#include <optional>

namespace kulanz::app {

Result<Instant> StoreTime(const ports::Store& store) {
  if (const std::optional<Instant> now = store.Now()) {
    return *now;
  }
  const Status health = store.Health();
  return health.ok() ? Status(Code::kUnavailable, "STORE_UNREACHABLE", "the store has no time yet")
                     : health;
}

}  // namespace kulanz::app
