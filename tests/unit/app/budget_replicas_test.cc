// Several replicas on one budget: they share it, and take over from the dead.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "tests/support/status_matchers.h"
#include "tests/unit/app/budget_fixture.h"

namespace kulanz::app {
namespace {

using kulanz::testing::StatusIs;
using simulation::FastBudgets;

using BudgetReplicasTest = BudgetFixture;

TEST_F(BudgetReplicasTest, TwoReplicasDrainABudgetExactly) {
  world_.AddReplica();
  world_.AddReplica();
  for (int i = 0; i < 500; ++i) {
    world_.Ask(5);
  }
  EXPECT_TRUE(world_.world().RunUntil([&] { return world_.open_requests() == 0; }, seconds{10}));
  EXPECT_EQ(world_.granted(), 200U);
  EXPECT_EQ(world_.exhausted(), 300U);
  EXPECT_EQ(world_.spent(), 1'000);
}

TEST_F(BudgetReplicasTest, RemaindersOfTwoReplicasTogetherServeAThird) {
  Replica& here = world_.AddReplica();
  Replica& there = world_.AddReplica();
  HoldPtr most = Hold(here, 993);
  HoldPtr three = Hold(here, 3);
  HoldPtr four = Hold(there, 4);
  Apply(*most);
  most->Committed();
  three->Released();
  four->Released();  // 3 are idle here, 4 there, nothing is free
  const Deadline before = world_.world().now();
  world_.Ask(5);
  EXPECT_TRUE(world_.world().RunUntil([&] { return world_.open_requests() == 0; }, seconds{2}));
  EXPECT_EQ(world_.granted(), 1U);
  EXPECT_LE(world_.world().now() - before, milliseconds{600});
}

TEST_F(BudgetReplicasTest, ABusyReplicaGivesBackWhatAnotherWants) {
  world_.settings.idle_return = seconds{30};  // it is never idle
  world_.settings.idle_alone = seconds{30};
  Replica& busy = world_.AddReplica();
  Replica& other = world_.AddReplica();
  Spend(busy, 1);     // of a chunk of 31
  Spend(other, 967);  // 2 are free now
  bool granted = false;
  for (int i = 0; i < 4 && !granted; ++i) {
    Result<BudgetAnswer> answer = Take(other, 20);
    granted = answer.ok() && std::holds_alternative<HoldPtr>(*answer);
  }
  EXPECT_TRUE(granted) << "the flag in the record must be heeded by those in use, too";
}

TEST_F(BudgetReplicasTest, ADeadReplicasMoneyComesBackButNotBeforeItsTime) {
  Replica& dead = world_.AddReplica();
  Replica& other = world_.AddReplica();
  HoldPtr spent = Hold(dead, 300);
  HoldPtr lost = Hold(dead, 600);
  Apply(*spent);
  spent->Committed();
  world_.Kill(dead);
  EXPECT_THAT(Take(other, 700).status(), StatusIs(Code::kUnavailable, "BUDGET_UNSETTLED"));
  EXPECT_EQ(Events("recovered"), 0);
  world_.world().RunFor(FastBudgets().recover_after + milliseconds{300});
  EXPECT_EQ(Events("recovered"), 1);
  Spend(other, 700);
  EXPECT_TRUE(IsExhausted(other, 1));
}

TEST_F(BudgetReplicasTest, ALivingHolderIsNotTakenForDead) {
  Replica& holder = world_.AddReplica();
  Replica& other = world_.AddReplica();
  const HoldPtr held = Hold(holder, 300);
  Spend(other, 1);
  world_.world().RunFor(FastBudgets().recover_after * 5);
  EXPECT_EQ(Events("recovered"), 0) << "its beat must go on while it holds something";
  Apply(*held);
  held->Committed();
}

TEST_F(BudgetReplicasTest, AShutdownEndsEverythingThatIsUnderWay) {
  Replica& replica = world_.AddReplica();
  HoldPtr held = Hold(replica, 5);
  world_.database().faults.lose_request = 1'000;
  EXPECT_FALSE(Shutdown(replica)) << "the store does not answer, and something is held";
  replica.ledger.reset();
  held.reset();  // outlives the ledger
  world_.world().RunFor(seconds{5});
}

TEST_F(BudgetReplicasTest, OneLeaseMoreThanABudgetMayHaveHasToWait) {
  Replica& replica = world_.AddReplica();
  BudgetRecord record;
  for (std::size_t i = 0; i < kBudgetLeasesMax; ++i) {
    record.leases.push_back({"lease-" + std::to_string(i), "somebody", 1, 0, 1, false});
  }
  world_.PutRecord(record);
  EXPECT_THAT(Take(replica, 5).status(), StatusIs(Code::kUnavailable, "BUDGET_UNSETTLED"));
  record.leases.pop_back();
  world_.PutRecord(record);
  EXPECT_NE(Hold(replica, 5), nullptr);
}

TEST_F(BudgetReplicasTest, SeveralRecoverersAgree) {
  Replica& dead = world_.AddReplica();
  HoldPtr spent = Hold(dead, 300);
  Apply(*spent);
  spent->Committed();
  std::vector<Replica*> others{&world_.AddReplica(), &world_.AddReplica(), &world_.AddReplica()};
  for (Replica* other : others) {
    Spend(*other, 1);
  }
  world_.Kill(dead);
  world_.world().RunFor(FastBudgets().recover_after * 3);
  for (Replica* other : others) {
    EXPECT_TRUE(Shutdown(*other));
  }
  EXPECT_TRUE(world_.Record().leases.empty());
  EXPECT_EQ(world_.Record().settled, 303);
}

TEST_F(BudgetReplicasTest, AHolderThatWasTakenForDeadIsFencedAndDecidesAgain) {
  Replica& slow = world_.AddReplica();
  Replica& other = world_.AddReplica();
  HoldPtr held = Hold(slow, 400);
  Spend(other, 1);
  slow.process.Stop();
  world_.world().RunFor(FastBudgets().recover_after * 2);
  ASSERT_EQ(Events("recovered"), 1);
  slow.process.Continue();
  const ports::CommitOutcome outcome = Apply(*held);
  const auto* conflict = std::get_if<ports::Conflict>(&outcome);
  ASSERT_NE(conflict, nullptr);
  ASSERT_TRUE(conflict->fenced);
  held->Fenced();
  Spend(slow, 400);
  Spend(other, 599);
  EXPECT_TRUE(IsExhausted(slow, 1));
}

TEST_F(BudgetReplicasTest, ALeaseThatNobodyHasConfirmedForLongGivesNothing) {
  Replica& slow = world_.AddReplica();
  Spend(slow, 5);
  slow.process.Stop();
  world_.world().RunFor(FastBudgets().trust + milliseconds{1});
  world_.database().faults.unreachable = 1'000;
  slow.process.Continue();
  EXPECT_THAT(Take(slow, 1).status(), StatusIs(Code::kUnavailable, "STORE_UNREACHABLE"));
}

}  // namespace
}  // namespace kulanz::app
