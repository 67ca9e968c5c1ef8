// SimDatabase: the MemoryStore that all simulated processes share, what the network does to calls of it,
// and its clock, which can jump.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <variant>

#include "service/adapters/memory/memory_store.h"
#include "tests/simulation/sim_world.h"

namespace kulanz::simulation {

// Per thousand calls.
struct NetworkFaults {
  std::int64_t unreachable = 0;   // nothing is sent, and the caller knows
  std::int64_t lose_request = 0;  // nothing arrives, and the caller cannot know
  std::int64_t lose_reply = 0;    // it is applied, and the caller cannot know
  std::int64_t late = 0;          // it is applied long after the caller has given up
  std::int64_t slow = 0;          // it takes most of the timeout, and others overtake it
};

class SimDatabase {
 public:
  // Replaces the store by one with a planted bug (simulator/planted_bugs.h).
  using Planter = std::function<std::unique_ptr<ports::Store>(ports::Store&)>;

  SimDatabase(SimWorld& world, std::uint32_t partitions)
      : world_(world),
        store_({.partition_count = partitions, .clock = [this] { return clock(); }}) {}

  SimWorld& world() { return world_; }
  memory::MemoryStore& store() { return store_; }

  // The database host's clock. The store's own time (store().Now()) never steps back with it.
  Instant clock() const { return world_.wall() + clock_offset_; }
  void JumpClock(Duration by) { clock_offset_ += by; }

  void Plant(const Planter& planter) { planted_ = planter(store_); }

  NetworkFaults faults;
  bool away = false;  // nothing reaches it, and callers know at once
  Duration timeout{200};
  Duration late_max{20'000};
  // Told of every transaction that is applied.
  std::function<void(const ports::Transaction&)> on_applied;
  // Told of every call and what the network makes of it, when somebody listens.
  std::function<void(const std::string&)> on_traffic;

  Result<ports::CommitOutcome> Apply(const ports::Transaction& transaction) {
    ports::Store& target = planted_ ? *planted_ : store_;
    auto outcome = SyncWait(target.Commit(transaction, Deadline{}));
    if (on_applied && outcome.ok() && std::holds_alternative<ports::Committed>(*outcome)) {
      on_applied(transaction);
    }
    return outcome;
  }

 private:
  SimWorld& world_;
  Duration clock_offset_{0};
  memory::MemoryStore store_;
  std::unique_ptr<ports::Store> planted_;
};

}  // namespace kulanz::simulation
