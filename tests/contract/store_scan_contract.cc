// The scan: every key that stays is given, whatever comes and goes meanwhile.

#include <gmock/gmock.h>

#include <functional>
#include <set>

#include "tests/contract/store_contract.h"
#include "tests/support/status_matchers.h"

namespace kulanz::contract {
namespace {

using ports::AddToCounter;
using ports::Delete;
using ports::IndexPut;
using ports::Put;
using ports::RecordKind;
using ::testing::IsEmpty;
using ::testing::IsSupersetOf;

class StoreScan : public StoreContract {
 protected:
  void Write(ports::PartitionId partition, ports::TransactionWrite write) {
    ports::Transaction transaction;
    transaction.partition = partition;
    transaction.writes.push_back(std::move(write));
    const auto outcome = SyncWait(store().Commit(std::move(transaction), Soon()));
    ASSERT_TRUE(outcome.ok()) << outcome.status().ToString();
  }
  // All pages; `between` is called after each.
  std::set<ports::Key> ScanAll(std::uint32_t limit, const std::function<void()>& between = {}) {
    std::set<ports::Key> keys;
    std::string cursor;
    std::uint32_t progress = 0;
    do {
      const auto page = SyncWait(scan().Scan(cursor, limit, Soon()));
      EXPECT_TRUE(page.ok()) << page.status().ToString();
      if (!page.ok()) {
        break;
      }
      EXPECT_EQ(page->foreign, 0U);
      EXPECT_LE(page->per_mille, 1000U);
      EXPECT_GE(page->per_mille, progress);
      progress = page->per_mille;
      keys.insert(page->keys.begin(), page->keys.end());
      cursor = page->next;
      if (between) {
        between();
      }
    } while (!cursor.empty());
    EXPECT_EQ(progress, 1000U);
    return keys;
  }
  std::vector<ports::Key> Fill(int count) {
    std::vector<ports::Key> keys;
    for (int i = 0; i < count; ++i) {
      const ports::PartitionId partition{static_cast<std::uint16_t>(i % int{kPartitions})};
      keys.push_back(KeyOf(RecordKind::kDecision, "kept " + std::to_string(i), partition));
      Write(partition, Put{keys.back(), "value", std::nullopt});
    }
    return keys;
  }
};

TEST_F(StoreScan, AnEmptyStoreHasNoKeys) { EXPECT_THAT(ScanAll(100), IsEmpty()); }

TEST_F(StoreScan, KeysOfEveryShapeComeAndTheGenesisDoesNot) {
  const ports::Key record = KeyOf(RecordKind::kClaim, "a", {1});
  const ports::Key counter = KeyOf(RecordKind::kLeaseCounter, "b", {2});
  const ports::Key index = KeyOf(RecordKind::kAgenda, "c", {15});
  Write({1}, Put{record, "value", std::nullopt});
  Write({2}, AddToCounter{counter, 1, std::nullopt});
  Write({15}, IndexPut{index, {"member", 7}});
  EXPECT_EQ(ScanAll(1000), (std::set<ports::Key>{record, counter, index}));
}

TEST_F(StoreScan, SmallPagesGiveEveryKeyOfEveryPartition) {
  const std::vector<ports::Key> kept = Fill(300);
  EXPECT_EQ(ScanAll(7), std::set<ports::Key>(kept.begin(), kept.end()));
}

TEST_F(StoreScan, KeysThatStayAreGivenWhileOthersComeAndGo) {
  const std::vector<ports::Key> kept = Fill(200);
  int round = 0;
  const auto churn = [&] {
    for (int i = 0; i < 40; ++i) {
      const ports::PartitionId partition{static_cast<std::uint16_t>(i % int{kPartitions})};
      const std::string name = std::to_string(round) + "/" + std::to_string(i);
      const std::string before = std::to_string(round - 1) + "/" + std::to_string(i);
      if (round < 10) {
        Write(partition, Put{KeyOf(RecordKind::kVoucher, name, partition), "v", std::nullopt});
      }
      Write(partition, Delete{KeyOf(RecordKind::kVoucher, before, partition)});
    }
    ++round;
  };
  EXPECT_THAT(ScanAll(20, churn), IsSupersetOf(kept));
}

TEST_F(StoreScan, WhatExpiredIsNotGiven) {
  const ports::Key key = KeyOf(RecordKind::kClaim, "short", {3});
  Write({3}, Put{key, "value", Duration{1}});
  EXPECT_TRUE(AsTimePasses([&] { return ScanAll(10).empty(); }));
}

TEST_F(StoreScan, LimitsAndForeignCursorsAreRefused) {
  const auto refused = [this](std::string cursor, std::uint32_t limit) {
    return SyncWait(scan().Scan(std::move(cursor), limit, Soon())).status().reason();
  };
  EXPECT_EQ(refused("", 0), "STORE_LIMIT");
  EXPECT_EQ(refused("", ports::kScanLimitMax + 1), "STORE_LIMIT");
  EXPECT_EQ(refused("not a cursor", 10), "STORE_LIMIT");
  EXPECT_EQ(refused("16:0", 10), "STORE_LIMIT");
  EXPECT_TRUE(SyncWait(scan().Scan("", ports::kScanLimitMax, Soon())).ok());
}

}  // namespace
}  // namespace kulanz::contract
