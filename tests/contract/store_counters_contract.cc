// Counters and their fences.

#include <gmock/gmock.h>

#include "tests/contract/store_contract.h"
#include "tests/support/status_matchers.h"

namespace kulanz::contract {
namespace {

using ports::AddToCounter;
using ports::CheckVersion;
using ports::Conflict;
using ports::FenceCounter;
using ports::Key;
using ports::kStoredIntegerMax;
using ports::Put;
using ports::Record;
using ports::RecordKind;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::StatusIs;

// When a counter ends that the next commit must still find, also on a busy machine.
constexpr Duration kSoon{500};

class StoreCounters : public StoreContract {
 protected:
  const Key lease_ = KeyOf(RecordKind::kLeaseCounter, "lease-1");
  const Key daily_ = KeyOf(RecordKind::kDailyCounter, "2026-03-01");
  const Key decision_ = KeyOf(RecordKind::kDecision, "incident-1");
};

TEST_F(StoreCounters, ACounterStartsAtZeroAndAddsUp) {
  EXPECT_EQ(MustReadCounter(lease_), 0);
  MustCommit({}, {AddToCounter{lease_, 500, {}}});
  MustCommit({}, {AddToCounter{lease_, -120, {}}, AddToCounter{daily_, 1, {}}});
  EXPECT_EQ(MustReadCounter(lease_), 380);
  EXPECT_EQ(MustReadCounter(daily_), 1);
}

TEST_F(StoreCounters, SumsAreExactUpToTheLimitAndRefusedBeyond) {
  MustCommit({}, {AddToCounter{lease_, kStoredIntegerMax - 1, {}}});
  MustCommit({}, {AddToCounter{lease_, 1, {}}, AddToCounter{daily_, -kStoredIntegerMax, {}}});
  EXPECT_EQ(MustReadCounter(lease_), kStoredIntegerMax);
  EXPECT_EQ(MustReadCounter(daily_), -kStoredIntegerMax);
  const auto out_of_range = StatusIs(Code::kOutOfRange, "COUNTER_RANGE");
  EXPECT_THAT(Commit({}, {Put{decision_, "granted", {}}, AddToCounter{lease_, 1, {}}}),
              out_of_range);
  EXPECT_THAT(Commit({}, {AddToCounter{lease_, kStoredIntegerMax, {}}}), out_of_range);
  EXPECT_THAT(Commit({}, {AddToCounter{daily_, -1, {}}}), out_of_range);
  EXPECT_FALSE(MustRead(decision_).exists()) << "nothing of a refused transaction may be applied";
  EXPECT_EQ(MustReadCounter(lease_), kStoredIntegerMax);
  EXPECT_EQ(MustReadCounter(daily_), -kStoredIntegerMax);
}

TEST_F(StoreCounters, AFenceReadsTheCounterAndStopsAdditions) {
  MustCommit({}, {AddToCounter{lease_, 700, {}}, AddToCounter{daily_, 2, {}}});
  EXPECT_THAT(MustCommit({}, {FenceCounter{lease_, {}}}).counters, ElementsAre(700));
  const Conflict conflict = MustConflict(
      {CheckVersion{decision_, 0}},
      {Put{decision_, "granted", {}}, AddToCounter{lease_, 1, {}}, AddToCounter{daily_, 1, {}}});
  EXPECT_TRUE(conflict.fenced);
  EXPECT_FALSE(conflict.too_late);
  EXPECT_THAT(conflict.records, ElementsAre(Record{}));
  EXPECT_FALSE(MustRead(decision_).exists());
  EXPECT_EQ(MustReadCounter(lease_), 700) << "a fenced counter can still be read";
  EXPECT_EQ(MustReadCounter(daily_), 2);
}

TEST_F(StoreCounters, FencingAgainGivesTheSameValue) {
  MustCommit({}, {AddToCounter{lease_, -700, {}}});
  EXPECT_THAT(MustCommit({}, {FenceCounter{lease_, {}}}).counters, ElementsAre(-700));
  EXPECT_THAT(MustCommit({}, {FenceCounter{lease_, {}}}).counters, ElementsAre(-700));
}

TEST_F(StoreCounters, AFenceHoldsOnACounterThatWasNeverUsed) {
  EXPECT_THAT(MustCommit({}, {FenceCounter{lease_, {}}}).counters, ElementsAre(0));
  EXPECT_TRUE(MustConflict({}, {AddToCounter{lease_, 1, {}}}).fenced);
  EXPECT_EQ(MustReadCounter(lease_), 0);
}

TEST_F(StoreCounters, FencesReportTheirCountersInOrder) {
  MustCommit({}, {AddToCounter{lease_, 11, {}}, AddToCounter{daily_, 22, {}}});
  const auto done =
      MustCommit({}, {FenceCounter{daily_, {}}, Put{decision_, "x", {}}, FenceCounter{lease_, {}}});
  EXPECT_THAT(done.counters, ElementsAre(22, 11));
}

TEST_F(StoreCounters, AConflictFencesNothing) {
  MustConflict({CheckVersion{decision_, 9}}, {FenceCounter{lease_, {}}});
  MustCommit({}, {AddToCounter{lease_, 1, {}}});
  EXPECT_THAT(MustCommit({}, {AddToCounter{lease_, 1, {}}}).counters, IsEmpty());
}

TEST_F(StoreCounters, ACounterIsGoneOnceItExpired) {
  MustCommit({}, {AddToCounter{daily_, 5, Duration(30)}, AddToCounter{lease_, 5, {}}});
  EXPECT_TRUE(AsTimePasses([this] { return MustReadCounter(daily_) == 0; }));
  EXPECT_EQ(MustReadCounter(lease_), 5);
  MustCommit({}, {AddToCounter{daily_, 1, {}}});
  EXPECT_EQ(MustReadCounter(daily_), 1);
}

TEST_F(StoreCounters, AnAdditionMovesTheExpiryOnlyWhenItNamesOne) {
  const Key untouched = KeyOf(RecordKind::kDailyCounter, "untouched");
  MustCommit({}, {AddToCounter{daily_, 5, kSoon}, AddToCounter{lease_, 5, kSoon},
                  AddToCounter{untouched, 5, kSoon}});
  MustCommit({}, {AddToCounter{daily_, 1, {}}, AddToCounter{lease_, 1, Duration(3'600'000)}});
  EXPECT_TRUE(AsTimePasses(
      [&] { return MustReadCounter(untouched) == 0 && MustReadCounter(daily_) == 0; }));
  EXPECT_EQ(MustReadCounter(lease_), 6);
}

TEST_F(StoreCounters, AFenceEndsWithItsExpiryAndLastsForEverWithoutOne) {
  MustCommit({}, {AddToCounter{daily_, 5, kSoon}, AddToCounter{lease_, 5, kSoon}});
  MustCommit({}, {FenceCounter{daily_, kSoon}, FenceCounter{lease_, {}}});
  EXPECT_TRUE(AsTimePasses([this] { return MustReadCounter(daily_) == 0; }));
  MustCommit({}, {AddToCounter{daily_, 1, {}}});
  EXPECT_TRUE(MustConflict({}, {AddToCounter{lease_, 1, {}}}).fenced);
  EXPECT_EQ(MustReadCounter(lease_), 5);
}

}  // namespace
}  // namespace kulanz::contract
