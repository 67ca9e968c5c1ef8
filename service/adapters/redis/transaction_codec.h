// Transactions and reads as commands for Redis.
//
// Arguments of lua/transaction.lua; every section keeps the order of the transaction:
//
//   KEYS  genesis | checked records | added counters | fenced counters            (read by one MGET)
//         | put | put with expiry | deleted | checked indexes | index puts | index removals
//   ARGV  genesis text
//         10 bytes: the sizes of the sections (checks, adds, fences, puts, puts with expiry, deletes,
//           checked scores, index puts, index removals) and flags (1: not_after, 2: touch)
//         the checked versions, 8 bytes each
//         not_after | (member, score or '') | (delta, expiry or '') | (expiry or '') | value
//         | (value, expiry) | (score, member) | (member)
//
// The transaction was validated (ports/store_validation.h). Pure; thread-safe.
#pragma once

#include <string>
#include <vector>

#include "service/adapters/redis/key_codec.h"
#include "service/ports/store.h"

namespace kulanz::redis {

// What a reply to a transaction has to have: it tells the records from the scores.
struct TransactionShape {
  std::size_t versions = 0;
  std::size_t scores = 0;
  std::size_t fences = 0;
};

struct EncodedTransaction {
  std::string bytes;
  TransactionShape shape;
};

// `touch`: counts as a write even when it has none, so that WAIT has something to wait for.
EncodedTransaction EncodeTransaction(const ports::Transaction& transaction, const Genesis& genesis,
                                     bool touch);
// MGET of the genesis record and the keys.
std::string EncodeRead(const std::vector<ports::Key>& keys);
std::string EncodeReadIndex(const ports::IndexRange& range, const Genesis& genesis);
// The first entry; the reply has the size as well.
std::string EncodeSummarizeIndex(const ports::Key& index, const Genesis& genesis);

}  // namespace kulanz::redis
