// Every limit, at the limit and one past it; what breaks one has no effect.

#include <gmock/gmock.h>

#include "tests/contract/store_contract.h"
#include "tests/support/status_matchers.h"

namespace kulanz::contract {
namespace {

using ports::AddToCounter;
using ports::CheckScore;
using ports::CheckVersion;
using ports::Delete;
using ports::FenceCounter;
using ports::IndexPut;
using ports::IndexRemove;
using ports::Key;
using ports::kStoredIntegerMax;
using ports::Put;
using ports::RecordKind;
using ::testing::HasSubstr;
using testing::IsOk;
using testing::StatusIs;

class StoreLimits : public StoreContract {
 protected:
  // `write` is refused, with a message that holds `words`, and takes a put beside it down with it.
  void ExpectRefused(const ports::TransactionWrite& write, std::string_view words) {
    ExpectRefused({}, {Put{bystander_, "applied", {}}, write}, words);
  }
  void ExpectRefused(std::vector<ports::TransactionCheck> checks,
                     std::vector<ports::TransactionWrite> writes, std::string_view words) {
    const auto outcome = Commit(std::move(checks), std::move(writes));
    EXPECT_THAT(outcome, StatusIs(Code::kInvalidArgument, "STORE_LIMIT"));
    EXPECT_THAT(outcome.status().message(), HasSubstr(std::string(words)));
    EXPECT_FALSE(MustRead(bystander_).exists()) << "a refused transaction must apply nothing";
  }

  const Key bystander_ = KeyOf(RecordKind::kClaim, "bystander");
  const Key record_ = KeyOf(RecordKind::kDecision, "record");
  const Key index_ = KeyOf(RecordKind::kAgenda, "index");
  const Key counter_ = KeyOf(RecordKind::kDailyCounter, "counter");
};

TEST_F(StoreLimits, AValueMayFillItsLimit) {
  const std::string largest(ports::kRecordBytesMax, '\xa5');
  MustCommit({}, {Put{record_, largest, {}}});
  EXPECT_EQ(MustRead(record_).value, largest);
  ExpectRefused(Put{record_, largest + "x", {}}, "kRecordBytesMax of 65536");
  EXPECT_EQ(MustRead(record_).value, largest);
}

TEST_F(StoreLimits, AMemberMayFillItsLimitAndMayNotBeEmpty) {
  const std::string largest(ports::kIndexMemberBytesMax, 'm');
  MustCommit({CheckScore{index_, largest, {}}}, {IndexPut{index_, {largest, 1}}});
  EXPECT_EQ(MustReadIndex(index_).size(), 1U);
  ExpectRefused(IndexPut{index_, {largest + "m", 1}}, "kIndexMemberBytesMax of 128");
  ExpectRefused(IndexRemove{index_, largest + "m"}, "kIndexMemberBytesMax of 128");
  ExpectRefused(IndexPut{index_, {"", 1}}, "empty index member");
  ExpectRefused({CheckScore{index_, "", {}}}, {}, "empty index member");
  EXPECT_EQ(MustReadIndex(index_).size(), 1U);
}

TEST_F(StoreLimits, IntegersStayWithin53Bits) {
  ExpectRefused(IndexPut{index_, {"m", kStoredIntegerMax + 1}}, "kStoredIntegerMax");
  ExpectRefused(IndexPut{index_, {"m", -kStoredIntegerMax - 1}}, "kStoredIntegerMax");
  ExpectRefused(AddToCounter{counter_, kStoredIntegerMax + 1, {}}, "kStoredIntegerMax");
  ExpectRefused({CheckScore{index_, "m", kStoredIntegerMax + 1}}, {}, "kStoredIntegerMax");
  EXPECT_THAT(ReadIndex({index_, -kStoredIntegerMax - 1, 0, 1, false}),
              StatusIs(Code::kInvalidArgument, "STORE_LIMIT"));
}

TEST_F(StoreLimits, ATransactionHasAtMost32ChecksAndWrites) {
  std::vector<ports::TransactionCheck> checks;
  std::vector<ports::TransactionWrite> writes;
  for (std::size_t op = 0; op < ports::kTransactionOpsMax / 2; ++op) {
    checks.emplace_back(CheckVersion{KeyOf(RecordKind::kClaim, "c" + std::to_string(op)), 0});
    writes.emplace_back(Put{KeyOf(RecordKind::kClaim, "w" + std::to_string(op)), "x", {}});
  }
  MustCommit(checks, writes);
  writes.emplace_back(Put{bystander_, "applied", {}});
  ExpectRefused(checks, writes, "kTransactionOpsMax of 34");
  ExpectRefused({}, {}, "a transaction of 0 checks and writes");
}

TEST_F(StoreLimits, AReadHasOneTo64Keys) {
  std::vector<Key> keys(ports::kReadKeysMax, record_);
  EXPECT_THAT(Read(keys), IsOk());
  keys.push_back(record_);
  const auto refused = Read(keys);
  EXPECT_THAT(refused, StatusIs(Code::kInvalidArgument, "STORE_LIMIT"));
  EXPECT_THAT(refused.status().message(), HasSubstr("kReadKeysMax of 64"));
  EXPECT_THAT(Read({}), StatusIs(Code::kInvalidArgument, "STORE_LIMIT"));
}

TEST_F(StoreLimits, ARangeHasALimitOfOneTo1000) {
  EXPECT_THAT(ReadIndex({index_, 0, 1, ports::kIndexRangeMax, false}), IsOk());
  for (const std::uint32_t limit : {std::uint32_t{0}, ports::kIndexRangeMax + 1}) {
    const auto refused = ReadIndex({index_, 0, 1, limit, false});
    EXPECT_THAT(refused, StatusIs(Code::kInvalidArgument, "STORE_LIMIT"));
    EXPECT_THAT(refused.status().message(), HasSubstr("kIndexRangeMax of 1000"));
  }
}

TEST_F(StoreLimits, ExpiriesAreOneMillisecondTo100Years) {
  MustCommit({}, {Put{record_, "x", ports::kExpiresInMax}, Put{bystander_, "x", Duration(1)},
                  AddToCounter{counter_, 1, ports::kExpiresInMax}});
  EXPECT_TRUE(AsTimePasses([this] { return !MustRead(bystander_).exists(); }));
  ExpectRefused(Put{record_, "x", Duration(0)}, "expires_in");
  ExpectRefused(Put{record_, "x", ports::kExpiresInMax + Duration(1)}, "expires_in");
  ExpectRefused(AddToCounter{counter_, 1, Duration(0)}, "expires_in");
  ExpectRefused(FenceCounter{counter_, Duration(-1)}, "expires_in");
}

TEST_F(StoreLimits, AKeyIsOfOnePartitionThatExists) {
  ExpectRefused(Put{KeyOf(RecordKind::kDecision, "x", {4}), "x", {}}, "partition 4");
  ExpectRefused({CheckVersion{KeyOf(RecordKind::kDecision, "x", {4}), 0}}, {}, "partition 4");
  const Key beyond = KeyOf(RecordKind::kDecision, "x", {kPartitions});
  ports::Transaction outside{beyond.partition, {}, {Put{beyond, "x", {}}}, {}};
  EXPECT_THAT(SyncWait(store().Commit(outside, Soon())),
              StatusIs(Code::kInvalidArgument, "STORE_LIMIT"));
  EXPECT_THAT(Read({beyond}), StatusIs(Code::kInvalidArgument, "STORE_LIMIT"));
  EXPECT_THAT(Read({record_, KeyOf(RecordKind::kDecision, "x", {4})}),
              StatusIs(Code::kInvalidArgument, "STORE_LIMIT"));
}

TEST_F(StoreLimits, AKindIsUsedInItsOwnShapeOnly) {
  ExpectRefused(Put{index_, "x", {}}, "kind 'a'");
  ExpectRefused(Delete{counter_}, "kind 'n'");
  ExpectRefused(AddToCounter{record_, 1, {}}, "kind 'd'");
  ExpectRefused(FenceCounter{index_, {}}, "kind 'a'");
  ExpectRefused(IndexPut{record_, {"m", 1}}, "kind 'd'");
  ExpectRefused(IndexRemove{counter_, "m"}, "kind 'n'");
  ExpectRefused({CheckVersion{counter_, 0}}, {}, "kind 'n'");
  ExpectRefused({CheckScore{record_, "m", {}}}, {}, "kind 'd'");
  EXPECT_THAT(Read({index_}), StatusIs(Code::kInvalidArgument, "STORE_LIMIT"));
  EXPECT_THAT(ReadIndex({record_, 0, 1, 1, false}),
              StatusIs(Code::kInvalidArgument, "STORE_LIMIT"));
  EXPECT_THAT(SummarizeIndex(counter_), StatusIs(Code::kInvalidArgument, "STORE_LIMIT"));
  EXPECT_THAT(ReadCounter(record_), StatusIs(Code::kInvalidArgument, "STORE_LIMIT"));
}

TEST_F(StoreLimits, NothingIsWrittenTwiceInOneTransaction) {
  ExpectRefused({}, {Put{record_, "x", {}}, Put{record_, "y", {}}}, "written twice");
  ExpectRefused({}, {Put{record_, "x", {}}, Delete{record_}}, "written twice");
  ExpectRefused({}, {AddToCounter{counter_, 1, {}}, FenceCounter{counter_, {}}}, "written twice");
  ExpectRefused({}, {IndexPut{index_, {"m", 1}}, IndexRemove{index_, "m"}}, "written twice");
  MustCommit({}, {IndexPut{index_, {"m", 1}}, IndexPut{index_, {"n", 1}}});
}

}  // namespace
}  // namespace kulanz::contract
