// The ledger on real threads and real time: what the deterministic scheduler cannot show is a data race.
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

#include "service/adapters/memory/memory_store.h"
#include "service/adapters/system/system_entropy.h"
#include "service/adapters/system/system_scheduler.h"
#include "service/app/budget_leases.h"
#include "service/app/record_codec.h"
#include "service/ports/log.h"
#include "service/ports/telemetry.h"

namespace kulanz::app {
namespace {

constexpr int kLedgers = 3;
constexpr int kThreadsEach = 3;
constexpr int kRequestsEach = 60;
constexpr std::int64_t kAmount = 5;
constexpr std::int64_t kCap = 1'000;

struct Totals {
  std::atomic<std::int64_t> spent{0};
  std::atomic<int> granted{0};
  std::atomic<int> refused{0};
};

struct Deployment {
  Instant wall = *ParseInstant("2026-03-01T12:00:00Z");
  memory::MemoryStore store{{.partition_count = 16, .clock = [this] { return wall; }}};
  adapters::SystemScheduler scheduler;
  adapters::SystemEntropy entropy;
  ports::NullTelemetry telemetry;
  ports::NullLog log;
  Keys keys{16};
  RecordCodec codec{HmacKey(std::string(32, 'k'))};
};

engine::BudgetPeriod Period() {
  const Currency eur = *Currency::FromCode("EUR");
  return {"logistics", *ParseDate("2026-03-01"), "UTC", *Money::FromMinorUnits(kCap, eur)};
}

// Asks until it is granted or refused; every few grants end as an error, or as unknown.
void Ask(Deployment& deployment, LeasedBudgetLedger& ledger, int request, Totals& totals) {
  const engine::BudgetPeriod period = Period();
  const Money amount = *Money::FromMinorUnits(kAmount, period.cap.currency());
  const ports::PartitionId partition{static_cast<std::uint16_t>(request % 16)};
  for (int attempt = 0;; ++attempt) {
    const Deadline deadline = deployment.scheduler.Now() + std::chrono::seconds{5};
    auto answer = SyncWait(ledger.Take(period, amount, deadline));
    if (!answer.ok()) {
      continue;  // unsettled: it has waited inside
    }
    if (std::holds_alternative<BudgetExhausted>(*answer)) {
      ++totals.refused;
      return;
    }
    auto hold = std::move(std::get<std::unique_ptr<BudgetHold>>(*answer));
    ports::Transaction transaction;
    transaction.partition = partition;
    hold->SpendIn(transaction);
    if (request % 7 == 0 && attempt == 0) {
      hold->Released();  // lost a race
      continue;
    }
    if (request % 11 == 0 && attempt == 0) {
      hold->Unknown();  // the request was lost on its way
      continue;
    }
    const auto outcome = SyncWait(deployment.store.Commit(std::move(transaction), deadline));
    if (!outcome.ok() || !std::holds_alternative<ports::Committed>(*outcome)) {
      hold->Fenced();
      continue;
    }
    totals.spent += kAmount;
    hold->Committed();
    ++totals.granted;
    return;
  }
}

TEST(BudgetThreads, ThreeLedgersOnNineThreadsDrainABudgetExactly) {
  Deployment deployment;
  const LeasedBudgetLedger::Ports ports{
      deployment.store, deployment.scheduler, deployment.entropy, deployment.telemetry,
      deployment.log,   deployment.keys,      deployment.codec};
  BudgetSettings settings;
  settings.idle_return = Duration{20};
  settings.watch = Duration{20};
  settings.tick = Duration{10};
  std::vector<std::unique_ptr<LeasedBudgetLedger>> ledgers;
  std::atomic<int> running{0};
  for (int i = 0; i < kLedgers; ++i) {
    ledgers.push_back(std::make_unique<LeasedBudgetLedger>(ports, settings));
    ++running;
    SpawnThen(ledgers.back()->Run(), [&running] { --running; });
  }
  Totals totals;
  std::vector<std::thread> threads;
  for (int i = 0; i < kLedgers * kThreadsEach; ++i) {
    threads.emplace_back([&, i] {
      for (int k = 0; k < kRequestsEach; ++k) {
        Ask(deployment, *ledgers[static_cast<std::size_t>(i % kLedgers)], i * kRequestsEach + k,
            totals);
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(totals.spent, kCap);
  EXPECT_EQ(totals.granted, kCap / kAmount);
  EXPECT_EQ(totals.refused, kLedgers * kThreadsEach * kRequestsEach - kCap / kAmount);
  for (const auto& ledger : ledgers) {
    EXPECT_TRUE(SyncWait(ledger->Shutdown(deployment.scheduler.Now() + std::chrono::seconds{10})));
  }
  deployment.scheduler.Stop();
  while (running > 0) {
    std::this_thread::yield();
  }
}

}  // namespace
}  // namespace kulanz::app
