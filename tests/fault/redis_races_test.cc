// 32 threads at four servers over one Redis, all at once for the same thing: one voucher, one limit, one
// budget. Exactly one, exact, exact.
#include <atomic>
#include <functional>
#include <latch>

#include "tests/fault/audited_fixture.h"
#include "tests/support/redis/temp_redis.h"

namespace kulanz::testing {
namespace {

using ::testing::IsEmpty;

class Races : public AuditedTest {
 protected:
  static constexpr std::size_t kThreads = 32;
  static constexpr std::size_t kServers = 4;

  void SetUp() override {
    Initialise(redis_.address());
    AddServers(kServers, OptionsFor(redis_.address()));
    SetTime();
  }
  void TearDown() override { servers_.clear(); }  // before Redis

  // On all threads, from the same moment on.
  static void Race(const std::function<void(std::size_t)>& run) {
    std::latch start(kThreads);
    std::vector<std::thread> threads;
    for (std::size_t thread = 0; thread < kThreads; ++thread) {
      threads.emplace_back([&, thread] {
        start.arrive_and_wait();
        run(thread);
      });
    }
    for (std::thread& thread : threads) {
      thread.join();
    }
  }

  TempRedis redis_;
};

TEST_F(Races, ForOneVoucherExactlyOneWins) {
  AddCustomer("C");
  std::atomic<int> first{0};
  std::string code;
  std::mutex mutex;
  Race([&](std::size_t thread) {
    const auto decided = Report(thread % kServers, MakeIncident("I", "C"));
    ASSERT_TRUE(decided.ok() && decided->code);
    first.fetch_add(decided->replayed ? 0 : 1);
    const std::lock_guard lock(mutex);
    code = decided->code->Reveal();
  });
  // A call that was repeated after an answer got lost finds its own decision.
  EXPECT_LE(first.load(), 1);
  EXPECT_EQ(auditor_.incidents().size(), 1U);

  std::atomic<int> redeemed{0};
  Race([&](std::size_t thread) {
    const std::string redemption = "R-" + std::to_string(thread);
    const auto answer = Persist([&](Deadline deadline) {
      app::RedeemRequest request;
      request.code = code;
      request.customer = CustomerId("C");
      request.redemption = RedemptionId(redemption);
      request.order = OrderId("cart " + redemption);
      return SyncWait(
          servers_[thread % kServers]->use_cases().vouchers.Redeem(std::move(request), deadline));
    });
    if (answer.ok()) {
      redeemed.fetch_add(1);
      auditor_.Redeemed(code, redemption);
    } else {
      EXPECT_EQ(answer.status().reason(), "VOUCHER_REDEEMED") << answer.status().ToString();
      auditor_.RefusedAsRedeemed(code, redemption);
    }
  });
  EXPECT_EQ(redeemed.load(), 1);
  EXPECT_TRUE(AllLettersAreSent());
  EXPECT_THAT(auditor_.Audit(false), IsEmpty());
}

TEST_F(Races, ForOneLimitTheLimitIsExact) {
  AddCustomer("C");
  std::atomic<int> granted{0};
  Race([&](std::size_t thread) {
    const auto decided =
        Report(thread % kServers, MakeIncident("I-" + std::to_string(thread), "C"));
    granted.fetch_add(decided.ok() && decided->code ? 1 : 0);
  });
  EXPECT_EQ(granted.load(), 2);
  EXPECT_TRUE(AllLettersAreSent());
  EXPECT_THAT(auditor_.Audit(false), IsEmpty());
}

TEST_F(Races, ForOneBudgetTheLastMoneyIsGivenOutExactly) {
  constexpr std::size_t kEach = 4;
  constexpr auto kVouchers =
      static_cast<int>(audit::AuditedSetup::kRules.budget_cap / audit::AuditedSetup::kRules.amount);
  static_assert(kThreads * kEach > kVouchers);
  for (std::size_t customer = 0; customer < kThreads * kEach; ++customer) {
    AddCustomer("C-" + std::to_string(customer));
  }
  std::atomic<int> granted{0};
  Race([&](std::size_t thread) {
    for (std::size_t number = thread * kEach; number < (thread + 1) * kEach; ++number) {
      const std::string text = std::to_string(number);
      const auto decided = Report(number % kServers, MakeIncident("I-" + text, "C-" + text));
      granted.fetch_add(decided.ok() && decided->code ? 1 : 0);
    }
  });
  EXPECT_EQ(granted.load(), kVouchers);
  EXPECT_TRUE(AllLettersAreSent());
  EXPECT_THAT(auditor_.Audit(true), IsEmpty());
}

}  // namespace
}  // namespace kulanz::testing
