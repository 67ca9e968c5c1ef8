// SimStore: one process' connection to the SimDatabase. Calls take time, and what the network does to
// them is drawn from the seed.
#pragma once

#include <algorithm>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tests/simulation/sim_database.h"
#include "tests/simulation/sim_traffic.h"
#include "tests/simulation/sim_world.h"

namespace kulanz::simulation {

class SimStore final : public ports::Store {
 public:
  SimStore(SimDatabase& database, SimProcess& process, std::string name = {})
      : database_(database), process_(process), name_(std::move(name)) {
    Observe(*database.store().Now());
  }

  std::uint32_t partition_count() const override { return database_.store().partition_count(); }
  Task<Result<std::vector<ports::Record>>> Read(std::vector<ports::Key> keys,
                                                Deadline deadline) override {
    std::string what = Told() ? Describe(keys) : std::string();
    return Call<Result<std::vector<ports::Record>>>(std::move(what), [this, keys, deadline] {
      return SyncWait(database_.store().Read(keys, deadline));
    });
  }
  Task<Result<ports::CommitOutcome>> Commit(ports::Transaction transaction, Deadline) override {
    std::string what = Told() ? Describe(transaction) : std::string();
    return Call<Result<ports::CommitOutcome>>(
        std::move(what),
        [this, transaction = std::move(transaction)] { return database_.Apply(transaction); });
  }
  Task<Result<std::vector<ports::IndexEntry>>> ReadIndex(ports::IndexRange range,
                                                         Deadline deadline) override {
    std::string what = Told() ? "index " + Describe(range.index) : std::string();
    return Call<Result<std::vector<ports::IndexEntry>>>(std::move(what), [this, range, deadline] {
      return SyncWait(database_.store().ReadIndex(range, deadline));
    });
  }
  Task<Result<ports::IndexSummary>> SummarizeIndex(ports::Key index, Deadline deadline) override {
    return Call<Result<ports::IndexSummary>>("", [this, index, deadline] {
      return SyncWait(database_.store().SummarizeIndex(index, deadline));
    });
  }
  Task<Result<std::int64_t>> ReadCounter(ports::Key counter, Deadline deadline) override {
    std::string what = Told() ? "counter " + Describe(counter) : std::string();
    return Call<Result<std::int64_t>>(std::move(what), [this, counter, deadline] {
      return SyncWait(database_.store().ReadCounter(counter, deadline));
    });
  }
  // As the Redis adapter's StoreClock: the last reading plus the monotonic time since, never backwards.
  std::optional<Instant> Now() const override {
    latest_ = std::max(latest_,
                       reading_ + std::chrono::duration_cast<Duration>(process_.Now() - read_at_));
    return latest_;
  }
  Status Health() const override { return Status::Ok(); }

 private:
  static constexpr Duration kClockInterval{1'000};

  static Status Unreachable() {
    return Status(Code::kUnavailable, "STORE_UNREACHABLE", "simulated: nothing was sent");
  }
  static Status Uncertain() {
    return Status(Code::kUnavailable, "STORE_UNCERTAIN", "simulated: no answer");
  }
  bool Told() const { return static_cast<bool>(database_.on_traffic); }
  void Tell(const std::string& what, std::string_view fate) const {
    if (!what.empty()) {
      database_.on_traffic(name_ + " " + what + std::string(fate));
    }
  }
  void Observe(Instant reading) {
    reading_ = reading;
    read_at_ = process_.Now();
  }

  template <typename R>
  Task<R> Call(std::string what, std::function<R()> apply);
  // What the network makes of a call: when it is applied and when the caller hears what.
  template <typename R>
  void Send(const std::string& what, std::function<R()> apply, std::function<void(R)> answer);

  SimDatabase& database_;
  SimProcess& process_;
  const std::string name_;
  Instant reading_{};
  Deadline read_at_{};
  mutable Instant latest_{};
};

template <typename R>
Task<R> SimStore::Call(std::string what, std::function<R()> apply) {
  if (process_.dead()) {
    co_return R(Unreachable());
  }
  auto start = [&](auto answer) {
    Send<R>(what, std::move(apply), [answer](R result) { answer(std::move(result)); });
  };
  auto reply = Complete<R>(start);
  co_return co_await reply;
}

template <typename R>
void SimStore::Send(const std::string& what, std::function<R()> apply,
                    std::function<void(R)> answer) {
  SimWorld& world = database_.world();
  Random& random = world.random();
  const NetworkFaults& faults = database_.faults;
  struct Reply {
    explicit Reply(R nothing) : result(std::move(nothing)) {}
    R result;
    std::optional<Instant> clock;
  };
  auto reply = std::make_shared<Reply>(R(Uncertain()));
  const std::uint64_t wait = process_.Expect([this, reply, answer](bool died) {
    if (!died && reply->clock && process_.Now() - read_at_ >= kClockInterval) {
      Observe(*reply->clock);
    }
    answer(died ? R(Unreachable()) : std::move(reply->result));
  });
  auto arrive = [this, wait] { process_.Arrive(wait); };
  Duration there{random.Between(0, 4)};
  Duration back{random.Between(1, 4)};
  std::int64_t draw = random.Below(1000);
  const auto falls = [&draw](std::int64_t share) { return (draw -= share) < 0; };
  if (database_.away || falls(faults.unreachable)) {
    Tell(what, " (unreachable)");
    reply->result = R(Unreachable());
    world.After(there, arrive);
  } else if (falls(faults.lose_request)) {
    Tell(what, " (request lost)");
    world.After(database_.timeout, arrive);
  } else if (falls(faults.lose_reply)) {
    Tell(what, " (reply lost)");
    world.After(there, [apply] { static_cast<void>(apply()); });
    world.After(database_.timeout, arrive);
  } else if (falls(faults.late)) {
    const Duration late{random.Between(0, database_.late_max.count())};
    Tell(what, " (applied " + std::to_string(late.count()) + " ms later, no reply)");
    world.After(late, [apply] { static_cast<void>(apply()); });
    world.After(database_.timeout, arrive);
  } else {
    if (falls(faults.slow)) {
      there += Duration{random.Below(database_.timeout.count() / 2)};
      back += Duration{random.Below(database_.timeout.count() / 3)};
    }
    Tell(what, "");
    world.After(there, [this, apply, reply] {
      reply->result = apply();
      reply->clock = database_.store().Now();
    });
    world.After(there + back, arrive);
  }
}

}  // namespace kulanz::simulation
