// MemoryStore: the Store port in this process' memory.
//
// Product code: the `kulanz` command decides over it, and the simulator runs the whole application on
// it. Deterministic: the outcome of a call depends on the calls before it and on the clock handed in.
//
// Thread-safety: any method from any thread; calls are applied one at a time. Tasks complete on the
// caller's thread, without suspending. Deadlines are not looked at: nothing here can be late.
// Failures: only INVALID_ARGUMENT / STORE_LIMIT, OUT_OF_RANGE / COUNTER_RANGE and, after LoseGenesis or
// ReplaceGenesis, FAILED_PRECONDITION / NO_GENESIS.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "service/ports/store.h"
#include "service/ports/store_scan.h"

namespace kulanz::memory {

class MemoryStore final : public ports::Store, public ports::StoreScan {
 public:
  struct Options {
    std::uint32_t partition_count = 256;  // a power of two, 1 to kPartitionsMax (checked)
    std::string store_id = "memory";
    // The store's clock; called under the store's lock, so it must not call the store.
    std::function<Instant()> clock;
  };

  explicit MemoryStore(Options options);

  std::uint32_t partition_count() const override;
  Task<Result<std::vector<ports::Record>>> Read(std::vector<ports::Key> keys,
                                                Deadline deadline) override;
  Task<Result<ports::CommitOutcome>> Commit(ports::Transaction transaction,
                                            Deadline deadline) override;
  Task<Result<std::vector<ports::IndexEntry>>> ReadIndex(ports::IndexRange range,
                                                         Deadline deadline) override;
  Task<Result<ports::IndexSummary>> SummarizeIndex(ports::Key index, Deadline deadline) override;
  Task<Result<std::int64_t>> ReadCounter(ports::Key counter, Deadline deadline) override;
  // A page costs a look at every key: made for tests and small stores.
  Task<Result<ports::ScanPage>> Scan(std::string cursor, std::uint32_t limit,
                                     Deadline deadline) override;
  std::optional<Instant> Now() const override;
  Status Health() const override;

  // For fault injection: the partition's genesis record vanishes, becomes that of another store, or
  // is written again as Initialise would.
  void LoseGenesis(ports::PartitionId partition);
  void ReplaceGenesis(ports::PartitionId partition, std::string store_id);
  void RestoreGenesis(ports::PartitionId partition);

 private:
  struct StoredRecord {
    ports::Record record;
    std::optional<Instant> expires_at;
  };
  struct StoredCounter {
    std::int64_t value = 0;
    bool fenced = false;
    std::optional<Instant> expires_at;
  };
  // The same entries by member and in order.
  struct StoredIndex {
    std::map<std::string, std::int64_t, std::less<>> scores;
    std::set<std::pair<std::int64_t, std::string>> order;
  };
  struct Partition {
    std::optional<std::string> genesis;  // the id of the store that it belongs to
    std::uint64_t sequence = 0;
  };
  struct HashKey {
    std::size_t operator()(const ports::Key& key) const;
  };

  Result<std::vector<ports::Record>> ReadNow(const std::vector<ports::Key>& keys);
  Result<ports::CommitOutcome> CommitNow(ports::Transaction transaction);
  Result<std::vector<ports::IndexEntry>> ReadIndexNow(const ports::IndexRange& range);

  // All below need mutex_.
  Instant Tick() const;
  Status CheckGenesis(ports::PartitionId partition) const;
  ports::Record Find(const ports::Key& key, Instant now);
  StoredCounter* FindCounter(const ports::Key& key, Instant now);
  std::optional<std::int64_t> FindScore(const ports::Key& index, std::string_view member) const;
  // Nothing when all checks hold.
  std::optional<ports::Conflict> Check(const ports::Transaction& transaction, Instant now);
  Status CheckCounterRanges(const ports::Transaction& transaction, Instant now);
  void Apply(ports::TransactionWrite& write, std::uint64_t sequence, Instant now,
             std::vector<std::int64_t>& fenced_counters);

  const Options options_;
  mutable std::mutex mutex_;
  mutable Instant latest_{};  // the clock may step back; the store's time does not
  mutable bool clock_read_ = false;
  std::vector<Partition> partitions_;
  std::unordered_map<ports::Key, StoredRecord, HashKey> records_;
  std::unordered_map<ports::Key, StoredCounter, HashKey> counters_;
  std::unordered_map<ports::Key, StoredIndex, HashKey> indexes_;
};

}  // namespace kulanz::memory
