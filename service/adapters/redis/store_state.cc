#include "service/adapters/redis/store_state.h"

#include <chrono>
#include <string>

namespace kulanz::redis {
namespace {

// More than the delays of a network and the slewing of a clock make up between two readings.
constexpr Duration kClockJumpAlarm{2000};

}  // namespace

StoreState::StoreState(const RedisOptions& options, ports::Log& log, ports::Telemetry& telemetry)
    : options_(options), log_(log), telemetry_(telemetry), genesis_(options.genesis) {
  if (genesis_) {
    known_genesis_.store(&*genesis_, std::memory_order_release);
  }
}

Status StoreState::AdoptGenesis(const Genesis& found) {
  const std::lock_guard lock(genesis_mutex_);
  if (!genesis_) {
    genesis_ = found;
    known_genesis_.store(&*genesis_, std::memory_order_release);
  }
  if (*genesis_ == found) {
    return Status::Ok();
  }
  return Status(Code::kFailedPrecondition, "NO_GENESIS",
                "Redis holds store " + found.store_id + " of " +
                    std::to_string(found.partition_count) + " partitions, not store " +
                    genesis_->store_id + " of " + std::to_string(genesis_->partition_count));
}

Status StoreState::HaltStatus() const {
  if (!halted()) {
    return Status::Ok();
  }
  return Status(Code::kFailedPrecondition, "STORE_LOST_WRITES",
                "Redis lost acknowledged writes; halted until an operator has looked");
}

void StoreState::ObserveSequence(ports::PartitionId partition, std::uint64_t floor,
                                 std::uint64_t seen, bool is_kept) {
  if (sequences_.Observe(partition, floor, seen, is_kept)) {
    return;
  }
  const bool halts = options_.on_lost_writes == OnLostWrites::kHalt;
  if (halts) {
    halted_.store(true, std::memory_order_release);
  }
  log_.Error("store_lost_writes",
             halts ? "Redis lost acknowledged writes: halted" : "Redis lost acknowledged writes",
             {{"partition", std::to_string(partition.number)},
              {"acknowledged_sequence", std::to_string(floor)},
              {"found_sequence", std::to_string(seen)}});
  telemetry_.StoreRolledBack();  // last: whoever sees the count finds the line
}

std::optional<Instant> StoreState::Now() const {
  return clock_.Now(std::chrono::steady_clock::now());
}

void StoreState::ObserveTime(Instant reading, Deadline received) {
  const Duration jump = clock_.Observe(reading, received);
  if (jump > kClockJumpAlarm || jump < -kClockJumpAlarm) {
    log_.Error("store_clock_jumped", "Redis' clock jumped; check the time service of its host",
               {{"jump_ms", std::to_string(jump.count())}});
  }
}

}  // namespace kulanz::redis
