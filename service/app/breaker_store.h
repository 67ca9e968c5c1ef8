// Reading and writing the records of breakers: each one by compare-and-set, and beside them the names of those
// that somebody has to look after (tripped, or being released).
//
// Thread-safety: any thread. Failures of the store, and DATA_LOSS / RECORD_CORRUPT, come through as they are.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "service/app/dependencies.h"
#include "service/app/record_breaker.h"
#include "service/base/result.h"
#include "service/base/task.h"
#include "service/domain/event.h"
#include "service/ports/store.h"

namespace kulanz::app {

struct VersionedBreaker {
  StoredBreaker stored;
  std::uint64_t version = 0;  // 0: it has no record yet
};

Task<Result<VersionedBreaker>> ReadBreaker(const Dependencies& dependencies, std::string name,
                                           Deadline deadline);

// By name. Those that do not open are left out, and told to the log.
Task<Result<std::vector<VersionedBreaker>>> ReadBusyBreakers(const Dependencies& dependencies,
                                                             Deadline deadline);

// Writes `next.stored` when the record still has `next.version`, and gives its new one; nothing: it has changed.
// `notes`: puts it among those that somebody has to look after; otherwise one that nobody has to is taken off.
// `tells`: what the outbox gets in the same step, kBreakerTripped or kBreakerReleased (event_outbox.h).
Task<Result<std::optional<std::uint64_t>>> WriteBreaker(const Dependencies& dependencies,
                                                        VersionedBreaker next, bool notes,
                                                        std::optional<EventType> tells,
                                                        Deadline deadline);

}  // namespace kulanz::app
