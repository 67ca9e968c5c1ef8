#include "service/adapters/redis/reply_codec.h"

#include <hiredis/hiredis.h>

#include <charconv>
#include <span>
#include <utility>

#include "service/adapters/redis/failures.h"

namespace kulanz::redis {
namespace {

using ports::Record;

std::span<redisReply* const> Elements(const redisReply& reply) {
  if (reply.type != REDIS_REPLY_ARRAY) {
    return {};
  }
  return {reply.element, reply.elements};
}

std::optional<std::int64_t> ParseInteger(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) {
    return std::nullopt;
  }
  return number;
}

Result<Record> DecodeRecord(const redisReply& reply) {
  if (IsNil(reply)) {
    return Record{};
  }
  const std::string_view value = TextOf(reply);
  if (reply.type != REDIS_REPLY_STRING || value.size() < kVersionBytes || ReadVersion(value) == 0) {
    return Corrupt("a record without a version");
  }
  return Record{ReadVersion(value), std::string(value.substr(kVersionBytes))};
}

// A counter is its decimal digits, with an F before them once it is fenced.
Result<std::int64_t> DecodeCounter(std::string_view text) {
  if (text.starts_with('F')) {
    text.remove_prefix(1);
  }
  const std::optional<std::int64_t> value = ParseInteger(text);
  if (!value) {
    return Corrupt("a counter that is no number");
  }
  return *value;
}

// The failure that a script reports as {letter, ...} instead of raising it; OK for any other reply.
Status ScriptFailure(const redisReply& reply, const Expected& expected) {
  if (IsError(reply)) {
    return ErrorStatus(TextOf(reply));
  }
  const auto elements = Elements(reply);
  const std::string_view letter = elements.empty() ? std::string_view{} : TextOf(*elements[0]);
  if (letter == "G") {
    const bool has_text = elements.size() > 1 && elements[1]->type == REDIS_REPLY_STRING;
    return NoGenesis(expected, has_text ? std::optional(TextOf(*elements[1])) : std::nullopt);
  }
  if (letter == "R") {
    return Status(Code::kOutOfRange, "COUNTER_RANGE",
                  "a counter would leave +-kStoredIntegerMax of 2^53 - 1");
  }
  if (letter == "X") {
    return Corrupt("a counter that is no number");
  }
  return Status::Ok();
}

Result<ports::CommitOutcome> DecodeConflict(std::span<redisReply* const> elements,
                                            const TransactionShape& shape) {
  if (elements.size() != 2 + shape.versions + shape.scores ||
      elements[1]->type != REDIS_REPLY_INTEGER) {
    return BrokenReply("a conflict of another size");
  }
  ports::Conflict conflict;
  conflict.too_late = (elements[1]->integer & 1) != 0;
  conflict.fenced = (elements[1]->integer & 2) != 0;
  for (redisReply* element : elements.subspan(2, shape.versions)) {
    KULANZ_ASSIGN_OR_RETURN(Record record, DecodeRecord(*element));
    conflict.records.push_back(std::move(record));
  }
  for (redisReply* element : elements.subspan(2 + shape.versions)) {
    conflict.scores.push_back(ParseInteger(TextOf(*element)));
    if (!IsNil(*element) && !conflict.scores.back()) {
      return Corrupt("an index score that is no integer");
    }
  }
  return ports::CommitOutcome(std::move(conflict));
}

// Of an MGET reply, the genesis record first. OK when it is the expected one.
Status CheckReadGenesis(std::span<redisReply* const> elements, const Expected& expected,
                        std::optional<std::uint64_t>& sequence) {
  if (IsNil(*elements[0])) {
    return NoGenesis(expected, std::nullopt);
  }
  const std::string_view value = TextOf(*elements[0]);
  if (value.size() < kVersionBytes ||
      value.substr(kVersionBytes) != expected.genesis.Text(expected.partition)) {
    return NoGenesis(expected, value);
  }
  sequence = ReadVersion(value);
  return Status::Ok();
}

struct IndexReply {
  std::uint64_t size = 0;
  std::vector<ports::IndexEntry> entries;
};

Result<IndexReply> DecodeIndexReply(const redisReply& reply, const Expected& expected) {
  KULANZ_RETURN_IF_ERROR(ScriptFailure(reply, expected));
  const auto elements = Elements(reply);
  if (elements.size() != 2 || elements[0]->type != REDIS_REPLY_INTEGER ||
      elements[0]->integer < 0 || elements[1]->type != REDIS_REPLY_ARRAY) {
    return BrokenReply("an index of another form");
  }
  IndexReply index;
  index.size = static_cast<std::uint64_t>(elements[0]->integer);
  const auto pairs = Elements(*elements[1]);
  index.entries.reserve(pairs.size() / 2);
  for (std::size_t pair = 0; pair + 1 < pairs.size(); pair += 2) {
    const std::optional<std::int64_t> score = ParseInteger(TextOf(*pairs[pair + 1]));
    if (!score) {
      return Corrupt("an index score that is no integer");
    }
    index.entries.push_back({std::string(TextOf(*pairs[pair])), *score});
  }
  return index;
}

}  // namespace

Decoded<ports::CommitOutcome> DecodeCommit(const redisReply& reply, const Expected& expected,
                                           const TransactionShape& shape) {
  if (Status failure = ScriptFailure(reply, expected); !failure.ok()) {
    return {std::move(failure), std::nullopt};
  }
  ports::Committed committed;
  if (reply.type == REDIS_REPLY_INTEGER && shape.fences == 0) {
    committed.sequence = static_cast<std::uint64_t>(reply.integer);
    const std::uint64_t sequence = committed.sequence;
    return {ports::CommitOutcome(std::move(committed)), sequence};
  }
  const auto elements = Elements(reply);
  if (!elements.empty() && TextOf(*elements[0]) == "C") {
    return {DecodeConflict(elements, shape), std::nullopt};
  }
  if (elements.size() != 1 + shape.fences || elements[0]->type != REDIS_REPLY_INTEGER) {
    return {BrokenReply("a commit of another form"), std::nullopt};
  }
  committed.sequence = static_cast<std::uint64_t>(elements[0]->integer);
  for (redisReply* element : elements.subspan(1)) {
    Result<std::int64_t> counter = DecodeCounter(TextOf(*element));
    if (!counter.ok()) {
      return {counter.status(), std::nullopt};
    }
    committed.counters.push_back(*counter);
  }
  const std::uint64_t sequence = committed.sequence;
  return {ports::CommitOutcome(std::move(committed)), sequence};
}

Decoded<std::vector<Record>> DecodeRead(const redisReply& reply, const Expected& expected,
                                        std::size_t keys) {
  if (IsError(reply)) {
    return {ErrorStatus(TextOf(reply)), std::nullopt};
  }
  const auto elements = Elements(reply);
  if (elements.size() != 1 + keys) {
    return {BrokenReply("a read of another size"), std::nullopt};
  }
  std::optional<std::uint64_t> sequence;
  if (Status failure = CheckReadGenesis(elements, expected, sequence); !failure.ok()) {
    return {std::move(failure), std::nullopt};
  }
  std::vector<Record> records;
  records.reserve(keys);
  for (redisReply* element : elements.subspan(1)) {
    Result<Record> record = DecodeRecord(*element);
    if (!record.ok()) {
      return {record.status(), sequence};
    }
    records.push_back(*std::move(record));
  }
  return {std::move(records), sequence};
}

Decoded<std::int64_t> DecodeReadCounter(const redisReply& reply, const Expected& expected) {
  if (IsError(reply)) {
    return {ErrorStatus(TextOf(reply)), std::nullopt};
  }
  const auto elements = Elements(reply);
  if (elements.size() != 2) {
    return {BrokenReply("a counter of another form"), std::nullopt};
  }
  std::optional<std::uint64_t> sequence;
  if (Status failure = CheckReadGenesis(elements, expected, sequence); !failure.ok()) {
    return {std::move(failure), std::nullopt};
  }
  if (IsNil(*elements[1])) {
    return {std::int64_t{0}, sequence};
  }
  return {DecodeCounter(TextOf(*elements[1])), sequence};
}

Result<std::vector<ports::IndexEntry>> DecodeIndex(const redisReply& reply,
                                                   const Expected& expected) {
  KULANZ_ASSIGN_OR_RETURN(IndexReply index, DecodeIndexReply(reply, expected));
  return std::move(index.entries);
}

Result<ports::IndexSummary> DecodeIndexSummary(const redisReply& reply, const Expected& expected) {
  KULANZ_ASSIGN_OR_RETURN(const IndexReply index, DecodeIndexReply(reply, expected));
  ports::IndexSummary summary;
  summary.size = index.size;
  if (!index.entries.empty()) {
    summary.score_min = index.entries.front().score;
  }
  return summary;
}

std::optional<Instant> DecodeTime(const redisReply& reply) {
  const auto elements = Elements(reply);
  if (elements.size() != 2) {
    return std::nullopt;
  }
  const std::optional<std::int64_t> seconds = ParseInteger(TextOf(*elements[0]));
  const std::optional<std::int64_t> micros = ParseInteger(TextOf(*elements[1]));
  constexpr std::int64_t kSecondsMax = ToMillis(kMaxInstant) / 1000;
  if (!seconds || !micros || *seconds < 0 || *seconds > kSecondsMax) {
    return std::nullopt;
  }
  return InstantFromMillis(*seconds * 1000 + *micros / 1000);
}

Status NoGenesis(const Expected& expected, std::optional<std::string_view> found) {
  const std::string which = "partition " + std::to_string(expected.partition.number);
  if (!found) {
    return Status(Code::kFailedPrecondition, "NO_GENESIS",
                  which + " has no genesis record: the database was emptied or is not ours");
  }
  const std::optional<GenesisRecord> record = ParseGenesisRecord(*found);
  return Status(Code::kFailedPrecondition, "NO_GENESIS",
                which + (record ? " belongs to store " + record->genesis.store_id + ", not to " +
                                      expected.genesis.store_id
                                : std::string(" has something else as its genesis record")));
}

std::string_view TextOf(const redisReply& reply) {
  switch (reply.type) {
    case REDIS_REPLY_STRING:
    case REDIS_REPLY_STATUS:
    case REDIS_REPLY_ERROR:
      return {reply.str, reply.len};
    default:
      return {};
  }
}

bool IsError(const redisReply& reply) { return reply.type == REDIS_REPLY_ERROR; }
bool IsNil(const redisReply& reply) { return reply.type == REDIS_REPLY_NIL; }

std::string_view InfoField(std::string_view info, std::string_view name) {
  for (std::size_t at = info.find(name); at != std::string_view::npos;
       at = info.find(name, at + 1)) {
    const std::size_t value = at + name.size();
    if ((at == 0 || info[at - 1] == '\n') && value < info.size() && info[value] == ':') {
      return info.substr(value + 1, info.find('\r', value) - value - 1);
    }
  }
  return {};
}

Status NoFirstGenesis(bool is_absent) {
  return Status(Code::kFailedPrecondition, "NO_GENESIS",
                is_absent ? "the database has no genesis record: it was never initialised, it was "
                            "emptied, or it is not the one that was meant"
                          : "the database has something else as its genesis record");
}

}  // namespace kulanz::redis
