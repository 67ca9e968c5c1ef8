#include "service/app/pool_shelves.h"

#include <utility>
#include <variant>

#include "service/app/record_pool.h"
#include "service/base/check.h"

namespace kulanz::app {
namespace {

constexpr std::uint32_t kLookAtMost = 8;  // so that not all take the same one
constexpr int kRounds = 4;                // of what somebody else finishes at the same time

// An entry in transit: the destination below, the hop above.
constexpr std::int64_t kDestinations = ports::kPartitionsMax;
std::int64_t TransitScore(std::int64_t hop, ports::PartitionId to) {
  return hop * kDestinations + to.number;
}

struct InTransit {
  ports::KeyHash hash{};
  std::int64_t score = 0;
  std::int64_t hop() const { return score / kDestinations; }
  ports::PartitionId to() const { return {static_cast<std::uint16_t>(score % kDestinations)}; }
};

ports::IndexRange Range(ports::Key index, std::uint32_t limit) {
  return {.index = index, .score_min = 0, .score_max = ports::kStoredIntegerMax, .limit = limit};
}

Status NoHash() {
  return Status(Code::kDataLoss, "RECORD_CORRUPT", "a pool's shelf holds what is no code's hash");
}

// Codes that go from one partition to one other, with their records on both sides.
struct Passage {
  std::string pool;
  ports::PartitionId from;
  ports::PartitionId to;
  std::vector<InTransit> codes;
};

struct Side {
  std::vector<ports::Record> records;
  std::vector<StoredPoolCode> codes;  // where a record exists
};

Task<Result<Side>> ReadSide(ShelfTools tools, std::vector<InTransit> codes,
                            ports::PartitionId partition, Deadline deadline) {
  std::vector<ports::Key> keys;
  for (const InTransit& code : codes) {
    keys.push_back(tools.keys.PoolCode(partition, code.hash));
  }
  const std::vector<ports::Key> wanted = keys;
  auto records = co_await tools.store.Read(std::move(keys), deadline);
  if (!records.ok()) {
    co_return records.status();
  }
  Side side;
  side.codes.resize(records->size());
  for (std::size_t i = 0; i < records->size(); ++i) {
    if ((*records)[i].exists()) {
      auto code = DecodePoolCode(tools.codec, wanted[i], (*records)[i].value);
      if (!code.ok()) {
        co_return code.status();
      }
      side.codes[i] = *std::move(code);
    }
  }
  side.records = *std::move(records);
  co_return side;
}

// Step 2, for those that are not there yet; what it put on the shelf.
Task<Result<std::vector<ShelvedCode>>> Arrive(ShelfTools tools, Passage passage, Side source,
                                              Deadline deadline) {
  for (int round = 0; round < kRounds; ++round) {
    auto there = co_await ReadSide(tools, passage.codes, passage.to, deadline);
    if (!there.ok()) {
      co_return there.status();
    }
    std::vector<ShelvedCode> arriving;
    ports::Transaction transaction;
    transaction.partition = passage.to;
    for (std::size_t i = 0; i < passage.codes.size(); ++i) {
      const std::int64_t hop = passage.codes[i].hop() + 1;
      const bool was_here = there->records[i].exists() && there->codes[i].hop >= hop;
      // Step 3 has been done since, or the code has come back.
      const bool was_finished = source.codes[i].sealed.empty() || source.codes[i].hop >= hop;
      if (was_here || was_finished) {
        continue;
      }
      const ports::Key key = tools.keys.PoolCode(passage.to, passage.codes[i].hash);
      const StoredPoolCode record{passage.pool, source.codes[i].sealed, hop};
      transaction.checks.emplace_back(ports::CheckVersion{key, there->records[i].version});
      transaction.writes.emplace_back(
          ports::Put{key, Encode(tools.codec, key, record), std::nullopt});
      transaction.writes.emplace_back(ports::IndexPut{
          tools.keys.PoolShelf(passage.to, passage.pool), {MemberOf(passage.codes[i].hash), hop}});
      arriving.push_back({passage.pool, key, hop, record.sealed});
    }
    if (arriving.empty()) {
      co_return arriving;
    }
    const ports::Key arrivals = tools.keys.PoolArrivals(passage.to, passage.pool);
    const StoredPool mark{passage.pool, 0};
    transaction.writes.emplace_back(
        ports::Put{arrivals, Encode(tools.codec, arrivals, mark), std::nullopt});
    auto outcome = co_await tools.store.Commit(std::move(transaction), deadline);
    if (!outcome.ok()) {
      co_return outcome.status();
    }
    if (std::holds_alternative<ports::Committed>(*outcome)) {
      co_return arriving;
    }
  }
  co_return std::vector<ShelvedCode>{};  // others are at it, again and again: it is not lost
}

// Step 3. Whoever is faster does the same, so a conflict is no failure.
Task<Status> Forget(ShelfTools tools, Passage passage, Side source, Deadline deadline) {
  ports::Transaction transaction;
  transaction.partition = passage.from;
  const ports::Key transit = tools.keys.PoolTransit(passage.from, passage.pool);
  for (std::size_t i = 0; i < passage.codes.size(); ++i) {
    const InTransit& code = passage.codes[i];
    const ports::Key key = tools.keys.PoolCode(passage.from, code.hash);
    transaction.checks.emplace_back(ports::CheckScore{transit, MemberOf(code.hash), code.score});
    transaction.checks.emplace_back(ports::CheckVersion{key, source.records[i].version});
    transaction.writes.emplace_back(ports::IndexRemove{transit, MemberOf(code.hash)});
    if (source.codes[i].hop == code.hop()) {  // else the code has come back since
      const StoredPoolCode rest{passage.pool, "", code.hop()};
      transaction.writes.emplace_back(
          ports::Put{key, Encode(tools.codec, key, rest), std::nullopt});
    }
  }
  auto outcome = co_await tools.store.Commit(std::move(transaction), deadline);
  co_return outcome.ok() ? Status::Ok() : outcome.status();
}

// Steps 2 and 3.
Task<Result<std::vector<ShelvedCode>>> Finish(ShelfTools tools, Passage passage,
                                              Deadline deadline) {
  auto source = co_await ReadSide(tools, passage.codes, passage.from, deadline);
  if (!source.ok()) {
    co_return source.status();
  }
  auto arrived = co_await Arrive(tools, passage, *source, deadline);
  if (!arrived.ok()) {
    co_return arrived.status();
  }
  // What is not forgotten now, the next count finishes; the codes have arrived all the same.
  static_cast<void>(co_await Forget(tools, std::move(passage), *std::move(source), deadline));
  co_return arrived;
}

Result<std::vector<InTransit>> AsCodes(const std::vector<ports::IndexEntry>& entries) {
  std::vector<InTransit> codes;
  for (const ports::IndexEntry& entry : entries) {
    const auto hash = KeyHashFrom(entry.member);
    if (!hash) {
      return NoHash();
    }
    codes.push_back({*hash, entry.score});
  }
  return codes;
}

}  // namespace

void TakeFromShelf(const ShelfTools& tools, const ShelvedCode& code,
                   ports::Transaction& transaction) {
  const ports::Key shelf = tools.keys.PoolShelf(code.key.partition, code.pool);
  const std::string member = MemberOf(code.key.hash);
  transaction.checks.emplace_back(ports::CheckScore{shelf, member, code.hop});
  transaction.writes.emplace_back(ports::IndexRemove{shelf, member});
  const StoredPoolCode rest{code.pool, "", code.hop};
  transaction.writes.emplace_back(
      ports::Put{code.key, Encode(tools.codec, code.key, rest), std::nullopt});
}

Task<Result<ShelfLook>> LookAtShelf(ShelfTools tools, std::string pool,
                                    ports::PartitionId partition, std::uint64_t choice,
                                    Deadline deadline) {
  auto entries = co_await tools.store.ReadIndex(
      Range(tools.keys.PoolShelf(partition, pool), kLookAtMost), deadline);
  if (!entries.ok()) {
    co_return entries.status();
  }
  ShelfLook look;
  look.has_any = !entries->empty();
  if (!look.has_any) {
    co_return look;
  }
  const ports::IndexEntry& entry = (*entries)[choice % entries->size()];
  const auto hash = KeyHashFrom(entry.member);
  if (!hash) {
    co_return NoHash();
  }
  const ports::Key key = tools.keys.PoolCode(partition, *hash);
  std::vector<ports::Key> keys = {key};
  auto records = co_await tools.store.Read(std::move(keys), deadline);
  if (!records.ok()) {
    co_return records.status();
  }
  auto code = DecodePoolCode(tools.codec, key, records->front().value);
  if (!code.ok()) {
    co_return code.status();
  }
  if (!code->sealed.empty() && code->hop == entry.score) {
    look.code.push_back({std::move(pool), key, entry.score, std::move(code->sealed)});
  }
  co_return look;
}

Task<Result<std::vector<ShelvedCode>>> MoveCodes(ShelfTools tools, MoveOrder order,
                                                 Deadline deadline) {
  KULANZ_CHECK(order.from != order.to && order.count <= kMoveCodesMax, "a move goes elsewhere");
  const ports::Key shelf = tools.keys.PoolShelf(order.from, order.pool);
  auto entries = co_await tools.store.ReadIndex(
      Range(shelf, static_cast<std::uint32_t>(order.count)), deadline);
  if (!entries.ok()) {
    co_return entries.status();
  }
  auto codes = AsCodes(*entries);
  if (!codes.ok()) {
    co_return codes.status();
  }
  if (codes->empty()) {
    co_return std::vector<ShelvedCode>{};
  }
  const ports::Key transit = tools.keys.PoolTransit(order.from, order.pool);
  ports::Transaction departure;
  departure.partition = order.from;
  for (InTransit& code : *codes) {
    const std::string member = MemberOf(code.hash);
    departure.checks.emplace_back(ports::CheckScore{shelf, member, code.score});
    departure.writes.emplace_back(ports::IndexRemove{shelf, member});
    code.score = TransitScore(code.score, order.to);
    departure.writes.emplace_back(ports::IndexPut{transit, {member, code.score}});
  }
  auto outcome = co_await tools.store.Commit(std::move(departure), deadline);
  if (!outcome.ok()) {
    co_return outcome.status();
  }
  if (std::holds_alternative<ports::Conflict>(*outcome)) {
    co_return std::vector<ShelvedCode>{};
  }
  Passage passage{order.pool, order.from, order.to, *std::move(codes)};
  co_return co_await Finish(tools, std::move(passage), deadline);
}

Task<Result<std::size_t>> FinishMoves(ShelfTools tools, std::string pool, ports::PartitionId from,
                                      Deadline deadline) {
  auto entries = co_await tools.store.ReadIndex(
      Range(tools.keys.PoolTransit(from, pool), ports::kIndexRangeMax), deadline);
  if (!entries.ok()) {
    co_return entries.status();
  }
  auto codes = AsCodes(*entries);
  if (!codes.ok()) {
    co_return codes.status();
  }
  // One by one: a code that somebody else finishes meanwhile then stops no other.
  for (const InTransit& code : *codes) {
    Passage passage{pool, from, code.to(), {code}};
    auto arrived = co_await Finish(tools, std::move(passage), deadline);
    if (!arrived.ok()) {
      co_return arrived.status();
    }
  }
  co_return codes->size();
}

}  // namespace kulanz::app
