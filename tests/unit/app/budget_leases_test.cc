// What LeasedBudgetLedger promises, one promise at a time, on the deterministic scheduler.
#include "service/app/budget_leases.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <utility>

#include "tests/support/status_matchers.h"
#include "tests/unit/app/budget_fixture.h"

namespace kulanz::app {
namespace {

using kulanz::testing::StatusIs;
using simulation::FastBudgets;

using BudgetLeasesTest = BudgetFixture;

TEST_F(BudgetLeasesTest, GrantsFromAChunkThatTheRecordSetsAside) {
  Replica& replica = world_.AddReplica();
  const HoldPtr hold = Hold(replica, 5);
  const BudgetRecord record = world_.Record();
  ASSERT_EQ(record.leases.size(), 1U);
  EXPECT_EQ(record.leases[0].amount, 1'000 / 32) << "a chunk is a 32nd of the cap";
  EXPECT_EQ(record.settled, 0);
  hold->Released();
}

TEST_F(BudgetLeasesTest, ServesFromMemoryWhileTheLeaseLasts) {
  Replica& replica = world_.AddReplica();
  Spend(replica, 5);
  const int leased = Events("leased");
  for (int i = 0; i < 5; ++i) {
    Spend(replica, 5);
  }
  EXPECT_EQ(Events("leased"), leased) << "30 of a chunk of 31 need no further lease";
}

TEST_F(BudgetLeasesTest, ChunksShrinkToExactAmountsNearTheEnd) {
  Replica& replica = world_.AddReplica();
  Spend(replica, 990);
  ASSERT_TRUE(Shutdown(replica));
  Replica& other = world_.AddReplica();
  const HoldPtr hold = Hold(other, 7);
  ASSERT_EQ(world_.Record().leases.size(), 1U);
  EXPECT_EQ(world_.Record().leases[0].amount, 7);
}

TEST_F(BudgetLeasesTest, WhatIsSpentForGoodIsRefusedFirmlyAndWithoutTheStore) {
  Replica& replica = world_.AddReplica();
  Spend(replica, 996);
  EXPECT_TRUE(IsExhausted(replica, 5));
  world_.database().faults.unreachable = 1'000;
  EXPECT_TRUE(IsExhausted(replica, 5)) << "what is spent never comes back: nobody need be asked";
  world_.database().faults.unreachable = 0;
  Spend(replica, 4);
  EXPECT_TRUE(IsExhausted(replica, 1));
  EXPECT_GT(Events("exhausted"), 0);
}

TEST_F(BudgetLeasesTest, MoreThanTheWholeBudgetIsRefusedAtOnce) {
  Replica& replica = world_.AddReplica();
  world_.database().faults.unreachable = 1'000;
  EXPECT_TRUE(IsExhausted(replica, 1'001));
  world_.database().faults.unreachable = 0;
  Spend(replica, 1'000);
}

TEST_F(BudgetLeasesTest, ARaisedCapCountsAtOnce) {
  Replica& replica = world_.AddReplica();
  Spend(replica, 1'000);
  ASSERT_TRUE(IsExhausted(replica, 1));
  Result<BudgetAnswer> answer = Take(replica, 400, 1'400);
  ASSERT_TRUE(answer.ok());
  EXPECT_TRUE(std::holds_alternative<HoldPtr>(*answer));
}

TEST_F(BudgetLeasesTest, ALoweredCapRefusesWhatIsAboveIt) {
  Replica& replica = world_.AddReplica();
  Spend(replica, 600);
  Result<BudgetAnswer> answer = Take(replica, 1, 500);
  ASSERT_TRUE(answer.ok());
  EXPECT_TRUE(std::holds_alternative<BudgetExhausted>(*answer));
}

TEST_F(BudgetLeasesTest, MoneyOfAFailedCommitIsGivenToAnother) {
  Replica& replica = world_.AddReplica();
  HoldPtr all = Hold(replica, 1'000);
  ports::Transaction never_sent;
  never_sent.partition = kSomewhere;
  all->SpendIn(never_sent);
  all->Released();
  EXPECT_NE(Hold(replica, 1'000), nullptr);
}

TEST_F(BudgetLeasesTest, WhileAHoldIsOutTheAnswerIsNotFirm) {
  Replica& replica = world_.AddReplica();
  const HoldPtr all = Hold(replica, 1'000);
  Result<BudgetAnswer> answer = Take(replica, 5);
  EXPECT_THAT(answer.status(), StatusIs(Code::kUnavailable, "BUDGET_UNSETTLED"));
  EXPECT_TRUE(answer.status().retry_after().has_value());
  Apply(*all);
  all->Committed();
  EXPECT_TRUE(IsExhausted(replica, 5));
}

TEST_F(BudgetLeasesTest, AWaitingCallIsServedWhenAHoldIsReleased) {
  Replica& replica = world_.AddReplica();
  HoldPtr all = Hold(replica, 1'000);
  BudgetHold* held = all.get();
  world_.world().After(milliseconds{30}, [held] { held->Released(); });
  EXPECT_NE(Hold(replica, 5), nullptr);
}

TEST_F(BudgetLeasesTest, AHoldThatNeverReachedATransactionIsReleasedByItsEnd) {
  Replica& replica = world_.AddReplica();
  Hold(replica, 1'000).reset();
  EXPECT_NE(Hold(replica, 1'000), nullptr);
}

TEST_F(BudgetLeasesTest, AnUnknownOutcomeThatWasAppliedIsCounted) {
  Replica& replica = world_.AddReplica();
  HoldPtr hold = Hold(replica, 600);
  Apply(*hold);
  hold.reset();  // as if the answer never came
  Spend(replica, 400);
  EXPECT_TRUE(IsExhausted(replica, 1));
}

TEST_F(BudgetLeasesTest, AnUnknownOutcomeThatWasNotAppliedComesBackAndStaysOut) {
  Replica& replica = world_.AddReplica();
  HoldPtr hold = Hold(replica, 600);
  ports::Transaction late;
  late.partition = kSomewhere;
  hold->SpendIn(late);
  hold->Unknown();
  Spend(replica, 1'000);
  const auto outcome = world_.database().Apply(late);
  const auto* conflict = std::get_if<ports::Conflict>(&*outcome);
  ASSERT_NE(conflict, nullptr) << "a late transaction must find the fence";
  EXPECT_TRUE(conflict->fenced);
}

TEST_F(BudgetLeasesTest, IdleMoneyGoesBackToTheBudget) {
  Replica& replica = world_.AddReplica();
  Spend(replica, 5);
  world_.world().RunFor(FastBudgets().idle_alone + milliseconds{100});
  const BudgetRecord record = world_.Record();
  EXPECT_EQ(record.Free(1'000), 995);
  EXPECT_EQ(record.SpentAtLeast(), 5) << "what is spent is reported with it";
}

TEST_F(BudgetLeasesTest, AnUnusedLeaseLeavesTheRecordAndItsCountersExpire) {
  Replica& replica = world_.AddReplica();
  HoldPtr hold = Hold(replica, 5);
  ports::Transaction spending;
  spending.partition = kSomewhere;
  hold->SpendIn(spending);
  const auto write = std::get<ports::AddToCounter>(spending.writes.front());
  Apply(*hold);
  hold->Committed();
  world_.world().RunFor(FastBudgets().close_after + milliseconds{500});
  EXPECT_TRUE(world_.Record().leases.empty());
  EXPECT_EQ(world_.Record().settled, 5);
  EXPECT_EQ(*SyncWait(world_.database().store().ReadCounter(write.key, Deadline{})), 5);
  world_.world().RunFor(FastBudgets().counter_kept);
  EXPECT_EQ(*SyncWait(world_.database().store().ReadCounter(write.key, Deadline{})), 0);
}

TEST_F(BudgetLeasesTest, ShutdownGivesEverythingBack) {
  Replica& replica = world_.AddReplica();
  Spend(replica, 5);
  HoldPtr unknown = Hold(replica, 7);
  Apply(*unknown);
  unknown.reset();
  EXPECT_TRUE(Shutdown(replica));
  EXPECT_TRUE(world_.Record().leases.empty());
  EXPECT_EQ(world_.Record().settled, 12);
  EXPECT_THAT(Take(replica, 1).status(), StatusIs(Code::kUnavailable, "BUDGET_UNSETTLED"));
}

TEST_F(BudgetLeasesTest, ShutdownLeavesAHeldLeaseToOthersAndSaysSo) {
  Replica& replica = world_.AddReplica();
  const HoldPtr held = Hold(replica, 5);
  EXPECT_FALSE(Shutdown(replica));
}

TEST_F(BudgetLeasesTest, AStoreThatIsAwayIsReportedAtOnce) {
  Replica& replica = world_.AddReplica();
  world_.database().faults.unreachable = 1'000;
  const Deadline before = world_.world().now();
  EXPECT_THAT(Take(replica, 5).status(), StatusIs(Code::kUnavailable, "STORE_UNREACHABLE"));
  EXPECT_LE(world_.world().now() - before, milliseconds{50});
  world_.database().faults.unreachable = 0;
  EXPECT_NE(Hold(replica, 5), nullptr) << "and it works again as soon as the store does";
}

TEST_F(BudgetLeasesTest, ALostReplyToTheLeaseLeaksNothing) {
  Replica& replica = world_.AddReplica();
  Spend(replica, 5);
  world_.database().faults.lose_reply = 1'000;
  EXPECT_THAT(Take(replica, 500).status(), StatusIs(Code::kUnavailable, "BUDGET_UNSETTLED"));
  world_.database().faults.lose_reply = 0;
  EXPECT_GE(world_.Record().leases[0].amount, 505) << "it was applied";
  world_.world().RunFor(FastBudgets().store_timeout);
  Spend(replica, 995);
}

TEST_F(BudgetLeasesTest, ARecordThatFailsItsMacIsDataLossAndGivesNothing) {
  Replica& replica = world_.AddReplica();
  const Keys keys(world_.database().store().partition_count());
  const ports::Key key = keys.Budget(PeriodName(world_.Period()));
  ports::Transaction transaction;
  transaction.partition = key.partition;
  transaction.writes.emplace_back(ports::Put{key, "garbage that is long enough", std::nullopt});
  ASSERT_TRUE(world_.database().Apply(transaction).ok());
  EXPECT_THAT(Take(replica, 5).status(), StatusIs(Code::kDataLoss, "RECORD_CORRUPT"));
}

TEST_F(BudgetLeasesTest, AThousandCallsAtOnceAreFewStoreCalls) {
  Replica& replica = world_.AddReplica();
  for (int i = 0; i < 1'000; ++i) {
    world_.Ask(1);
  }
  world_.world().RunUntil([&] { return world_.open_requests() == 0; }, seconds{30});
  EXPECT_EQ(world_.granted(), 1'000U);
  EXPECT_LE(Events("leased"), 150) << "waiting calls share one acquisition";
  EXPECT_TRUE(Shutdown(replica));
}

TEST_F(BudgetLeasesTest, OneCallMoreThanMayWaitIsUnsettledAtOnce) {
  world_.settings.waiters_max = 3;
  Replica& replica = world_.AddReplica();
  const HoldPtr all = Hold(replica, 1'000);
  int unsettled = 0;
  for (int i = 0; i < 3; ++i) {
    SpawnThen(replica.ledger->Take(world_.Period(),
                                   *Money::FromMinorUnits(5, world_.Period().cap.currency()),
                                   world_.world().now() + seconds{1}),
              [&](const Result<BudgetAnswer>& answer) { unsettled += answer.ok() ? 0 : 1; });
  }
  EXPECT_EQ(unsettled, 0);
  const Deadline before = world_.world().now();
  EXPECT_THAT(Take(replica, 5).status(), StatusIs(Code::kUnavailable, "BUDGET_UNSETTLED"));
  EXPECT_EQ(world_.world().now(), before);
  world_.world().RunFor(seconds{1});
  EXPECT_EQ(unsettled, 3);
}

}  // namespace
}  // namespace kulanz::app
