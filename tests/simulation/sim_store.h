// A store with a network in between: calls take time, and what the network does to them is drawn from
// the seed. The store itself is a MemoryStore shared by all processes (SimDatabase).
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "service/adapters/memory/memory_store.h"
#include "tests/simulation/sim_world.h"

namespace kulanz::simulation {

// Per thousand calls.
struct NetworkFaults {
  std::int64_t unreachable = 0;   // nothing is sent, and the caller knows
  std::int64_t lose_request = 0;  // nothing arrives, and the caller cannot know
  std::int64_t lose_reply = 0;    // it is applied, and the caller cannot know
  std::int64_t late = 0;          // it is applied long after the caller has given up
};

class SimDatabase {
 public:
  SimDatabase(SimWorld& world, std::uint32_t partitions)
      : world_(world),
        store_({.partition_count = partitions, .clock = [this] { return world_.wall(); }}) {}

  SimWorld& world() { return world_; }
  memory::MemoryStore& store() { return store_; }

  NetworkFaults faults;
  Duration timeout{200};
  Duration late_max{20'000};
  // Planted bug: fences are read but not set.
  bool fences_do_nothing = false;
  // Planted bug: whoever moves an agenda entry into the future takes it off instead.
  bool agenda_forgets_claims = false;
  // Planted bug: no record's version is looked at when a decision is committed.
  bool versions_do_nothing = false;
  // Told of every transaction that is applied.
  std::function<void(const ports::Transaction&)> on_applied;

  Result<ports::CommitOutcome> Apply(const ports::Transaction& transaction);

 private:
  SimWorld& world_;
  memory::MemoryStore store_;
};

// One process' connection to the database.
class SimStore final : public ports::Store {
 public:
  SimStore(SimDatabase& database, SimProcess& process) : database_(database), process_(process) {}

  std::uint32_t partition_count() const override { return database_.store().partition_count(); }
  Task<Result<std::vector<ports::Record>>> Read(std::vector<ports::Key> keys,
                                                Deadline deadline) override {
    return Call<Result<std::vector<ports::Record>>>(
        [this, keys, deadline] { return SyncWait(database_.store().Read(keys, deadline)); });
  }
  Task<Result<ports::CommitOutcome>> Commit(ports::Transaction transaction, Deadline) override {
    return Call<Result<ports::CommitOutcome>>(
        [this, transaction = std::move(transaction)] { return database_.Apply(transaction); });
  }
  Task<Result<std::vector<ports::IndexEntry>>> ReadIndex(ports::IndexRange range,
                                                         Deadline deadline) override {
    return Call<Result<std::vector<ports::IndexEntry>>>(
        [this, range, deadline] { return SyncWait(database_.store().ReadIndex(range, deadline)); });
  }
  Task<Result<ports::IndexSummary>> SummarizeIndex(ports::Key index, Deadline deadline) override {
    return Call<Result<ports::IndexSummary>>([this, index, deadline] {
      return SyncWait(database_.store().SummarizeIndex(index, deadline));
    });
  }
  Task<Result<std::int64_t>> ReadCounter(ports::Key counter, Deadline deadline) override {
    return Call<Result<std::int64_t>>([this, counter, deadline] {
      return SyncWait(database_.store().ReadCounter(counter, deadline));
    });
  }
  std::optional<Instant> Now() const override { return database_.store().Now(); }
  Status Health() const override { return Status::Ok(); }

 private:
  static Status Unreachable() {
    return Status(Code::kUnavailable, "STORE_UNREACHABLE", "simulated: nothing was sent");
  }
  static Status Uncertain() {
    return Status(Code::kUnavailable, "STORE_UNCERTAIN", "simulated: no answer");
  }

  template <typename R>
  Task<R> Call(std::function<R()> apply);
  // What the network makes of a call: when it is applied and when the caller hears what.
  template <typename R>
  void Send(std::function<R()> apply, std::function<void(R)> answer);

  SimDatabase& database_;
  SimProcess& process_;
};

inline Result<ports::CommitOutcome> SimDatabase::Apply(const ports::Transaction& transaction) {
  if (agenda_forgets_claims && !transaction.checks.empty()) {
    ports::Transaction changed = transaction;
    for (ports::TransactionWrite& write : changed.writes) {
      if (const auto* put = std::get_if<ports::IndexPut>(&write)) {
        write = ports::IndexRemove{put->index, put->entry.member};
      }
    }
    return SyncWait(store_.Commit(std::move(changed), Deadline{}));
  }
  if (versions_do_nothing && transaction.not_after) {
    ports::Transaction changed = transaction;
    changed.checks.clear();
    return SyncWait(store_.Commit(std::move(changed), Deadline{}));
  }
  if (fences_do_nothing) {
    ports::Committed committed;
    for (const ports::TransactionWrite& write : transaction.writes) {
      if (const auto* fence = std::get_if<ports::FenceCounter>(&write)) {
        committed.counters.push_back(*SyncWait(store_.ReadCounter(fence->key, Deadline{})));
      }
    }
    if (!committed.counters.empty()) {
      return ports::CommitOutcome(std::move(committed));
    }
  }
  auto outcome = SyncWait(store_.Commit(transaction, Deadline{}));
  if (on_applied && outcome.ok() && std::holds_alternative<ports::Committed>(*outcome)) {
    on_applied(transaction);
  }
  return outcome;
}

template <typename R>
Task<R> SimStore::Call(std::function<R()> apply) {
  if (process_.dead()) {
    co_return R(Unreachable());
  }
  auto start = [&](auto answer) {
    Send<R>(std::move(apply), [answer](R result) { answer(std::move(result)); });
  };
  auto reply = Complete<R>(start);
  co_return co_await reply;
}

template <typename R>
void SimStore::Send(std::function<R()> apply, std::function<void(R)> answer) {
  SimWorld& world = database_.world();
  Random& random = world.random();
  const NetworkFaults& faults = database_.faults;
  auto result = std::make_shared<R>(R(Uncertain()));
  const std::uint64_t wait = process_.Expect(
      [result, answer](bool died) { answer(died ? R(Unreachable()) : std::move(*result)); });
  auto arrive = [this, wait] { process_.Arrive(wait); };
  const Duration there{random.Between(0, 4)};
  const Duration back{random.Between(1, 4)};
  const std::int64_t draw = random.Below(1000);
  if (draw < faults.unreachable) {
    *result = R(Unreachable());
    world.After(there, arrive);
  } else if (draw < faults.unreachable + faults.lose_request) {
    world.After(database_.timeout, arrive);
  } else if (draw < faults.unreachable + faults.lose_request + faults.lose_reply) {
    world.After(there, [apply] { static_cast<void>(apply()); });
    world.After(database_.timeout, arrive);
  } else if (draw < faults.unreachable + faults.lose_request + faults.lose_reply + faults.late) {
    world.After(Duration{random.Between(0, database_.late_max.count())},
                [apply] { static_cast<void>(apply()); });
    world.After(database_.timeout, arrive);
  } else {
    world.After(there, [apply, result] { *result = apply(); });
    world.After(there + back, arrive);
  }
}

}  // namespace kulanz::simulation
