// Store: all durable state of Kulanz, as small records in partitions, changed by mini-transactions.
//
// Port. Implemented by MemoryStore (adapters/memory) and RedisStore (adapters/redis); both pass
// tests/contract. A mini-transaction is a set of checks and, if all of them hold, a set of writes, all
// in one partition, applied as one step or not at all. If a check fails, the fresh state of every
// checked key comes back, so that the caller can decide again without a further read.
//
// Thread-safety: any method from any thread. Tasks resume on the store's own thread (memory: on the
// caller's). Nothing blocks.
//
// Failures of every call, besides those named at the method:
//   UNAVAILABLE / STORE_UNREACHABLE   no connection; nothing was sent; retry_after says when to try.
//   UNAVAILABLE / STORE_UNCERTAIN     sent, but no answer (timeout, connection lost): it may have been
//                                     applied. Repeat the identical request.
//   UNAVAILABLE / STORE_READ_ONLY, STORE_LOADING, STORE_REFUSED   the server refuses; nothing applied.
//   RESOURCE_EXHAUSTED / STORE_OVERLOADED   too many calls are under way; nothing was sent.
//   INVALID_ARGUMENT / STORE_LIMIT    the call breaks a limit below or names a key wrongly; nothing was
//                                     sent. The message names the limit (ports/store_validation.h).
//   FAILED_PRECONDITION / NO_GENESIS  the partition has no genesis record, or that of another store:
//                                     nothing was applied. An operator must look (wrong or emptied
//                                     database).
//   FAILED_PRECONDITION / STORE_LOST_WRITES   the store forgot what it had acknowledged, and is configured
//                                     to stop then; nothing was sent.
//   DATA_LOSS / STORE_CORRUPT         what is stored at a key is not what a store writes.
//   INTERNAL / STORE_BROKEN           an answer that cannot be: a defect of ours. Unknown whether applied.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "service/base/result.h"
#include "service/base/task.h"
#include "service/domain/time.h"

namespace kulanz::ports {

// A partition of the key space: all its keys share one Redis hash tag, so one slot on a cluster.
struct PartitionId {
  std::uint16_t number = 0;  // 0 to partition_count() - 1
  friend auto operator<=>(PartitionId, PartitionId) = default;
};

inline constexpr std::uint32_t kPartitionsMax = 1024;

// What a key holds. The letter is part of the stored key; never reuse one. 'g' is the genesis record,
// which stores keep for themselves.
enum class RecordKind : char {
  kClaim = 'c',           // incident -> fingerprint and customer
  kProfile = 'p',         // customer
  kHistory = 'h',         // what a customer was given
  kDecision = 'd',        // by incident
  kVoucher = 'v',         // by keyed hash of the code
  kApology = 'm',         // the letter of a decision that gave no voucher
  kDecisionIndex = 'i',   // by customer: index of decisions
  kBudget = 'b',          // a budget's period, with its leases
  kLeaseCounter = 'l',    // what a budget lease spent in this partition
  kAgenda = 'a',          // the partition's due work: an index
  kDailyCounter = 'n',    // for reports
  kExpiry = 'x',          // the partition's open vouchers by their last instant: an index
  kLiability = 'o',       // what a partition's vouchers are worth in one currency
  kLiabilityIndex = 'q',  // the currencies of a partition's liability: an index
  kEvents = 'e',          // what a transaction has to tell others
  kOutbox = 'w',          // the partition's untold events by due time: an index
  kDeadLetters = 'z',     // the partition's letters that were given up, by when: an index
  kDeadEvents = 'y',      // the partition's records of events that were given up, by when: an index
  kPool = 'u',            // a pool of codes, by name
  kPoolCode = 'k',        // one of its codes, by keyed hash, in each partition where it has been
  kPoolShelf = 's',       // by pool: index of the codes that can be taken in this partition
  kPoolTransit = 't',     // by pool: index of the codes that are leaving this partition
  kBreaker = 'r',         // a breaker for mass incidents, by name
  kHeld = 'j',            // by breaker: index of the decisions of this partition that it holds
  kBreakerIndex = 'f',    // the names of the breakers that somebody has to look after: an index
};

// How a kind is stored, and so which checks, writes and reads it takes.
enum class RecordShape : std::uint8_t { kRecord, kCounter, kIndex };
constexpr RecordShape ShapeOf(RecordKind kind) {
  switch (kind) {
    case RecordKind::kDecisionIndex:
    case RecordKind::kAgenda:
    case RecordKind::kExpiry:
    case RecordKind::kLiabilityIndex:
    case RecordKind::kOutbox:
    case RecordKind::kDeadLetters:
    case RecordKind::kDeadEvents:
    case RecordKind::kPoolShelf:
    case RecordKind::kPoolTransit:
    case RecordKind::kHeld:
    case RecordKind::kBreakerIndex:
      return RecordShape::kIndex;
    case RecordKind::kLeaseCounter:
    case RecordKind::kDailyCounter:
    case RecordKind::kLiability:
      return RecordShape::kCounter;
    case RecordKind::kClaim:
    case RecordKind::kProfile:
    case RecordKind::kHistory:
    case RecordKind::kDecision:
    case RecordKind::kVoucher:
    case RecordKind::kApology:
    case RecordKind::kBudget:
    case RecordKind::kEvents:
    case RecordKind::kPool:
    case RecordKind::kPoolCode:
    case RecordKind::kBreaker:
      break;
  }
  return RecordShape::kRecord;
}

// First 16 bytes of a SHA-256 over an id: no raw id, no PII and no hash tag gets into a key.
using KeyHash = std::array<std::uint8_t, 16>;

struct Key {
  PartitionId partition;
  RecordKind kind = RecordKind::kClaim;
  KeyHash hash{};
  friend auto operator<=>(const Key&, const Key&) = default;
};

// A record as stored. Version 0: it does not exist (and `value` is empty). Otherwise the version is the
// sequence number of the transaction that wrote it (Committed::sequence): it only grows, and it never
// comes back after a delete or an expiry, so an equal version means an untouched record.
struct Record {
  std::uint64_t version = 0;
  std::string value;
  bool exists() const { return version != 0; }
  friend bool operator==(const Record&, const Record&) = default;
};

// An entry of an index: members are unique, ordered by (score, member as unsigned bytes).
struct IndexEntry {
  std::string member;  // 1 to kIndexMemberBytesMax bytes
  std::int64_t score = 0;
  friend bool operator==(const IndexEntry&, const IndexEntry&) = default;
};

inline constexpr std::size_t kRecordBytesMax = 65'536;
inline constexpr std::size_t kIndexMemberBytesMax = 128;
inline constexpr std::size_t kTransactionOpsMax = 34;  // checks and writes together
inline constexpr std::size_t kReadKeysMax = 64;
inline constexpr std::uint32_t kIndexRangeMax = 1000;
// Scores, counters and what is added to them are within +-(2^53 - 1): exact in every store.
inline constexpr std::int64_t kStoredIntegerMax = (std::int64_t{1} << 53) - 1;
inline constexpr Duration kExpiresInMin{1};
inline constexpr Duration kExpiresInMax{std::chrono::hours{24 * 366 * 100}};

// ---- Checks -------------------------------------------------------------------------------------

// The record at `key` has this version; 0: it does not exist.
struct CheckVersion {
  Key key;
  std::uint64_t version = 0;
};
// The member's score in the index is this; nothing: it is not in it.
struct CheckScore {
  Key index;
  std::string member;
  std::optional<std::int64_t> score;
};

// ---- Writes -------------------------------------------------------------------------------------

// One write at most per key, or per member of an index.

// Creates or replaces, whatever was there: a CheckVersion on the same key makes it a compare-and-set.
struct Put {
  Key key;
  std::string value;
  std::optional<Duration> expires_in;  // from the store's now; nothing: kept for ever
};
struct Delete {
  Key key;
};
// Adds to a counter, which starts at 0. The transaction fails its checks (Conflict with `fenced`) when
// the counter is fenced. OUT_OF_RANGE / COUNTER_RANGE, with nothing applied, when the sum would leave
// +-kStoredIntegerMax.
struct AddToCounter {
  Key key;
  std::int64_t delta = 0;
  std::optional<Duration> expires_in;  // from this addition; nothing: the expiry stays as it was
};
// Reads the counter and fences it in one step: no AddToCounter on it succeeds any more. Idempotent.
// The value comes back in Committed::counters.
struct FenceCounter {
  Key key;
  std::optional<Duration> expires_in;  // of the fence and the value; nothing: kept for ever
};
// Adds the member, or moves it to another score.
struct IndexPut {
  Key index;
  IndexEntry entry;
};
struct IndexRemove {
  Key index;
  std::string member;
};

using TransactionCheck = std::variant<CheckVersion, CheckScore>;
using TransactionWrite =
    std::variant<Put, Delete, AddToCounter, FenceCounter, IndexPut, IndexRemove>;

// At least one check or write. Without writes it only confirms: what it checked is then as durable as a
// commit of its own would be, which is what an answer from an existing record needs (design section 5).
struct Transaction {
  PartitionId partition;  // of every key below (checked)
  std::vector<TransactionCheck> checks;
  std::vector<TransactionWrite> writes;
  // Refused (Conflict with `too_late`) when the store's own clock is past it: a request that was
  // delayed for hours must not act on a lease or a fence that is gone.
  std::optional<Instant> not_after;
};

// All checks held and all writes are done.
struct Committed {
  std::uint64_t sequence = 0;  // strictly increasing over a partition's writing transactions
  std::vector<std::int64_t> counters;  // one per FenceCounter, in order
};
// Some check did not hold; nothing was written.
struct Conflict {
  bool too_late = false;
  bool fenced = false;
  std::vector<Record> records;  // one per CheckVersion, in order, as they are now
  std::vector<std::optional<std::int64_t>> scores;  // one per CheckScore, in order, as they are now
};
using CommitOutcome = std::variant<Committed, Conflict>;

struct IndexRange {
  Key index;
  std::int64_t score_min = 0;
  std::int64_t score_max = 0;
  std::uint32_t limit = 100;  // 1 to kIndexRangeMax
  bool descending = false;    // from score_max down
};
struct IndexSummary {
  std::uint64_t size = 0;
  std::optional<std::int64_t> score_min;  // of the first entry
};

class Store {
 public:
  virtual ~Store() = default;

  // A power of two, 1 to kPartitionsMax; fixed for the life of a store by its genesis records.
  virtual std::uint32_t partition_count() const = 0;

  // The records at `keys`, in order, absent ones with version 0. All keys are of one partition
  // (checked), 1 to kReadKeysMax of them. One consistent view.
  virtual Task<Result<std::vector<Record>>> Read(std::vector<Key> keys, Deadline deadline) = 0;

  // Applies `transaction` as one step. Idempotence is the caller's: give it checks that fail on a
  // repetition. After STORE_UNCERTAIN read again, or repeat and look at the Conflict.
  virtual Task<Result<CommitOutcome>> Commit(Transaction transaction, Deadline deadline) = 0;

  virtual Task<Result<std::vector<IndexEntry>>> ReadIndex(IndexRange range, Deadline deadline) = 0;
  virtual Task<Result<IndexSummary>> SummarizeIndex(Key index, Deadline deadline) = 0;
  // The counter's value; 0 when there is none. Fenced or not.
  virtual Task<Result<std::int64_t>> ReadCounter(Key counter, Deadline deadline) = 0;

  // The store's own time, the same for every replica: the last reading of its clock plus the monotonic
  // time since. Decisions about money use this, never a host's clock. Nothing before the first contact.
  virtual std::optional<Instant> Now() const = 0;

  // Whether calls can succeed now: connected, and the genesis was verified. OK or the failure that a
  // call would get.
  virtual Status Health() const = 0;
};

}  // namespace kulanz::ports
