#include "service/adapters/memory/memory_store.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <type_traits>

#include "service/base/check.h"
#include "service/ports/store_validation.h"

namespace kulanz::memory {
namespace {

using ports::Key;
using ports::PartitionId;

std::optional<Instant> ExpiryFrom(Instant now, std::optional<Duration> expires_in) {
  return expires_in ? std::optional(now + *expires_in) : std::nullopt;
}

bool IsOver(const std::optional<Instant>& expires_at, Instant now) {
  return expires_at && *expires_at <= now;
}

}  // namespace

std::size_t MemoryStore::HashKey::operator()(const Key& key) const {
  // The key's own hash is uniform; kind and partition only have to make it different.
  std::size_t seed = 0;
  std::memcpy(&seed, key.hash.data(), sizeof seed);
  return seed ^ (static_cast<std::size_t>(key.kind) << 16U) ^ key.partition.number;
}

MemoryStore::MemoryStore(Options options) : options_(std::move(options)) {
  KULANZ_CHECK(std::has_single_bit(options_.partition_count) &&
                   options_.partition_count <= ports::kPartitionsMax,
               "the number of partitions is a power of two up to kPartitionsMax");
  KULANZ_CHECK(options_.clock, "a store needs a clock");
  partitions_.resize(options_.partition_count, Partition{options_.store_id, 0});
}

std::uint32_t MemoryStore::partition_count() const { return options_.partition_count; }

Task<Result<std::vector<ports::Record>>> MemoryStore::Read(std::vector<Key> keys, Deadline) {
  co_return ReadNow(keys);
}

Task<Result<ports::CommitOutcome>> MemoryStore::Commit(ports::Transaction transaction, Deadline) {
  co_return CommitNow(std::move(transaction));
}

Task<Result<std::vector<ports::IndexEntry>>> MemoryStore::ReadIndex(ports::IndexRange range,
                                                                    Deadline) {
  co_return ReadIndexNow(range);
}

Task<Result<ports::IndexSummary>> MemoryStore::SummarizeIndex(Key index, Deadline) {
  KULANZ_CO_RETURN_IF_ERROR(ports::ValidateIndexKey(index, partition_count()));
  const std::lock_guard lock(mutex_);
  KULANZ_CO_RETURN_IF_ERROR(CheckGenesis(index.partition));
  ports::IndexSummary summary;
  if (const auto found = indexes_.find(index); found != indexes_.end()) {
    summary.size = found->second.order.size();
    summary.score_min = found->second.order.begin()->first;
  }
  co_return summary;
}

Task<Result<std::int64_t>> MemoryStore::ReadCounter(Key counter, Deadline) {
  KULANZ_CO_RETURN_IF_ERROR(ports::ValidateCounterKey(counter, partition_count()));
  const std::lock_guard lock(mutex_);
  KULANZ_CO_RETURN_IF_ERROR(CheckGenesis(counter.partition));
  const StoredCounter* found = FindCounter(counter, Tick());
  co_return found == nullptr ? 0 : found->value;
}

std::optional<Instant> MemoryStore::Now() const {
  const std::lock_guard lock(mutex_);
  return Tick();
}

Status MemoryStore::Health() const {
  const std::lock_guard lock(mutex_);
  const auto partitions = static_cast<std::uint16_t>(partition_count());
  for (std::uint16_t number = 0; number < partitions; ++number) {
    KULANZ_RETURN_IF_ERROR(CheckGenesis(PartitionId{number}));
  }
  return Status::Ok();
}

void MemoryStore::LoseGenesis(PartitionId partition) {
  const std::lock_guard lock(mutex_);
  partitions_.at(partition.number).genesis.reset();
}

void MemoryStore::ReplaceGenesis(PartitionId partition, std::string store_id) {
  const std::lock_guard lock(mutex_);
  partitions_.at(partition.number).genesis = std::move(store_id);
}

void MemoryStore::RestoreGenesis(PartitionId partition) {
  const std::lock_guard lock(mutex_);
  partitions_.at(partition.number).genesis = options_.store_id;
}

Result<std::vector<ports::Record>> MemoryStore::ReadNow(const std::vector<Key>& keys) {
  KULANZ_RETURN_IF_ERROR(ports::ValidateRead(keys, partition_count()));
  const std::lock_guard lock(mutex_);
  KULANZ_RETURN_IF_ERROR(CheckGenesis(keys.front().partition));
  const Instant now = Tick();
  std::vector<ports::Record> records;
  records.reserve(keys.size());
  for (const Key& key : keys) {
    records.push_back(Find(key, now));
  }
  return records;
}

Result<std::vector<ports::IndexEntry>> MemoryStore::ReadIndexNow(const ports::IndexRange& range) {
  KULANZ_RETURN_IF_ERROR(ports::ValidateRange(range, partition_count()));
  const std::lock_guard lock(mutex_);
  KULANZ_RETURN_IF_ERROR(CheckGenesis(range.index.partition));
  std::vector<ports::IndexEntry> entries;
  const auto found = indexes_.find(range.index);
  if (found == indexes_.end() || range.score_min > range.score_max) {
    return entries;
  }
  const auto& order = found->second.order;
  auto begin = order.lower_bound({range.score_min, std::string()});
  auto end = order.lower_bound({range.score_max + 1, std::string()});
  while (begin != end && entries.size() < range.limit) {
    const auto& [score, member] = range.descending ? *--end : *begin++;
    entries.push_back({member, score});
  }
  return entries;
}

Result<ports::CommitOutcome> MemoryStore::CommitNow(ports::Transaction transaction) {
  KULANZ_RETURN_IF_ERROR(ports::ValidateTransaction(transaction, partition_count()));
  const std::lock_guard lock(mutex_);
  KULANZ_RETURN_IF_ERROR(CheckGenesis(transaction.partition));
  const Instant now = Tick();
  if (std::optional<ports::Conflict> conflict = Check(transaction, now)) {
    return ports::CommitOutcome(std::move(*conflict));
  }
  KULANZ_RETURN_IF_ERROR(CheckCounterRanges(transaction, now));
  Partition& partition = partitions_[transaction.partition.number];
  ports::Committed committed;
  committed.sequence = transaction.writes.empty() ? partition.sequence : ++partition.sequence;
  for (ports::TransactionWrite& write : transaction.writes) {
    Apply(write, committed.sequence, now, committed.counters);
  }
  return ports::CommitOutcome(std::move(committed));
}

Instant MemoryStore::Tick() const {
  const Instant reading = options_.clock();
  latest_ = clock_read_ ? std::max(latest_, reading) : reading;
  clock_read_ = true;
  return latest_;
}

Status MemoryStore::CheckGenesis(PartitionId partition) const {
  const std::optional<std::string>& genesis = partitions_[partition.number].genesis;
  if (genesis == options_.store_id) {
    return Status::Ok();
  }
  return Status(Code::kFailedPrecondition, "NO_GENESIS",
                "partition " + std::to_string(partition.number) +
                    (genesis ? " belongs to another store" : " has no genesis record"));
}

ports::Record MemoryStore::Find(const Key& key, Instant now) {
  const auto found = records_.find(key);
  if (found == records_.end()) {
    return {};
  }
  if (IsOver(found->second.expires_at, now)) {
    records_.erase(found);
    return {};
  }
  return found->second.record;
}

MemoryStore::StoredCounter* MemoryStore::FindCounter(const Key& key, Instant now) {
  const auto found = counters_.find(key);
  if (found == counters_.end()) {
    return nullptr;
  }
  if (IsOver(found->second.expires_at, now)) {
    counters_.erase(found);
    return nullptr;
  }
  return &found->second;
}

std::optional<std::int64_t> MemoryStore::FindScore(const Key& index,
                                                   std::string_view member) const {
  const auto found = indexes_.find(index);
  if (found == indexes_.end()) {
    return std::nullopt;
  }
  const auto entry = found->second.scores.find(member);
  return entry == found->second.scores.end() ? std::nullopt : std::optional(entry->second);
}

std::optional<ports::Conflict> MemoryStore::Check(const ports::Transaction& transaction,
                                                  Instant now) {
  ports::Conflict fresh;
  fresh.too_late = transaction.not_after && now > *transaction.not_after;
  bool holds = true;
  for (const ports::TransactionCheck& check : transaction.checks) {
    if (const auto* version = std::get_if<ports::CheckVersion>(&check)) {
      fresh.records.push_back(Find(version->key, now));
      holds = holds && fresh.records.back().version == version->version;
    } else if (const auto* score = std::get_if<ports::CheckScore>(&check)) {
      fresh.scores.push_back(FindScore(score->index, score->member));
      holds = holds && fresh.scores.back() == score->score;
    }
  }
  for (const ports::TransactionWrite& write : transaction.writes) {
    if (const auto* add = std::get_if<ports::AddToCounter>(&write)) {
      const StoredCounter* counter = FindCounter(add->key, now);
      fresh.fenced = fresh.fenced || (counter != nullptr && counter->fenced);
    }
  }
  if (holds && !fresh.too_late && !fresh.fenced) {
    return std::nullopt;
  }
  return fresh;
}

Status MemoryStore::CheckCounterRanges(const ports::Transaction& transaction, Instant now) {
  for (const ports::TransactionWrite& write : transaction.writes) {
    const auto* add = std::get_if<ports::AddToCounter>(&write);
    if (add == nullptr) {
      continue;
    }
    const StoredCounter* counter = FindCounter(add->key, now);
    const std::int64_t sum = (counter == nullptr ? 0 : counter->value) + add->delta;
    if (sum > ports::kStoredIntegerMax || sum < -ports::kStoredIntegerMax) {
      return Status(Code::kOutOfRange, "COUNTER_RANGE",
                    "a counter would leave +-kStoredIntegerMax of 2^53 - 1");
    }
  }
  return Status::Ok();
}

void MemoryStore::Apply(ports::TransactionWrite& write, std::uint64_t sequence, Instant now,
                        std::vector<std::int64_t>& fenced_counters) {
  if (auto* put = std::get_if<ports::Put>(&write)) {
    records_[put->key] = {{sequence, std::move(put->value)}, ExpiryFrom(now, put->expires_in)};
  } else if (const auto* erase = std::get_if<ports::Delete>(&write)) {
    records_.erase(erase->key);
  } else if (const auto* add = std::get_if<ports::AddToCounter>(&write)) {
    FindCounter(add->key, now);  // drops it when it is over
    StoredCounter& counter = counters_[add->key];
    counter.value += add->delta;
    if (add->expires_in) {
      counter.expires_at = ExpiryFrom(now, add->expires_in);
    }
  } else if (const auto* fence = std::get_if<ports::FenceCounter>(&write)) {
    FindCounter(fence->key, now);
    StoredCounter& counter = counters_[fence->key];
    counter.fenced = true;
    counter.expires_at = ExpiryFrom(now, fence->expires_in);
    fenced_counters.push_back(counter.value);
  } else if (auto* insert = std::get_if<ports::IndexPut>(&write)) {
    StoredIndex& index = indexes_[insert->index];
    const auto [entry, added] = index.scores.try_emplace(insert->entry.member, insert->entry.score);
    if (!added) {
      index.order.erase({entry->second, entry->first});
      entry->second = insert->entry.score;
    }
    index.order.emplace(insert->entry.score, std::move(insert->entry.member));
  } else if (const auto* remove = std::get_if<ports::IndexRemove>(&write)) {
    const auto index = indexes_.find(remove->index);
    if (index == indexes_.end()) {
      return;
    }
    if (const auto entry = index->second.scores.find(remove->member);
        entry != index->second.scores.end()) {
      index->second.order.erase({entry->second, entry->first});
      index->second.scores.erase(entry);
    }
    if (index->second.order.empty()) {
      indexes_.erase(index);
    }
  }
}

}  // namespace kulanz::memory
