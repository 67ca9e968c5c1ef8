// Replies of Redis as results of the port; failures.h has what errors become.
//
// Each Decode function also gives the partition's sequence number where the reply has it, so that a
// store which went back in time is noticed. A reply of an unexpected form is INTERNAL / STORE_BROKEN.
// Pure; thread-safe; never trusts a length or a type in a reply.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "service/adapters/redis/key_codec.h"
#include "service/adapters/redis/transaction_codec.h"
#include "service/ports/store.h"

struct redisReply;

namespace kulanz::redis {

// What a call asked of which partition: what its reply is held against.
struct Expected {
  const Genesis& genesis;
  ports::PartitionId partition;
};

template <typename T>
struct Decoded {
  Result<T> result;
  std::optional<std::uint64_t> sequence;
};

Decoded<ports::CommitOutcome> DecodeCommit(const redisReply& reply, const Expected& expected,
                                           const TransactionShape& shape);
Decoded<std::vector<ports::Record>> DecodeRead(const redisReply& reply, const Expected& expected,
                                               std::size_t keys);
Decoded<std::int64_t> DecodeReadCounter(const redisReply& reply, const Expected& expected);
Result<std::vector<ports::IndexEntry>> DecodeIndex(const redisReply& reply,
                                                   const Expected& expected);
Result<ports::IndexSummary> DecodeIndexSummary(const redisReply& reply, const Expected& expected);

// Of TIME. Nothing when the reply has another form.
std::optional<Instant> DecodeTime(const redisReply& reply);

// The failure for a partition whose genesis record is `found`, where `expected` should be.
Status NoGenesis(const Expected& expected, std::optional<std::string_view> found);

// The failure for a database without a genesis record of partition 0, or with something else there.
Status NoFirstGenesis(bool is_absent);

// The value of "name:value" in the text that INFO answers with; empty when it is not there.
std::string_view InfoField(std::string_view info, std::string_view name);

// Empty for what is not a string, a status or an error.
std::string_view TextOf(const redisReply& reply);
bool IsError(const redisReply& reply);
bool IsNil(const redisReply& reply);

}  // namespace kulanz::redis
