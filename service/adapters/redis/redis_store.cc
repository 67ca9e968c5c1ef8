#include "service/adapters/redis/redis_store.h"

#include <algorithm>
#include <chrono>
#include <set>
#include <string_view>
#include <utility>

#include "service/adapters/redis/call.h"
#include "service/adapters/redis/failures.h"
#include "service/adapters/redis/reply_codec.h"
#include "service/adapters/redis/router.h"
#include "service/adapters/redis/scan_codec.h"
#include "service/adapters/redis/store_state.h"
#include "service/adapters/redis/transaction_codec.h"
#include "service/base/check.h"
#include "service/ports/store_validation.h"

namespace kulanz::redis {
namespace {

using ports::CommitOutcome;
using ports::Key;
using ports::PartitionId;
using ports::Record;

// A call to be awaited: encoded, sent, and its reply decoded by `Decode`, a function
// (const redisReply&, const Expected&) -> Decoded<T>.
template <typename T, typename Decode>
class StoreCall final : public Call {
 public:
  StoreCall(Router& router, StoreState& state, PartitionId of_keys, std::string command,
            Deadline give_up, Decode decode)
      : router_(router),
        state_(state),
        floor_(state.SequenceFloor(of_keys)),
        decode_(std::move(decode)) {
    bytes = std::move(command);
    partition = of_keys;
    deadline = give_up;
  }

  bool await_ready() const noexcept { return false; }
  bool await_suspend(std::coroutine_handle<> caller) {
    waiter = caller;
    log_context = CurrentLogContext();
    return router_.Submit(*this);
  }
  Result<T> await_resume() { return std::move(*result_); }

  Status OnReply(const redisReply& reply) override {
    Decoded<T> decoded = decode_(reply, Expected{*state_.genesis(), partition});
    if (decoded.sequence) {
      sequence_ = decoded.sequence;
      state_.ObserveSequence(partition, floor_, *sequence_, state_.answers_are_kept());
    }
    result_.emplace(std::move(decoded.result));
    return result_->status();
  }
  void Confirm() override {
    if (sequence_) {
      state_.ObserveSequence(partition, floor_, *sequence_, true);
    }
  }
  void Fail(Status failure) override { result_.emplace(std::move(failure)); }

 private:
  Router& router_;
  StoreState& state_;
  const std::uint64_t floor_;
  std::optional<std::uint64_t> sequence_;  // of a reply that has one
  Decode decode_;
  std::optional<Result<T>> result_;
};

std::string_view ResultLabel(const Status& status) {
  if (status.ok()) {
    return "ok";
  }
  return status.reason() == "STORE_UNCERTAIN" ? "uncertain" : "unavailable";
}

// Reports one call when it is over.
class Measurement {
 public:
  Measurement(ports::Telemetry& telemetry, std::string_view operation)
      : telemetry_(telemetry), operation_(operation), start_(std::chrono::steady_clock::now()) {}
  void Finish(std::string_view result) const {
    telemetry_.StoreCallFinished(operation_, result, std::chrono::steady_clock::now() - start_);
  }

 private:
  ports::Telemetry& telemetry_;
  std::string_view operation_;
  std::chrono::steady_clock::time_point start_;
};

// Waiting longer changes nothing: somebody has to act first.
bool NeedsAnOperator(const Status& status, Topology topology) {
  // Sentinels and clusters find another master by themselves.
  const bool finds_a_master = topology != Topology::kStandalone;
  return status.reason() == "NO_GENESIS" || status.code() == Code::kInternal ||
         (status.reason() == "STORE_REFUSED" && !IsClusterDown(status)) ||
         (status.reason() == "STORE_READ_ONLY" && !finds_a_master);
}

// For each server, the first partition that it serves; ascending.
std::vector<PartitionId> FirstPartitions(const Router& router, std::uint32_t partitions) {
  std::set<const Connection*> seen;
  std::vector<PartitionId> first;
  for (std::uint16_t number = 0; number < partitions; ++number) {
    if (seen.insert(router.ConnectionOf({number})).second) {
      first.push_back({number});
    }
  }
  return first;
}

}  // namespace

Result<std::unique_ptr<RedisStore>> RedisStore::Open(RedisOptions options, ports::Log& log,
                                                     ports::Telemetry& telemetry,
                                                     Deadline deadline) {
  KULANZ_RETURN_IF_ERROR(options.Validate());
  // NOLINTNEXTLINE(cppcoreguidelines-owning-memory): the constructor is private
  std::unique_ptr<RedisStore> store(new RedisStore(std::move(options), log, telemetry));
  store->router_ = Router::Make(*store->state_, [&store = *store] {
    const std::lock_guard lock(store.change_mutex_);
    store.changed_.notify_all();
  });
  const Status ready = store->WaitUntilReady(deadline);
  const bool follows = store->options_.genesis_follows && ready.reason() == "NO_GENESIS";
  const bool may_wait = store->state_->genesis() != nullptr &&
                        (follows || !NeedsAnOperator(ready, store->options_.address.topology));
  if (!ready.ok() && !may_wait) {
    return ready;
  }
  return store;
}

RedisStore::RedisStore(RedisOptions options, ports::Log& log, ports::Telemetry& telemetry)
    : options_(std::move(options)),
      telemetry_(telemetry),
      state_(std::make_unique<StoreState>(options_, log, telemetry)) {}

RedisStore::~RedisStore() = default;

Status RedisStore::WaitUntilReady(Deadline deadline) {
  std::unique_lock lock(change_mutex_);
  Status health;
  changed_.wait_until(lock, deadline, [&] {
    health = Health();
    return health.ok() || NeedsAnOperator(health, options_.address.topology);
  });
  return health;
}

std::uint32_t RedisStore::partition_count() const { return genesis().partition_count; }

const Genesis& RedisStore::genesis() const {
  KULANZ_CHECK(state_->genesis() != nullptr, "Open gives no store before its genesis is known");
  return *state_->genesis();
}

std::optional<Instant> RedisStore::Now() const { return state_->Now(); }

Status RedisStore::Health() const {
  KULANZ_RETURN_IF_ERROR(state_->HaltStatus());
  return router_->Health();
}

void RedisStore::ResumeAfterLostWrites() { state_->ClearHalt(); }

Task<Result<std::vector<Record>>> RedisStore::Read(std::vector<Key> keys, Deadline deadline) {
  KULANZ_CO_RETURN_IF_ERROR(ports::ValidateRead(keys, partition_count()));
  const Measurement measurement(telemetry_, "read");
  const PartitionId partition = keys.front().partition;
  const auto decode = [count = keys.size()](const redisReply& reply, const Expected& expected) {
    return DecodeRead(reply, expected, count);
  };
  StoreCall<std::vector<Record>, decltype(decode)> call(*router_, *state_, partition,
                                                        EncodeRead(keys), deadline, decode);
  Result<std::vector<Record>> result = co_await call;
  measurement.Finish(ResultLabel(result.status()));
  co_return result;
}

Task<Result<CommitOutcome>> RedisStore::Commit(ports::Transaction transaction, Deadline deadline) {
  KULANZ_CO_RETURN_IF_ERROR(ports::ValidateTransaction(transaction, partition_count()));
  const Measurement measurement(telemetry_, "commit");
  const PartitionId partition = transaction.partition;
  EncodedTransaction encoded =
      EncodeTransaction(transaction, genesis(), options_.replicas_to_wait > 0);
  const auto decode = [shape = encoded.shape](const redisReply& reply, const Expected& expected) {
    return DecodeCommit(reply, expected, shape);
  };
  StoreCall<CommitOutcome, decltype(decode)> call(*router_, *state_, partition,
                                                  std::move(encoded.bytes), deadline, decode);
  call.writes = true;
  Result<CommitOutcome> result = co_await call;
  const bool is_conflict = result.ok() && std::holds_alternative<ports::Conflict>(*result);
  measurement.Finish(is_conflict ? "conflict" : ResultLabel(result.status()));
  co_return result;
}

Task<Result<std::vector<ports::IndexEntry>>> RedisStore::ReadIndex(ports::IndexRange range,
                                                                   Deadline deadline) {
  KULANZ_CO_RETURN_IF_ERROR(ports::ValidateRange(range, partition_count()));
  const Measurement measurement(telemetry_, "index");
  const PartitionId partition = range.index.partition;
  const auto decode = [](const redisReply& reply, const Expected& expected) {
    return Decoded<std::vector<ports::IndexEntry>>{DecodeIndex(reply, expected), std::nullopt};
  };
  StoreCall<std::vector<ports::IndexEntry>, decltype(decode)> call(
      *router_, *state_, partition, EncodeReadIndex(range, genesis()), deadline, decode);
  Result<std::vector<ports::IndexEntry>> result = co_await call;
  measurement.Finish(ResultLabel(result.status()));
  co_return result;
}

Task<Result<ports::IndexSummary>> RedisStore::SummarizeIndex(Key index, Deadline deadline) {
  KULANZ_CO_RETURN_IF_ERROR(ports::ValidateIndexKey(index, partition_count()));
  const Measurement measurement(telemetry_, "index");
  const PartitionId partition = index.partition;
  const auto decode = [](const redisReply& reply, const Expected& expected) {
    return Decoded<ports::IndexSummary>{DecodeIndexSummary(reply, expected), std::nullopt};
  };
  StoreCall<ports::IndexSummary, decltype(decode)> call(
      *router_, *state_, partition, EncodeSummarizeIndex(index, genesis()), deadline, decode);
  Result<ports::IndexSummary> result = co_await call;
  measurement.Finish(ResultLabel(result.status()));
  co_return result;
}

Task<Result<std::int64_t>> RedisStore::ReadCounter(Key counter, Deadline deadline) {
  KULANZ_CO_RETURN_IF_ERROR(ports::ValidateCounterKey(counter, partition_count()));
  const Measurement measurement(telemetry_, "read");
  const PartitionId partition = counter.partition;
  StoreCall<std::int64_t, decltype(&DecodeReadCounter)> call(
      *router_, *state_, partition, EncodeRead({counter}), deadline, &DecodeReadCounter);
  Result<std::int64_t> result = co_await call;
  measurement.Finish(ResultLabel(result.status()));
  co_return result;
}

Task<Result<ports::ScanPage>> RedisStore::Scan(std::string cursor, std::uint32_t limit,
                                               Deadline deadline) {
  const std::uint32_t partitions = partition_count();
  const std::optional<ScanCursor> from = ScanCursor::Parse(cursor, partitions);
  if (limit == 0 || limit > ports::kScanLimitMax || !from) {
    co_return Status(Code::kInvalidArgument, "STORE_LIMIT",
                     "a scan takes a limit of 1 to kScanLimitMax of 1000 and its own cursor");
  }
  const auto decode = [partitions](const redisReply& reply, const Expected&) {
    return Decoded<ScannedKeys>{DecodeScan(reply, partitions), std::nullopt};
  };
  StoreCall<ScannedKeys, decltype(decode)> call(
      *router_, *state_, from->partition, EncodeScan(from->position, limit), deadline, decode);
  Result<ScannedKeys> scanned = co_await call;
  if (!scanned.ok()) {
    co_return scanned.status();
  }
  ports::ScanPage page = std::move(scanned->page);
  const std::vector<PartitionId> servers = FirstPartitions(*router_, partitions);
  const auto after = std::upper_bound(servers.begin(), servers.end(), from->partition);
  if (scanned->position != 0) {
    page.next = ScanCursor{from->partition, scanned->position}.Text();
  } else if (after != servers.end()) {
    page.next = ScanCursor{*after, 0}.Text();
  }
  const auto done_before = static_cast<std::uint32_t>(after - servers.begin() - 1);
  page.per_mille =
      (done_before * 1000 + page.per_mille) / static_cast<std::uint32_t>(servers.size());
  co_return page;
}

}  // namespace kulanz::redis
