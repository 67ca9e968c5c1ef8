// Indexes: entries ordered by score and member.

#include <gmock/gmock.h>

#include "tests/contract/store_contract.h"
#include "tests/support/status_matchers.h"

namespace kulanz::contract {
namespace {

using ports::IndexEntry;
using ports::IndexPut;
using ports::IndexRemove;
using ports::IndexSummary;
using ports::Key;
using ports::kStoredIntegerMax;
using ports::RecordKind;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class StoreIndex : public StoreContract {
 protected:
  void Fill(std::initializer_list<IndexEntry> entries) {
    std::vector<ports::TransactionWrite> writes;
    for (const IndexEntry& entry : entries) {
      writes.emplace_back(IndexPut{index_, entry});
    }
    MustCommit({}, std::move(writes));
  }
  std::vector<IndexEntry> Range(std::int64_t from, std::int64_t to, std::uint32_t limit = 100,
                                bool descending = false) {
    auto entries = ReadIndex({index_, from, to, limit, descending});
    EXPECT_TRUE(entries.ok()) << entries.status().ToString();
    return entries.ok() ? *std::move(entries) : std::vector<IndexEntry>{};
  }
  const Key index_ = KeyOf(RecordKind::kAgenda, "agenda");
};

TEST_F(StoreIndex, AnAbsentIndexIsEmpty) {
  EXPECT_THAT(Range(-10, 10), IsEmpty());
  ASSERT_OK_AND_ASSIGN(const IndexSummary summary, SummarizeIndex(index_));
  EXPECT_EQ(summary.size, 0U);
  EXPECT_EQ(summary.score_min, std::nullopt);
}

TEST_F(StoreIndex, EntriesComeByScoreAndThenByMember) {
  Fill({{"b", 2}, {"a", 2}, {"z", -1}, {"aa", 2}, {"y", 3}});
  EXPECT_THAT(Range(-10, 10),
              ElementsAre(IndexEntry{"z", -1}, IndexEntry{"a", 2}, IndexEntry{"aa", 2},
                          IndexEntry{"b", 2}, IndexEntry{"y", 3}));
  EXPECT_THAT(Range(-10, 10, 3, true),
              ElementsAre(IndexEntry{"y", 3}, IndexEntry{"b", 2}, IndexEntry{"aa", 2}));
}

TEST_F(StoreIndex, BothEndsOfARangeBelongToIt) {
  Fill({{"a", 1}, {"b", 2}, {"c", 3}, {"d", 4}});
  EXPECT_THAT(Range(2, 3), ElementsAre(IndexEntry{"b", 2}, IndexEntry{"c", 3}));
  EXPECT_THAT(Range(2, 3, 100, true), ElementsAre(IndexEntry{"c", 3}, IndexEntry{"b", 2}));
  EXPECT_THAT(Range(3, 2), IsEmpty());
  EXPECT_THAT(Range(4, 4, 1), ElementsAre(IndexEntry{"d", 4}));
}

TEST_F(StoreIndex, AMemberMovesWhenItIsPutAgain) {
  Fill({{"mail", 10}, {"other", 5}});
  Fill({{"mail", 1}});
  EXPECT_THAT(Range(0, 20), ElementsAre(IndexEntry{"mail", 1}, IndexEntry{"other", 5}));
  ASSERT_OK_AND_ASSIGN(const IndexSummary summary, SummarizeIndex(index_));
  EXPECT_EQ(summary.size, 2U);
  EXPECT_EQ(summary.score_min, 1);
}

TEST_F(StoreIndex, ARemovedMemberIsGoneAndRemovingNothingIsNoFailure) {
  Fill({{"mail", 10}, {"other", 20}});
  MustCommit({}, {IndexRemove{index_, "mail"}, IndexRemove{index_, "never there"}});
  EXPECT_THAT(Range(0, 100), ElementsAre(IndexEntry{"other", 20}));
  MustCommit({}, {IndexRemove{index_, "other"}});
  EXPECT_THAT(Range(0, 100), IsEmpty());
  MustCommit({}, {IndexRemove{index_, "other"}});
}

TEST_F(StoreIndex, ScoresAreExactToTheirLimit) {
  Fill({{"max", kStoredIntegerMax},
        {"less", kStoredIntegerMax - 1},
        {"min", -kStoredIntegerMax},
        {"more", -kStoredIntegerMax + 1}});
  EXPECT_THAT(
      MustReadIndex(index_),
      ElementsAre(IndexEntry{"min", -kStoredIntegerMax}, IndexEntry{"more", -kStoredIntegerMax + 1},
                  IndexEntry{"less", kStoredIntegerMax - 1}, IndexEntry{"max", kStoredIntegerMax}));
  MustCommit({ports::CheckScore{index_, "less", kStoredIntegerMax - 1}}, {});
  EXPECT_THAT(MustConflict({ports::CheckScore{index_, "less", kStoredIntegerMax}}, {}).scores,
              ElementsAre(kStoredIntegerMax - 1));
}

TEST_F(StoreIndex, MembersMayHoldAnyByteAndSortAsUnsigned) {
  const std::string nul("\0\r\n", 3);
  const std::string high("\xff\x80");
  Fill({{high, 1}, {nul, 1}, {"a", 1}});
  EXPECT_THAT(Range(1, 1),
              ElementsAre(IndexEntry{nul, 1}, IndexEntry{"a", 1}, IndexEntry{high, 1}));
  MustCommit({ports::CheckScore{index_, nul, 1}}, {IndexRemove{index_, nul}});
  EXPECT_THAT(Range(1, 1), ElementsAre(IndexEntry{"a", 1}, IndexEntry{high, 1}));
}

TEST_F(StoreIndex, SeveralIndexesInOneTransactionStayApart) {
  const Key other = KeyOf(RecordKind::kDecisionIndex, "customer-1");
  MustCommit({}, {IndexPut{index_, {"x", 1}}, IndexPut{other, {"x", 2}}});
  MustCommit({ports::CheckScore{index_, "x", 1}, ports::CheckScore{other, "x", 2}},
             {IndexRemove{index_, "x"}});
  EXPECT_THAT(MustReadIndex(index_), IsEmpty());
  EXPECT_THAT(MustReadIndex(other), ElementsAre(IndexEntry{"x", 2}));
}

TEST_F(StoreIndex, ALongIndexIsReadPieceByPiece) {
  for (int block = 0; block < 10; ++block) {
    std::vector<ports::TransactionWrite> writes;
    for (int entry = 0; entry < 30; ++entry) {
      const int number = block * 30 + entry;
      writes.emplace_back(IndexPut{index_, {"member " + std::to_string(number), number}});
    }
    MustCommit({}, std::move(writes));
  }
  const auto first = Range(0, 1000, 250);
  ASSERT_EQ(first.size(), 250U);
  EXPECT_EQ(Range(first.back().score + 1, 1000, 250).size(), 50U);
  ASSERT_OK_AND_ASSIGN(const IndexSummary summary, SummarizeIndex(index_));
  EXPECT_EQ(summary.size, 300U);
  EXPECT_EQ(summary.score_min, 0);
}

}  // namespace
}  // namespace kulanz::contract
