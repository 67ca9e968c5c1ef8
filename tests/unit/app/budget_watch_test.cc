// What operators are told of budgets: from the records, of the period of now, nothing that is not known.

#include "service/app/budget_watch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "service/app/record_budget.h"
#include "service/engine/budget_period.h"
#include "service/policy/loader.h"
#include "tests/support/paths/paths.h"
#include "tests/unit/app/app_fixture.h"

namespace kulanz::app {
namespace {

using ::testing::ElementsAre;

class LevelLog final : public ports::NullTelemetry {
 public:
  void BudgetsObserved(std::span<const ports::BudgetLevel> levels) override {
    told.clear();
    for (const ports::BudgetLevel& level : levels) {
      told.push_back(std::string(level.budget) + ": " + level.remaining.ToString() + " of " +
                     level.amount.ToString());
    }
    ++rounds;
  }
  std::vector<std::string> told;
  int rounds = 0;
};

class BudgetWatchTest : public AppFixture {
 protected:
  void Put(std::string value) {
    ports::Transaction transaction;
    transaction.partition = key_.partition;
    transaction.writes = {ports::Put{key_, std::move(value), std::nullopt}};
    const auto outcome = SyncWait(store_.Commit(transaction, Soon()));
    ASSERT_TRUE(outcome.ok() && std::holds_alternative<ports::Committed>(*outcome));
  }
  void Put(const BudgetRecord& record) { Put(EncodeBudget(codec_, key_, period_, record)); }
  std::vector<std::string> Told() {
    EXPECT_TRUE(SyncWait(watch_.Observe()));
    return levels_.told;
  }

  const engine::BudgetPeriod period_ = BudgetsOf(*policies_.Current(), now_).front();
  const ports::Key key_ = keys_.Budget(PeriodName(period_));
  LevelLog levels_;
  BudgetWatch watch_{{.store = store_,
                      .scheduler = scheduler_,
                      .telemetry = levels_,
                      .keys = keys_,
                      .codec = codec_,
                      .policies = policies_}};
};

TEST_F(BudgetWatchTest, TellsWhatIsSpentForGoodAndWhatHoldersReported) {
  EXPECT_THAT(Told(), ElementsAre("logistics: 40.00 EUR of 40.00 EUR")) << "nothing is stored yet";
  Put(BudgetRecord{.settled = 1'250,
                   .leases = {{.id = "a", .holder = "one", .amount = 1'000, .spent = 250},
                              {.id = "b", .holder = "two", .amount = 500}}});
  EXPECT_THAT(Told(), ElementsAre("logistics: 25.00 EUR of 40.00 EUR"))
      << "what is only set aside is not spent";
  Put(BudgetRecord{.settled = 9'000, .leases = {}});
  EXPECT_THAT(Told(), ElementsAre("logistics: 0.00 EUR of 40.00 EUR"))
      << "a cap that was lowered afterwards owes nothing";
  now_ += std::chrono::hours{24 * 31};
  EXPECT_THAT(Told(), ElementsAre("logistics: 40.00 EUR of 40.00 EUR")) << "another month";
}

TEST_F(BudgetWatchTest, WhatIsNotKnownIsNotTold) {
  Put("no record");
  EXPECT_TRUE(Told().empty()) << "damaged";
  const int rounds = levels_.rounds;
  policies_.Replace(nullptr);
  EXPECT_FALSE(SyncWait(watch_.Observe())) << "no policies";
  EXPECT_EQ(levels_.rounds, rounds);
}

TEST(BudgetsOfTest, PoliciesThatShareABudgetHaveOne) {
  const auto loaded = policy::LoadPolicySet(test::SourcePath("tests/simulation/rules"));
  ASSERT_TRUE(loaded.ok());
  const auto budgets = BudgetsOf(*loaded.policies, *ParseInstant("2026-10-15T12:00:00Z"));
  ASSERT_EQ(budgets.size(), 1U);
  EXPECT_EQ(budgets.front().name, "logistics");
  EXPECT_EQ(budgets.front().cap.ToString(), "60.00 EUR");
  EXPECT_EQ(budgets.front().starts,
            engine::PeriodStart(policy::Every::kMonth, budgets.front().starts));
}

}  // namespace
}  // namespace kulanz::app
