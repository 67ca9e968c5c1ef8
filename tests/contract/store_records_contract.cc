// Records, versions, conflicts, expiry and genesis.

#include <gmock/gmock.h>

#include <chrono>

#include "tests/contract/store_contract.h"
#include "tests/support/status_matchers.h"

namespace kulanz::contract {
namespace {

using ports::CheckScore;
using ports::CheckVersion;
using ports::Committed;
using ports::Conflict;
using ports::Delete;
using ports::IndexPut;
using ports::Key;
using ports::Put;
using ports::Record;
using ports::RecordKind;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::IsOk;
using ::testing::SizeIs;
using testing::StatusIs;

// Every byte value, with NUL and line ends, which a text protocol could trip over.
std::string AllBytes() {
  std::string bytes("\r\n$-1\r\n");
  for (int byte = 0; byte < 256; ++byte) {
    bytes.push_back(static_cast<char>(byte));
  }
  return bytes;
}

class StoreRecords : public StoreContract {
 protected:
  const Key decision_ = KeyOf(RecordKind::kDecision, "incident-1");
  const Key history_ = KeyOf(RecordKind::kHistory, "customer-1");
  const Key voucher_ = KeyOf(RecordKind::kVoucher, "code-1");
  const Key agenda_ = KeyOf(RecordKind::kAgenda, "agenda");
};

TEST_F(StoreRecords, KnowsItsPartitionsAndItsTime) {
  EXPECT_EQ(store().partition_count(), kPartitions);
  EXPECT_THAT(store().Health(), IsOk());
  ASSERT_TRUE(store().Now().has_value());
  EXPECT_TRUE(AsTimePasses([this, before = *store().Now()] { return *store().Now() > before; }));
}

TEST_F(StoreRecords, AnAbsentRecordHasVersionZeroAndNoValue) {
  const Record record = MustRead(decision_);
  EXPECT_FALSE(record.exists());
  EXPECT_EQ(record, Record{});
}

TEST_F(StoreRecords, APutGivesTheRecordTheSequenceNumberAsItsVersion) {
  const Committed first = MustCommit({CheckVersion{decision_, 0}}, {Put{decision_, "v1", {}}});
  EXPECT_EQ(MustRead(decision_), (Record{first.sequence, "v1"}));
  const Committed second =
      MustCommit({CheckVersion{decision_, first.sequence}}, {Put{decision_, "v2", {}}});
  EXPECT_GT(second.sequence, first.sequence);
  EXPECT_EQ(MustRead(decision_), (Record{second.sequence, "v2"}));
}

TEST_F(StoreRecords, APutWithoutACheckReplacesWhateverIsThere) {
  MustCommit({}, {Put{decision_, "v1", {}}});
  const Committed second = MustCommit({}, {Put{decision_, "v2", {}}});
  EXPECT_EQ(MustRead(decision_), (Record{second.sequence, "v2"}));
}

TEST_F(StoreRecords, AVersionDoesNotComeBackAfterADelete) {
  const Committed first = MustCommit({}, {Put{decision_, "v1", {}}});
  MustCommit({CheckVersion{decision_, first.sequence}}, {Delete{decision_}});
  EXPECT_FALSE(MustRead(decision_).exists());
  const Committed again = MustCommit({CheckVersion{decision_, 0}}, {Put{decision_, "v1", {}}});
  EXPECT_NE(again.sequence, first.sequence);
  MustConflict({CheckVersion{decision_, first.sequence}}, {Put{decision_, "late", {}}});
}

TEST_F(StoreRecords, ADeleteOfNothingIsNoFailure) { MustCommit({}, {Delete{decision_}}); }

TEST_F(StoreRecords, ValuesMayHoldAnyByteAndBeEmpty) {
  const Committed done = MustCommit({}, {Put{decision_, AllBytes(), {}}, Put{history_, "", {}}});
  EXPECT_EQ(MustRead(decision_), (Record{done.sequence, AllBytes()}));
  EXPECT_EQ(MustRead(history_), (Record{done.sequence, ""}));
  const Conflict conflict =
      MustConflict({CheckVersion{decision_, 0}, CheckVersion{history_, 0}}, {});
  EXPECT_THAT(conflict.records,
              ElementsAre(Record{done.sequence, AllBytes()}, Record{done.sequence, ""}));
}

TEST_F(StoreRecords, AReadGivesTheRecordsInTheOrderOfTheKeys) {
  const Committed done = MustCommit({}, {Put{decision_, "d", {}}, Put{voucher_, "v", {}}});
  ASSERT_OK_AND_ASSIGN(const auto records, Read({voucher_, history_, decision_, voucher_}));
  EXPECT_THAT(records, ElementsAre(Record{done.sequence, "v"}, Record{}, Record{done.sequence, "d"},
                                   Record{done.sequence, "v"}));
}

TEST_F(StoreRecords, KindsAndPartitionsAreApart) {
  const Key elsewhere = KeyOf(RecordKind::kDecision, "incident-1", {4});
  MustCommit({}, {Put{decision_, "here", {}}});
  ports::Transaction other{{4}, {CheckVersion{elsewhere, 0}}, {Put{elsewhere, "there", {}}}, {}};
  ASSERT_OK_AND_ASSIGN(const auto outcome, SyncWait(store().Commit(other, Soon())));
  EXPECT_TRUE(std::holds_alternative<Committed>(outcome));
  EXPECT_EQ(MustRead(decision_).value, "here");
  EXPECT_EQ(MustRead(elsewhere).value, "there");
  EXPECT_FALSE(MustRead(KeyOf(RecordKind::kVoucher, "incident-1")).exists());
}

TEST_F(StoreRecords, AConflictWritesNothingAndShowsEveryCheckedRecordAndScoreInOrder) {
  const Committed done = MustCommit(
      {}, {Put{history_, "two vouchers", {}}, IndexPut{agenda_, {"mail", 1'700'000'000'000}}});
  const Conflict conflict = MustConflict(
      {CheckVersion{decision_, 0}, CheckScore{agenda_, "mail", 1'700'000'000'000},
       CheckVersion{history_, done.sequence + 7}, CheckScore{agenda_, "none", std::nullopt}},
      {Put{decision_, "granted", {}}, Put{history_, "three", {}}, Delete{voucher_},
       IndexPut{agenda_, {"other", 5}}});
  EXPECT_FALSE(conflict.fenced);
  EXPECT_FALSE(conflict.too_late);
  EXPECT_THAT(conflict.records, ElementsAre(Record{}, Record{done.sequence, "two vouchers"}));
  EXPECT_THAT(conflict.scores, ElementsAre(1'700'000'000'000, std::nullopt));
  EXPECT_FALSE(MustRead(decision_).exists());
  EXPECT_EQ(MustRead(history_), (Record{done.sequence, "two vouchers"}));
  EXPECT_THAT(MustReadIndex(agenda_), SizeIs(1));
}

TEST_F(StoreRecords, AScoreCheckComparesPresenceAndValue) {
  MustCommit({}, {IndexPut{agenda_, {"mail", -5}}});
  MustCommit({CheckScore{agenda_, "mail", -5}, CheckScore{agenda_, "none", {}}}, {});
  EXPECT_THAT(MustConflict({CheckScore{agenda_, "mail", {}}}, {}).scores, ElementsAre(-5));
  EXPECT_THAT(MustConflict({CheckScore{agenda_, "mail", -6}}, {}).scores, ElementsAre(-5));
  EXPECT_THAT(MustConflict({CheckScore{agenda_, "none", 0}}, {}).scores, ElementsAre(std::nullopt));
}

TEST_F(StoreRecords, ChecksAloneConfirmAndLeaveEverythingAsItIs) {
  const Committed done = MustCommit({}, {Put{decision_, "granted", {}}});
  const Committed confirmed = MustCommit({CheckVersion{decision_, done.sequence}}, {});
  EXPECT_GE(confirmed.sequence, done.sequence);
  EXPECT_EQ(MustRead(decision_), (Record{done.sequence, "granted"}));
}

TEST_F(StoreRecords, TheSequenceOfAPartitionOnlyGrows) {
  std::uint64_t last = 0;
  for (int turn = 0; turn < 20; ++turn) {
    const Committed done = MustCommit({}, {IndexPut{agenda_, {"mail", turn}}});
    EXPECT_GT(done.sequence, last);
    last = done.sequence;
  }
}

TEST_F(StoreRecords, ARecordIsGoneOnceItExpired) {
  MustCommit({}, {Put{decision_, "short", Duration(30)}, Put{history_, "long", {}}});
  EXPECT_TRUE(AsTimePasses([this] { return !MustRead(decision_).exists(); }));
  EXPECT_TRUE(MustRead(history_).exists());
  MustCommit({CheckVersion{decision_, 0}}, {});
}

TEST_F(StoreRecords, APutWithoutExpiryKeepsForEverWhatHadOne) {
  MustCommit({}, {Put{decision_, "short", Duration(30)}, Put{history_, "clock", Duration(30)}});
  MustCommit({}, {Put{decision_, "kept", {}}});
  EXPECT_TRUE(AsTimePasses([this] { return !MustRead(history_).exists(); }));
  EXPECT_TRUE(MustRead(decision_).exists());
}

TEST_F(StoreRecords, NothingIsDoneOnceItIsTooLate) {
  const Instant now = *store().Now();
  const Conflict conflict = MustConflict({CheckVersion{decision_, 0}}, {Put{decision_, "late", {}}},
                                         now - Duration(60'000));
  EXPECT_TRUE(conflict.too_late);
  EXPECT_THAT(conflict.records, ElementsAre(Record{}));
  EXPECT_FALSE(MustRead(decision_).exists());
  ASSERT_OK_AND_ASSIGN(const auto in_time,
                       Commit({}, {Put{decision_, "early", {}}}, now + Duration(60'000)));
  EXPECT_TRUE(std::holds_alternative<Committed>(in_time));
}

TEST_F(StoreRecords, WithoutItsGenesisAPartitionRefusesEverything) {
  MustCommit({}, {Put{decision_, "before", {}}});
  under_test().LoseGenesis({3});
  const auto no_genesis = StatusIs(Code::kFailedPrecondition, "NO_GENESIS");
  EXPECT_THAT(Commit({}, {Put{voucher_, "new", {}}}), no_genesis);
  EXPECT_THAT(Commit({CheckVersion{voucher_, 0}}, {}), no_genesis);
  EXPECT_THAT(Read({decision_}), no_genesis);
  EXPECT_THAT(ReadIndex({agenda_, 0, 1, 1, false}), no_genesis);
  EXPECT_THAT(SummarizeIndex(agenda_), no_genesis);
  EXPECT_THAT(ReadCounter(KeyOf(RecordKind::kDailyCounter, "n")), no_genesis);
}

TEST_F(StoreRecords, TheGenesisOfAnotherStoreIsRefused) {
  under_test().ReplaceGenesis({3});
  const auto no_genesis = StatusIs(Code::kFailedPrecondition, "NO_GENESIS");
  EXPECT_THAT(Commit({}, {Put{voucher_, "new", {}}}), no_genesis);
  EXPECT_THAT(Read({voucher_}), no_genesis);
}

TEST_F(StoreRecords, TimeNeverStepsBack) {
  Instant last = *store().Now();
  for (int turn = 0; turn < 1000; ++turn) {
    const Instant now = *store().Now();
    ASSERT_GE(now, last);
    last = now;
  }
}

}  // namespace
}  // namespace kulanz::contract
