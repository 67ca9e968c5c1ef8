// How to reach Redis and how to treat it.
#pragma once

#include <cstdint>
#include <optional>

#include "service/adapters/redis/address.h"
#include "service/adapters/redis/key_codec.h"
#include "service/base/result.h"
#include "service/domain/time.h"

namespace kulanz::redis {

// What to do once acknowledged writes turn out to be lost (a partition's sequence went backwards).
enum class OnLostWrites : std::uint8_t {
  kAlarm,  // log, count, and go on
  kHalt,   // the same, and refuse every call until ResumeAfterLostWrites
};

// What to do when fewer replicas than replicas_to_wait confirm a commit within wait_timeout.
enum class OnReplicaShortfall : std::uint8_t {
  kUncertain,  // answer STORE_UNCERTAIN: it is applied, but a failover may still lose it
  kAccept,     // answer as usual, and log when the shortfall begins and ends
};

// Redis must keep what it is given. What the operator has to set for that, and may waive.
enum class Requirement : std::uint8_t { kRequire, kWarn };

struct RedisOptions {
  RedisAddress address;
  // The store that must be there. Nothing: whatever store is found on first contact.
  std::optional<Genesis> genesis;
  // With `genesis`: somebody makes the database this store as soon as it can be reached, so a missing genesis is
  // waited for like a server that is away.
  bool genesis_follows = false;

  // To each master. Each has a thread of its own; a partition always uses the same one. 1 to
  // kConnectionsMax.
  std::uint32_t connections = 1;
  // Calls under way at once, per connection; beyond it RESOURCE_EXHAUSTED / STORE_OVERLOADED. Bounds
  // memory, and the wait behind others: 8,192 take Redis about a quarter of a second.
  std::uint32_t calls_max = 8192;

  Duration connect_timeout{2000};  // until the server is verified, too
  // The oldest call unanswered for so long means that Redis or the network hangs: the connection is
  // given up. A caller's own deadline may be much shorter; it ends only that caller's wait.
  Duration reply_timeout{2000};
  Duration backoff_min{50};  // between attempts to connect; doubles, with jitter
  Duration backoff_max{2000};
  Duration clock_interval{1000};  // how often the server's clock is read

  // Replicas that must have a commit before it is answered (WAIT); 0: none.
  std::uint32_t replicas_to_wait = 0;
  Duration wait_timeout{1000};  // below reply_timeout
  OnReplicaShortfall on_replica_shortfall = OnReplicaShortfall::kUncertain;

  // How often Sentinels or a cluster are asked where the masters are; besides, at once whenever a
  // connection is lost or a node answers that it is not the one.
  Duration topology_interval{1000};

  Requirement noeviction = Requirement::kRequire;
  Requirement append_only = Requirement::kRequire;
  // The alarm suits fsync every second, whose promise allows for a loss. Where nothing acknowledged may
  // be lost (fsync always, WAIT), a loss is a broken promise: halt.
  OnLostWrites on_lost_writes = OnLostWrites::kAlarm;

  // OK or INVALID_ARGUMENT / REDIS_OPTIONS.
  Status Validate() const;
};

inline constexpr std::uint32_t kConnectionsMax = 64;

}  // namespace kulanz::redis
