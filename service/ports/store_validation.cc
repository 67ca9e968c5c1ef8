#include "service/ports/store_validation.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "service/base/result.h"

namespace kulanz::ports {
namespace {

Status Refuse(std::string message) {
  return Status(Code::kInvalidArgument, "STORE_LIMIT", std::move(message));
}

Status ValidateKey(const Key& key, RecordShape shape, std::uint32_t partition_count) {
  if (key.partition.number >= partition_count) {
    return Refuse("partition " + std::to_string(key.partition.number) + " of a store of " +
                  std::to_string(partition_count));
  }
  if (ShapeOf(key.kind) != shape) {
    return Refuse(std::string("kind '") + static_cast<char>(key.kind) +
                  "' is not stored in this shape (ShapeOf)");
  }
  return Status::Ok();
}

Status ValidateInteger(std::int64_t value, const char* what) {
  if (value > kStoredIntegerMax || value < -kStoredIntegerMax) {
    return Refuse(std::string(what) + " of " + std::to_string(value) +
                  ", beyond kStoredIntegerMax of 2^53 - 1");
  }
  return Status::Ok();
}

Status ValidateMember(std::string_view member) {
  if (member.empty()) {
    return Refuse("an empty index member");
  }
  if (member.size() > kIndexMemberBytesMax) {
    return Refuse("an index member of " + std::to_string(member.size()) +
                  " bytes, beyond kIndexMemberBytesMax of " + std::to_string(kIndexMemberBytesMax));
  }
  return Status::Ok();
}

Status ValidateExpiry(std::optional<Duration> expires_in) {
  if (expires_in && (*expires_in < kExpiresInMin || *expires_in > kExpiresInMax)) {
    return Refuse("expires_in of " + std::to_string(expires_in->count()) +
                  " ms, not between kExpiresInMin and kExpiresInMax (1 ms to 100 years)");
  }
  return Status::Ok();
}

// Validates one check or write and says what it touches.
class OpValidator {
 public:
  OpValidator(PartitionId partition, std::uint32_t partition_count)
      : partition_(partition), partition_count_(partition_count) {}

  Status operator()(const CheckVersion& check) const {
    return CheckKey(check.key, RecordShape::kRecord);
  }
  Status operator()(const CheckScore& check) const {
    KULANZ_RETURN_IF_ERROR(CheckKey(check.index, RecordShape::kIndex));
    KULANZ_RETURN_IF_ERROR(ValidateMember(check.member));
    return check.score ? ValidateInteger(*check.score, "a score") : Status::Ok();
  }
  Status operator()(const Put& put) {
    KULANZ_RETURN_IF_ERROR(CheckKey(put.key, RecordShape::kRecord));
    KULANZ_RETURN_IF_ERROR(ValidateExpiry(put.expires_in));
    if (put.value.size() > kRecordBytesMax) {
      return Refuse("a value of " + std::to_string(put.value.size()) +
                    " bytes, beyond kRecordBytesMax of " + std::to_string(kRecordBytesMax));
    }
    written_.emplace_back(put.key, std::string_view{});
    return Status::Ok();
  }
  Status operator()(const Delete& erase) {
    written_.emplace_back(erase.key, std::string_view{});
    return CheckKey(erase.key, RecordShape::kRecord);
  }
  Status operator()(const AddToCounter& add) {
    KULANZ_RETURN_IF_ERROR(CheckKey(add.key, RecordShape::kCounter));
    KULANZ_RETURN_IF_ERROR(ValidateExpiry(add.expires_in));
    written_.emplace_back(add.key, std::string_view{});
    return ValidateInteger(add.delta, "a delta");
  }
  Status operator()(const FenceCounter& fence) {
    KULANZ_RETURN_IF_ERROR(CheckKey(fence.key, RecordShape::kCounter));
    written_.emplace_back(fence.key, std::string_view{});
    return ValidateExpiry(fence.expires_in);
  }
  Status operator()(const IndexPut& put) {
    KULANZ_RETURN_IF_ERROR(CheckKey(put.index, RecordShape::kIndex));
    KULANZ_RETURN_IF_ERROR(ValidateMember(put.entry.member));
    written_.emplace_back(put.index, put.entry.member);
    return ValidateInteger(put.entry.score, "a score");
  }
  Status operator()(const IndexRemove& remove) {
    KULANZ_RETURN_IF_ERROR(CheckKey(remove.index, RecordShape::kIndex));
    written_.emplace_back(remove.index, remove.member);
    return ValidateMember(remove.member);
  }

  // Nothing is written twice: what the second write would mean differs between stores.
  Status NoRepetition() {
    std::sort(written_.begin(), written_.end());
    if (std::adjacent_find(written_.begin(), written_.end()) != written_.end()) {
      return Refuse("a key or index member is written twice in one transaction");
    }
    return Status::Ok();
  }

 private:
  Status CheckKey(const Key& key, RecordShape shape) const {
    if (key.partition != partition_) {
      return Refuse("a key of partition " + std::to_string(key.partition.number) +
                    " in a transaction of partition " + std::to_string(partition_.number));
    }
    return ValidateKey(key, shape, partition_count_);
  }

  PartitionId partition_;
  std::uint32_t partition_count_;
  std::vector<std::pair<Key, std::string_view>> written_;  // with the member, for an index
};

}  // namespace

Status ValidateRead(std::span<const Key> keys, std::uint32_t partition_count) {
  if (keys.empty() || keys.size() > kReadKeysMax) {
    return Refuse("a read of " + std::to_string(keys.size()) + " keys, not 1 to kReadKeysMax of " +
                  std::to_string(kReadKeysMax));
  }
  for (const Key& key : keys) {
    KULANZ_RETURN_IF_ERROR(ValidateKey(key, RecordShape::kRecord, partition_count));
    if (key.partition != keys.front().partition) {
      return Refuse("a read of keys of two partitions");
    }
  }
  return Status::Ok();
}

Status ValidateTransaction(const Transaction& transaction, std::uint32_t partition_count) {
  const std::size_t ops = transaction.checks.size() + transaction.writes.size();
  if (ops == 0 || ops > kTransactionOpsMax) {
    return Refuse("a transaction of " + std::to_string(ops) +
                  " checks and writes, not 1 to kTransactionOpsMax of " +
                  std::to_string(kTransactionOpsMax));
  }
  OpValidator validator(transaction.partition, partition_count);
  for (const TransactionCheck& check : transaction.checks) {
    KULANZ_RETURN_IF_ERROR(std::visit(validator, check));
  }
  for (const TransactionWrite& write : transaction.writes) {
    KULANZ_RETURN_IF_ERROR(
        std::visit([&validator](const auto& op) { return validator(op); }, write));
  }
  if (transaction.not_after) {
    KULANZ_RETURN_IF_ERROR(ValidateInteger(ToMillis(*transaction.not_after), "a not_after"));
  }
  return validator.NoRepetition();
}

Status ValidateRange(const IndexRange& range, std::uint32_t partition_count) {
  KULANZ_RETURN_IF_ERROR(ValidateIndexKey(range.index, partition_count));
  KULANZ_RETURN_IF_ERROR(ValidateInteger(range.score_min, "a score_min"));
  KULANZ_RETURN_IF_ERROR(ValidateInteger(range.score_max, "a score_max"));
  if (range.limit == 0 || range.limit > kIndexRangeMax) {
    return Refuse("a limit of " + std::to_string(range.limit) + ", not 1 to kIndexRangeMax of " +
                  std::to_string(kIndexRangeMax));
  }
  return Status::Ok();
}

Status ValidateIndexKey(const Key& index, std::uint32_t partition_count) {
  return ValidateKey(index, RecordShape::kIndex, partition_count);
}

Status ValidateCounterKey(const Key& counter, std::uint32_t partition_count) {
  return ValidateKey(counter, RecordShape::kCounter, partition_count);
}

}  // namespace kulanz::ports
