#include "tests/contract/store_contract.h"

#include <algorithm>

#include "service/base/crypto.h"
#include "tests/support/eventually.h"

namespace kulanz::contract {

using ports::Key;
using ports::PartitionId;
using ports::RecordKind;

Key StoreContract::KeyOf(RecordKind kind, std::string_view name, PartitionId partition) {
  Key key{partition, kind, {}};
  const Sha256Digest digest = Sha256(name);
  std::copy_n(digest.begin(), key.hash.size(), key.hash.begin());
  return key;
}

Deadline StoreContract::Soon() {
  return std::chrono::steady_clock::now() + std::chrono::seconds(20);
}

Result<std::vector<ports::Record>> StoreContract::Read(std::vector<Key> keys) {
  return SyncWait(store().Read(std::move(keys), Soon()));
}

Result<ports::CommitOutcome> StoreContract::Commit(std::vector<ports::TransactionCheck> checks,
                                                   std::vector<ports::TransactionWrite> writes,
                                                   std::optional<Instant> not_after) {
  ports::Transaction transaction{{3}, std::move(checks), std::move(writes), not_after};
  return SyncWait(store().Commit(std::move(transaction), Soon()));
}

Result<std::vector<ports::IndexEntry>> StoreContract::ReadIndex(ports::IndexRange range) {
  return SyncWait(store().ReadIndex(range, Soon()));
}

Result<ports::IndexSummary> StoreContract::SummarizeIndex(Key index) {
  return SyncWait(store().SummarizeIndex(index, Soon()));
}

Result<std::int64_t> StoreContract::ReadCounter(Key counter) {
  return SyncWait(store().ReadCounter(counter, Soon()));
}

ports::Record StoreContract::MustRead(const Key& key) {
  Result<std::vector<ports::Record>> records = Read({key});
  if (!records.ok() || records->size() != 1) {
    ADD_FAILURE() << "a read must give one record: " << records.status().ToString();
    return {};
  }
  return std::move(records->front());
}

ports::Committed StoreContract::MustCommit(std::vector<ports::TransactionCheck> checks,
                                           std::vector<ports::TransactionWrite> writes) {
  Result<ports::CommitOutcome> outcome = Commit(std::move(checks), std::move(writes));
  if (!outcome.ok() || !std::holds_alternative<ports::Committed>(*outcome)) {
    ADD_FAILURE() << "must commit: " << (outcome.ok() ? "a conflict" : outcome.status().ToString());
    return {};
  }
  return std::get<ports::Committed>(*std::move(outcome));
}

ports::Conflict StoreContract::MustConflict(std::vector<ports::TransactionCheck> checks,
                                            std::vector<ports::TransactionWrite> writes,
                                            std::optional<Instant> not_after) {
  Result<ports::CommitOutcome> outcome = Commit(std::move(checks), std::move(writes), not_after);
  if (!outcome.ok() || !std::holds_alternative<ports::Conflict>(*outcome)) {
    ADD_FAILURE() << "must conflict: "
                  << (outcome.ok() ? "it committed" : outcome.status().ToString());
    return {};
  }
  return std::get<ports::Conflict>(*std::move(outcome));
}

std::int64_t StoreContract::MustReadCounter(const Key& counter) {
  Result<std::int64_t> value = ReadCounter(counter);
  EXPECT_TRUE(value.ok()) << value.status().ToString();
  return value.ok() ? *value : 0;
}

std::vector<ports::IndexEntry> StoreContract::MustReadIndex(const Key& index) {
  Result<std::vector<ports::IndexEntry>> entries = ReadIndex(
      {index, -ports::kStoredIntegerMax, ports::kStoredIntegerMax, ports::kIndexRangeMax, false});
  EXPECT_TRUE(entries.ok()) << entries.status().ToString();
  return entries.ok() ? *std::move(entries) : std::vector<ports::IndexEntry>{};
}

bool StoreContract::AsTimePasses(const std::function<bool()>& predicate) {
  return testing::Eventually([&] {
    if (predicate()) {
      return true;
    }
    under_test().LetTimePass();
    return false;
  });
}

}  // namespace kulanz::contract
