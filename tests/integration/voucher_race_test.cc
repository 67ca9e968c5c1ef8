// 32 threads race for one voucher, over a memory store and over a real Redis: exactly one has it, and the
// parts of a stored value are exactly its worth.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <latch>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "service/adapters/memory/memory_store.h"
#include "service/adapters/redis/initialise.h"
#include "service/adapters/redis/redis_store.h"
#include "service/adapters/system/system_scheduler.h"
#include "service/app/budget_ledger.h"
#include "service/app/dependencies.h"
#include "service/app/keys.h"
#include "service/app/policy_holder.h"
#include "service/app/record_codec.h"
#include "service/app/voucher_secrets.h"
#include "service/app/vouchers.h"
#include "service/ports/log.h"
#include "service/ports/telemetry.h"
#include "tests/support/redis/temp_redis.h"
#include "tests/support/status_matchers.h"

namespace kulanz::app {
namespace {

constexpr int kThreads = 32;
constexpr std::uint32_t kPartitions = 4;
constexpr std::int64_t kWorth = 5000;

Deadline Patience() { return std::chrono::steady_clock::now() + std::chrono::seconds(60); }

Money Eur(std::int64_t minor_units) {
  return *Money::FromMinorUnits(minor_units, *Currency::FromCode("EUR"));
}

class NoBudgets final : public BudgetLedger {
 public:
  Task<Result<BudgetAnswer>> Take(engine::BudgetPeriod, Money, Deadline) override {
    co_return BudgetAnswer(BudgetExhausted{});
  }
};

// The use-cases over a store, with vouchers that are simply there.
class World {
 public:
  explicit World(ports::Store& store) : store_(store) {}

  Vouchers& vouchers() { return vouchers_; }

  // The code of a new voucher.
  std::string Issue(const std::string& incident, bool stored_value) {
    const IncidentId id(incident);
    const CustomerId customer("C-1");
    const ports::PartitionId partition = keys_.PartitionOf(customer);
    const DerivedCode code = *secrets_.Derive(id, 0, Instant{}, partition, {0, true});
    const ports::Key key = keys_.Voucher(partition, code.voucher);
    StoredDecision decision;
    decision.decision.incident.id = id;
    decision.decision.incident.customer = customer;
    decision.decision.outcome = Outcome::kGranted;
    decision.decision.reason = reason::kGranted;
    decision.decision.revision = PolicyRevision(std::string(64, 'a'));
    decision.decision.voucher = VoucherTerms{.amount = Eur(kWorth),
                                             .valid_until = kMaxInstant,
                                             .zone = "UTC",
                                             .prefix = "",
                                             .minimum_order = std::nullopt,
                                             .transferable = true,
                                             .stored_value = stored_value};
    decision.decision.delivery = DeliveryTerms{};
    decision.voucher_key = key.hash;
    StoredVoucher voucher;
    static_cast<VoucherLife&>(voucher) = NewVoucherLife(*decision.decision.voucher);
    voucher.incident = HashOf(id);
    voucher.secret_id = code.secret_id;
    voucher.long_code = true;
    const ports::Key decision_key = keys_.Decision(partition, id);
    ports::Transaction transaction;
    transaction.partition = partition;
    transaction.writes.emplace_back(
        ports::Put{decision_key, codec_.Encode(decision_key, decision), std::nullopt});
    transaction.writes.emplace_back(ports::Put{key, codec_.Encode(key, voucher), std::nullopt});
    EXPECT_THAT(SyncWait(store_.Commit(std::move(transaction), Patience())).status(),
                kulanz::testing::IsOk());
    return code.code.Reveal();
  }

 private:
  static VoucherSecrets Secrets() {
    std::vector<CodeSecret> secrets;
    secrets.push_back({"s1", Instant{}, HmacKey(std::string(32, 'c'))});
    return {std::move(secrets), HmacKey(std::string(32, 'l'))};
  }

  ports::Store& store_;
  adapters::SystemScheduler scheduler_;
  ports::NullTelemetry telemetry_;
  ports::NullLog log_;
  PolicyHolder policies_;
  Keys keys_{kPartitions};
  RecordCodec codec_{HmacKey(std::string(32, 'm'))};
  VoucherSecrets secrets_ = Secrets();
  NoBudgets budgets_;
  Dependencies dependencies_{.store = store_,
                             .scheduler = scheduler_,
                             .telemetry = telemetry_,
                             .log = log_,
                             .policies = policies_,
                             .keys = keys_,
                             .codec = codec_,
                             .secrets = secrets_,
                             .budgets = budgets_,
                             .courier = nullptr,
                             .intake = {},
                             .deliver_at_once = false};
  Vouchers vouchers_{dependencies_};
};

// Runs it on all threads at once.
void Race(const std::function<void(int)>& run) {
  std::latch start(kThreads);
  std::vector<std::thread> threads;
  threads.reserve(kThreads);
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&start, &run, i] {
      start.arrive_and_wait();
      run(i);
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
}

RedeemRequest Request(const std::string& code, int number, std::optional<Money> amount) {
  return {code,
          CustomerId("C-9"),
          RedemptionId("R-" + std::to_string(number)),
          OrderId("O-" + std::to_string(number)),
          std::nullopt,
          amount,
          std::nullopt};
}

// Repeats what is uncertain or contended, as a client does.
Result<RedeemedVoucher> RedeemAtLast(Vouchers& vouchers, const RedeemRequest& request) {
  for (;;) {
    auto answer = SyncWait(vouchers.Redeem(request, Patience()));
    if (answer.ok() || answer.status().code() != Code::kUnavailable) {
      return answer;
    }
  }
}

void OneOfAllHasASingleUseVoucher(ports::Store& store) {
  World world(store);
  const std::string code = world.Issue("single", false);
  std::atomic<int> redeemed{0};
  Race([&](int number) {
    const auto answer = RedeemAtLast(world.vouchers(), Request(code, number, std::nullopt));
    redeemed += answer.ok() ? 1 : 0;
    EXPECT_TRUE(answer.ok() || answer.status().reason() == "VOUCHER_REDEEMED")
        << answer.status().ToString();
  });
  EXPECT_EQ(redeemed, 1);
}

// 32 orders want 700 each of 5,000: seven get them, and 100 are left.
void PartsAreExactlyTheWorth(ports::Store& store) {
  World world(store);
  const std::string code = world.Issue("stored", true);
  std::atomic<int> redeemed{0};
  Race([&](int number) {
    const auto answer = RedeemAtLast(world.vouchers(), Request(code, number, Eur(700)));
    redeemed += answer.ok() ? 1 : 0;
    EXPECT_TRUE(answer.ok() || answer.status().reason() == "BALANCE_INSUFFICIENT")
        << answer.status().ToString();
  });
  EXPECT_EQ(redeemed, 7);
  const auto voucher = SyncWait(world.vouchers().Get(code, Patience()));
  ASSERT_TRUE(voucher.ok());
  EXPECT_EQ(voucher->remaining, Eur(100));
  EXPECT_EQ(AuditVoucherLife(voucher->terms, voucher->life), std::vector<std::string>{});
}

// All of them repeat one redemption, and afterwards its reversal: once each.
void RepetitionsHaveOneEffect(ports::Store& store) {
  World world(store);
  const std::string code = world.Issue("repeated", true);
  std::atomic<int> first{0};
  Race([&](int) {
    const auto answer = RedeemAtLast(world.vouchers(), Request(code, 1, Eur(700)));
    ASSERT_TRUE(answer.ok()) << answer.status().ToString();
    first += answer->replayed ? 0 : 1;
  });
  EXPECT_EQ(first, 1);
  std::atomic<int> reversed{0};
  Race([&](int) {
    for (;;) {
      const auto answer = SyncWait(
          world.vouchers().Reverse({code, {}}, RedemptionId("R-1"), OrderId("O-1"), Patience()));
      if (answer.ok() || answer.status().code() != Code::kUnavailable) {
        ASSERT_TRUE(answer.ok()) << answer.status().ToString();
        reversed += answer->replayed ? 0 : 1;
        return;
      }
    }
  });
  EXPECT_EQ(reversed, 1);
  EXPECT_EQ(SyncWait(world.vouchers().Get(code, Patience()))->remaining, Eur(kWorth));
}

void RaceOnEverything(ports::Store& store) {
  OneOfAllHasASingleUseVoucher(store);
  PartsAreExactlyTheWorth(store);
  RepetitionsHaveOneEffect(store);
}

TEST(VoucherRace, OnAMemoryStore) {
  memory::MemoryStore store({.partition_count = kPartitions,
                             .clock = [] { return *ParseInstant("2026-10-15T12:00:00Z"); }});
  RaceOnEverything(store);
}

TEST(VoucherRace, OnARealRedis) {
  testing::TempRedis server;
  ASSERT_TRUE(redis::Initialise({server.address(), {"race", kPartitions}}).ok());
  ports::NullLog log;
  ports::NullTelemetry telemetry;
  redis::RedisOptions options;
  options.address = server.address();
  auto store = redis::RedisStore::Open(options, log, telemetry, Patience());
  ASSERT_TRUE(store.ok()) << store.status().ToString();
  RaceOnEverything(**store);
}

}  // namespace
}  // namespace kulanz::app
