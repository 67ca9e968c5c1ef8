// RedisStore: the Store port over a Redis: one server, the master behind Sentinels, or a cluster.
//
// A mini-transaction is one Lua script (lua/transaction.lua), a read is one MGET; see key_codec.h for
// what lies where. A version is the partition's sequence number, in the first 8 bytes of the value.
//
// Thread-safety: as the port says. Tasks resume on the loop of the partition's connection, which a
// coroutine must not block: every other call waits behind it. A coroutine that calls the store again
// from there goes without a queue.
// Failures: those of the port. A deadline that passes before the call was sent is STORE_UNREACHABLE,
// after it STORE_UNCERTAIN.
// Ownership: log and telemetry are borrowed. The destructor ends calls under way as uncertain; no call
// may begin once it has begun.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "service/adapters/redis/options.h"
#include "service/ports/log.h"
#include "service/ports/store.h"
#include "service/ports/store_scan.h"
#include "service/ports/telemetry.h"

namespace kulanz::redis {

class Router;
class StoreState;

class RedisStore final : public ports::Store, public ports::StoreScan {
 public:
  // Connects, and blocks until every connection is verified. Fails at once with what an operator has to
  // mend (NO_GENESIS, STORE_REFUSED, REDIS_OPTIONS), and at the deadline with why there is no contact.
  // With options.genesis it then gives a store that keeps trying instead: a service that starts while
  // Redis is away becomes healthy by itself. With options.genesis_follows also where the genesis is missing.
  static Result<std::unique_ptr<RedisStore>> Open(RedisOptions options, ports::Log& log,
                                                  ports::Telemetry& telemetry, Deadline deadline);
  ~RedisStore() override;
  RedisStore(const RedisStore&) = delete;
  RedisStore& operator=(const RedisStore&) = delete;

  std::uint32_t partition_count() const override;
  Task<Result<std::vector<ports::Record>>> Read(std::vector<ports::Key> keys,
                                                Deadline deadline) override;
  Task<Result<ports::CommitOutcome>> Commit(ports::Transaction transaction,
                                            Deadline deadline) override;
  Task<Result<std::vector<ports::IndexEntry>>> ReadIndex(ports::IndexRange range,
                                                         Deadline deadline) override;
  Task<Result<ports::IndexSummary>> SummarizeIndex(ports::Key index, Deadline deadline) override;
  Task<Result<std::int64_t>> ReadCounter(ports::Key counter, Deadline deadline) override;
  // Server by server; with more than one connection to each, keys come more than once.
  Task<Result<ports::ScanPage>> Scan(std::string cursor, std::uint32_t limit,
                                     Deadline deadline) override;
  std::optional<Instant> Now() const override;
  Status Health() const override;

  const Genesis& genesis() const;
  // An operator has looked at the lost writes (STORE_LOST_WRITES) and lets the store go on.
  void ResumeAfterLostWrites();

 private:
  RedisStore(RedisOptions options, ports::Log& log, ports::Telemetry& telemetry);
  // OK when all are verified; at the deadline, or once waiting is in vain, the reason why not.
  Status WaitUntilReady(Deadline deadline);

  const RedisOptions options_;
  ports::Telemetry& telemetry_;
  std::unique_ptr<StoreState> state_;
  std::mutex change_mutex_;
  std::condition_variable changed_;
  std::unique_ptr<Router> router_;  // last: its loops use all above
};

}  // namespace kulanz::redis
