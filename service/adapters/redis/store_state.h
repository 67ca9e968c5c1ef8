// StoreState: what the connections of one RedisStore share.
//
// Which store it is, the highest sequence numbers, the server's clock, whether lost writes halted it,
// and where to report. Thread-safety: any method from any thread.
#pragma once

#include <atomic>
#include <mutex>
#include <optional>

#include "service/adapters/redis/key_codec.h"
#include "service/adapters/redis/options.h"
#include "service/adapters/redis/sequence_watch.h"
#include "service/adapters/redis/store_clock.h"
#include "service/ports/log.h"
#include "service/ports/telemetry.h"

namespace kulanz::redis {

class StoreState {
 public:
  // All are borrowed and outlive this.
  StoreState(const RedisOptions& options, ports::Log& log, ports::Telemetry& telemetry);

  const RedisOptions& options() const { return options_; }
  ports::Log& log() const { return log_; }
  ports::Telemetry& telemetry() const { return telemetry_; }

  // Nothing before the first contact, unless the options name it. Never changes once it is there.
  const Genesis* genesis() const { return known_genesis_.load(std::memory_order_acquire); }
  // The genesis that a server showed: the first is adopted, later ones must be equal.
  Status AdoptGenesis(const Genesis& found);

  // OK, or the failure of every call since writes were lost.
  Status HaltStatus() const;
  bool halted() const { return halted_.load(std::memory_order_acquire); }
  void ClearHalt() { halted_.store(false, std::memory_order_release); }

  std::uint64_t SequenceFloor(ports::PartitionId partition) const {
    return sequences_.Floor(partition);
  }
  // Reports, and halts if so configured, when acknowledged writes are gone. `is_kept`: `seen` itself
  // counts as acknowledged.
  void ObserveSequence(ports::PartitionId partition, std::uint64_t floor, std::uint64_t seen,
                       bool is_kept);
  // Whether every answer is as good as acknowledged. Where replicas are waited for, only a commit that
  // they confirmed is: what else is seen, a failover may take back.
  bool answers_are_kept() const { return options_.replicas_to_wait == 0; }

  std::optional<Instant> Now() const;
  // Reports a jump.
  void ObserveTime(Instant reading, Deadline received);

 private:
  const RedisOptions& options_;
  ports::Log& log_;
  ports::Telemetry& telemetry_;
  std::mutex genesis_mutex_;
  std::optional<Genesis> genesis_;  // written once, under the mutex, before known_genesis_ shows it
  std::atomic<const Genesis*> known_genesis_{nullptr};
  std::atomic<bool> halted_{false};
  SequenceWatch sequences_;
  StoreClock clock_;
};

}  // namespace kulanz::redis
