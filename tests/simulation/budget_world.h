// BudgetWorld: several ledgers over one faulty store, clients who ask until they have an answer, and an
// auditor who looks at nothing but what the store applied.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "service/app/budget_leases.h"
#include "service/app/keys.h"
#include "service/app/record_budget.h"
#include "service/app/record_codec.h"
#include "service/ports/log.h"
#include "tests/simulation/sim_store.h"
#include "tests/simulation/sim_telemetry.h"
#include "tests/simulation/sim_world.h"

namespace kulanz::simulation {

// Milliseconds in place of seconds, so that beats, recovery and expiring fences all happen in a run.
inline app::BudgetSettings FastBudgets() {
  app::BudgetSettings settings;
  settings.patience = Duration{100};
  settings.store_timeout = Duration{200};
  settings.backoff = Duration{50};
  settings.beat = Duration{200};
  settings.recover_after = Duration{1'000};
  settings.watch = Duration{50};
  settings.idle_return = Duration{50};
  settings.idle_alone = Duration{200};
  settings.close_after = Duration{2'000};
  settings.unknown_patience = Duration{200};
  settings.tick = Duration{20};
  settings.trust = Duration{2'000};
  settings.fence_kept = Duration{30'000};
  settings.counter_kept = Duration{10'000};
  return settings;
}

class BudgetWorld {
 public:
  // How a spending transaction is cut off: store time before Take() and this.
  static constexpr Duration kSpendWithin{5'000};

  struct Replica {
    Replica(BudgetWorld& world, std::uint64_t seed)
        : process(world.world_), store(world.database_, process), entropy(seed) {
      app::LeasedBudgetLedger::Ports ports{store,     process,     entropy,     world.telemetry,
                                           world.log, world.keys_, world.codec_};
      ledger = std::make_unique<app::LeasedBudgetLedger>(ports, world.settings);
      Spawn(ledger->Run());
    }
    SimProcess process;
    SimStore store;
    Random entropy;
    std::unique_ptr<app::LeasedBudgetLedger> ledger;
  };

  BudgetWorld(std::uint64_t seed, std::int64_t cap_minor_units, std::uint32_t partitions = 8);
  ~BudgetWorld();

  SimWorld& world() { return world_; }
  SimDatabase& database() { return database_; }
  const app::RecordCodec& codec() const { return codec_; }
  Replica& AddReplica();
  // As SIGKILL: nothing is given back.
  void Kill(Replica& replica);
  std::vector<Replica*> Living();

  // A client who wants `amount` until it is granted or firmly refused, from any living replica.
  void Ask(std::int64_t amount);
  // One attempt at one replica.
  enum class Answer { kGranted, kExhausted, kTryAgain };
  std::size_t NewRequest(std::int64_t amount) {
    requests_.push_back(amount);
    return requests_.size() - 1;
  }
  Task<Answer> Attempt(Replica& replica, std::size_t request);

  engine::BudgetPeriod Period() const;
  ports::Key BudgetKey() const { return keys_.Budget(app::PeriodName(Period())); }
  std::int64_t cap() const { return cap_; }
  std::int64_t spent() const { return spent_; }
  bool overspent() const { return overspent_; }
  std::size_t open_requests() const { return open_; }
  std::size_t granted() const { return granted_; }
  std::size_t exhausted() const { return refused_.size(); }
  // The largest rest that a firm refusal would have been wrong about; negative: none was wrong.
  bool SomeRefusalWasWrong() const;
  app::BudgetRecord Record();
  void PutRecord(const app::BudgetRecord& record);

  app::BudgetSettings settings = FastBudgets();
  SimTelemetry telemetry;
  ports::NullLog log;
  bool unknown_is_released = false;  // planted bug: a client takes "no answer" for "not applied"

 private:
  Task<void> Client(std::size_t request);
  void Audit(const ports::Transaction& transaction);
  ports::Key DecisionKey(std::size_t request) const;

  SimWorld world_;
  SimDatabase database_;
  SimProcess clients_{world_};
  app::Keys keys_;
  app::RecordCodec codec_{HmacKey(std::string(32, 'k'))};
  const std::int64_t cap_;
  std::vector<std::unique_ptr<Replica>> replicas_;
  std::vector<std::int64_t> requests_;
  std::vector<std::int64_t> refused_;
  std::size_t open_ = 0;
  std::size_t granted_ = 0;
  std::int64_t spent_ = 0;
  bool overspent_ = false;
};

inline BudgetWorld::BudgetWorld(std::uint64_t seed, std::int64_t cap_minor_units,
                                std::uint32_t partitions)
    : world_(seed), database_(world_, partitions), keys_(partitions), cap_(cap_minor_units) {
  database_.on_applied = [this](const ports::Transaction& transaction) { Audit(transaction); };
}

inline BudgetWorld::~BudgetWorld() {
  for (const auto& replica : replicas_) {
    replica->process.Kill();
  }
  clients_.Kill();
}

inline BudgetWorld::Replica& BudgetWorld::AddReplica() {
  replicas_.push_back(std::make_unique<Replica>(*this, world_.random().Next()));
  return *replicas_.back();
}

inline void BudgetWorld::Kill(Replica& replica) {
  replica.process.Kill();
  replica.ledger.reset();
}

inline std::vector<BudgetWorld::Replica*> BudgetWorld::Living() {
  std::vector<Replica*> living;
  for (const auto& replica : replicas_) {
    if (!replica->process.dead()) {
      living.push_back(replica.get());
    }
  }
  return living;
}

inline engine::BudgetPeriod BudgetWorld::Period() const {
  const Currency eur = *Currency::FromCode("EUR");
  return {"logistics", *ParseDate("2026-03-01"), "Europe/Berlin",
          *Money::FromMinorUnits(cap_, eur)};
}

inline ports::Key BudgetWorld::DecisionKey(std::size_t request) const {
  const auto partition = static_cast<std::uint16_t>(request % keys_.partition_count());
  return keys_.Decision({partition}, IncidentId("I-" + std::to_string(request)));
}

inline void BudgetWorld::Audit(const ports::Transaction& transaction) {
  for (const ports::TransactionWrite& write : transaction.writes) {
    if (const auto* put = std::get_if<ports::Put>(&write)) {
      if (put->key.kind == ports::RecordKind::kDecision) {
        spent_ += std::stoll(put->value);
      }
    }
  }
  overspent_ = overspent_ || spent_ > cap_;
}

inline Task<BudgetWorld::Answer> BudgetWorld::Attempt(Replica& replica, std::size_t request) {
  const std::int64_t amount = requests_[request];
  const Instant now = *replica.store.Now();
  const ports::Key key = DecisionKey(request);
  const engine::BudgetPeriod period = Period();
  const Money money = *Money::FromMinorUnits(amount, period.cap.currency());
  const Deadline deadline = world_.now() + std::chrono::seconds{1};
  auto answer = co_await replica.ledger->Take(period, money, deadline);
  if (!answer.ok()) {
    co_return Answer::kTryAgain;
  }
  if (std::holds_alternative<app::BudgetExhausted>(*answer)) {
    co_return Answer::kExhausted;
  }
  auto hold = std::move(std::get<std::unique_ptr<app::BudgetHold>>(*answer));
  if (world_.random().Chance(50)) {  // the caller had something else to do first
    co_await replica.process.Sleep(Duration{world_.random().Between(1, 400)});
  }
  ports::Transaction transaction;
  transaction.partition = key.partition;
  transaction.checks.emplace_back(ports::CheckVersion{key, 0});
  transaction.writes.emplace_back(ports::Put{key, std::to_string(amount), std::nullopt});
  transaction.not_after = now + kSpendWithin;
  hold->SpendIn(transaction);
  auto outcome = co_await replica.store.Commit(std::move(transaction), deadline);
  if (!outcome.ok()) {
    const bool unknown = outcome.status().reason() == "STORE_UNCERTAIN";
    unknown && !unknown_is_released ? hold->Unknown() : hold->Released();
    co_return Answer::kTryAgain;
  }
  if (const auto* conflict = std::get_if<ports::Conflict>(&*outcome)) {
    conflict->fenced ? hold->Fenced() : hold->Released();
    co_return conflict->records[0].exists() ? Answer::kGranted : Answer::kTryAgain;
  }
  hold->Committed();
  co_return Answer::kGranted;
}

inline Task<void> BudgetWorld::Client(std::size_t request) {
  co_await clients_.Sleep(Duration{world_.random().Between(0, 300)});
  for (;;) {
    std::vector<Replica*> running = Living();
    std::erase_if(running, [](const Replica* replica) { return replica->process.stopped(); });
    Answer answer = Answer::kTryAgain;
    if (!running.empty()) {
      const auto pick = world_.random().Below(static_cast<std::int64_t>(running.size()));
      answer = co_await Attempt(*running[static_cast<std::size_t>(pick)], request);
    }
    if (clients_.dead()) {
      co_return;
    }
    if (answer == Answer::kGranted) {
      ++granted_;
      break;
    }
    if (answer == Answer::kExhausted) {
      // Refused, unless an earlier attempt of its own went through unseen.
      std::vector<ports::Key> keys{DecisionKey(request)};
      const auto records = SyncWait(database_.store().Read(std::move(keys), Deadline{}));
      if (records->front().exists()) {
        ++granted_;
      } else {
        refused_.push_back(requests_[request]);
      }
      break;
    }
    co_await clients_.Sleep(Duration{world_.random().Between(10, 100)});
  }
  --open_;
}

inline void BudgetWorld::Ask(std::int64_t amount) {
  ++open_;
  Spawn(Client(NewRequest(amount)));
}

inline bool BudgetWorld::SomeRefusalWasWrong() const {
  for (const std::int64_t amount : refused_) {
    if (cap_ - spent_ >= amount) {
      return true;
    }
  }
  return false;
}

inline void BudgetWorld::PutRecord(const app::BudgetRecord& record) {
  const ports::Key key = keys_.Budget(app::PeriodName(Period()));
  ports::Transaction transaction;
  transaction.partition = key.partition;
  transaction.writes.emplace_back(
      ports::Put{key, app::EncodeBudget(codec_, key, Period(), record), std::nullopt});
  EXPECT_TRUE(database_.Apply(transaction).ok());
}

inline app::BudgetRecord BudgetWorld::Record() {
  const ports::Key key = keys_.Budget(app::PeriodName(Period()));
  std::vector<ports::Key> keys{key};
  const auto records = SyncWait(database_.store().Read(std::move(keys), Deadline{}));
  return *app::DecodeBudget(codec_, key, records->front().value);
}

}  // namespace kulanz::simulation
