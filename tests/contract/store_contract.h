// The contract of the Store port, as a suite that runs on every implementation.
//
// One program per implementation links the tests (store_*_contract.cc) and defines MakeStoreUnderTest
// (memory_store_test.cc, redis_store_test.cc). What an implementation does beyond the port
// (connections, scripts, files) is tested elsewhere.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "service/ports/store.h"
#include "service/ports/store_scan.h"

namespace kulanz::contract {

// A store, freshly initialised with kPartitions partitions, and the levers that its contract needs.
inline constexpr std::uint32_t kPartitions = 16;
class StoreUnderTest {
 public:
  virtual ~StoreUnderTest() = default;
  virtual ports::Store& store() = 0;
  virtual ports::StoreScan& scan() = 0;
  // The partition's genesis record is gone, or that of another store.
  virtual void LoseGenesis(ports::PartitionId partition) = 0;
  virtual void ReplaceGenesis(ports::PartitionId partition) = 0;
  // Lets the store's time move by a few milliseconds.
  virtual void LetTimePass() = 0;
};

// Defined by the program; one per test.
std::unique_ptr<StoreUnderTest> MakeStoreUnderTest();

class StoreContract : public ::testing::Test {
 protected:
  // In the default partition unless said otherwise; equal names are equal keys.
  static ports::Key KeyOf(ports::RecordKind kind, std::string_view name,
                          ports::PartitionId partition = {3});
  static Deadline Soon();

  StoreContract() : under_test_(MakeStoreUnderTest()) {}

  ports::Store& store() { return under_test_->store(); }
  ports::StoreScan& scan() { return under_test_->scan(); }
  StoreUnderTest& under_test() { return *under_test_; }

  Result<std::vector<ports::Record>> Read(std::vector<ports::Key> keys);
  Result<ports::CommitOutcome> Commit(std::vector<ports::TransactionCheck> checks,
                                      std::vector<ports::TransactionWrite> writes,
                                      std::optional<Instant> not_after = std::nullopt);
  Result<std::vector<ports::IndexEntry>> ReadIndex(ports::IndexRange range);
  Result<ports::IndexSummary> SummarizeIndex(ports::Key index);
  Result<std::int64_t> ReadCounter(ports::Key counter);

  // For what must succeed: the test fails otherwise, and a default comes back.
  ports::Record MustRead(const ports::Key& key);
  ports::Committed MustCommit(std::vector<ports::TransactionCheck> checks,
                              std::vector<ports::TransactionWrite> writes);
  ports::Conflict MustConflict(std::vector<ports::TransactionCheck> checks,
                               std::vector<ports::TransactionWrite> writes,
                               std::optional<Instant> not_after = std::nullopt);
  std::int64_t MustReadCounter(const ports::Key& counter);
  std::vector<ports::IndexEntry> MustReadIndex(const ports::Key& index);
  // Until `predicate` holds, letting the store's time pass; false after a generous number of seconds.
  bool AsTimePasses(const std::function<bool()>& predicate);

 private:
  std::unique_ptr<StoreUnderTest> under_test_;
};

}  // namespace kulanz::contract
