// CodePools: codes of a shop's own coupon engine, imported by an operator and given away once each.
//
// A code is imported into the partition that its keyed hash names, encrypted, and its record stays there for
// ever: so one code is imported once, whatever pool and however often. To be given to a customer it must be
// on the shelf of the customer's partition; where that is empty, some are moved there (pool_shelves.h). The
// transaction that decides the incident takes it off the shelf and puts the encrypted code into the voucher:
// no crash can lose it or give it twice.
//
// "Empty" is said when there was a moment at which no code was on any shelf or on its way to one, and no import
// has ended since: by then every code had been given.
//
// Thread-safety: any method from any thread. Outlives its tasks.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "service/app/pool_cipher.h"
#include "service/app/pool_shelves.h"
#include "service/app/pool_watch.h"
#include "service/domain/pool_code.h"
#include "service/ports/entropy.h"
#include "service/ports/log.h"
#include "service/ports/scheduler.h"
#include "service/ports/telemetry.h"

namespace kulanz::app {

class PolicyHolder;

struct PoolEmpty {};
using PoolAnswer = std::variant<ShelvedCode, PoolEmpty>;

inline constexpr std::uint64_t kPoolCodesMax = 10'000'000;  // of one pool, ever

struct ImportedCodes {
  std::uint64_t added = 0;
  std::uint64_t known = 0;             // imported into this pool before
  std::vector<std::size_t> elsewhere;  // positions of codes that another pool has
};

struct PoolStock {
  std::uint64_t imported = 0;   // ever; after lost answers some may be counted twice
  std::uint64_t remaining = 0;  // on the shelves
};

struct PoolSettings {
  Duration count_every{
      15'000};  // for the metrics and the warnings, and moves that were left behind
  Duration believe_empty{1'000};  // so long an empty pool is not counted again for each incident
  Duration store_timeout{5'000};  // of the work in the background
};

class CodePools {
 public:
  struct Ports {
    ports::Store& store;
    ports::Scheduler& scheduler;
    ports::Entropy& entropy;
    ports::Telemetry& telemetry;
    ports::Log& log;
    const Keys& keys;
    const RecordCodec& codec;
    const PoolCipher& cipher;
    const PolicyHolder& policies;
  };
  explicit CodePools(const Ports& ports, PoolSettings settings = {});

  ShelfTools tools() const { return {ports_.store, ports_.keys, ports_.codec}; }
  const PoolCipher& cipher() const { return ports_.cipher; }

  // A code on the shelf of `partition`; to be taken by TakeFromShelf in the deciding transaction.
  //   UNAVAILABLE / CONTENTION   others took what was found, again and again.
  //   and every failure of the store.
  Task<Result<PoolAnswer>> Take(std::string pool, ports::PartitionId partition, Deadline deadline);

  // Idempotent for each code. What it has done before a failure stays; repeat it whole.
  //   FAILED_PRECONDITION / POOL_FULL         it would have more than kPoolCodesMax; nothing is imported.
  //   FAILED_PRECONDITION / POOLS_NOT_SET_UP  there is no key to encrypt with.
  //   and every failure of the store.
  Task<Result<ImportedCodes>> Import(std::string pool, std::vector<PoolCode> codes,
                                     Deadline deadline);

  Task<Result<PoolStock>> Count(std::string pool, Deadline deadline);

  // Whether a policy names a pool: if none does, no code is one of a pool for now.
  bool in_use() const;
  // Whether some pool has or had this code.
  Task<Result<bool>> Knows(PoolCode code, Deadline deadline);

  // Counts the pools that policies name, regularly, until the scheduler stops.
  Task<void> Run();
  // One such round.
  Task<void> Observe();

 private:
  using Waiting = std::function<void(Status)>;
  // What this process believes of a pool.
  struct View {
    std::vector<std::uint64_t> stock;  // by partition; empty: unknown
    std::size_t next_source = 0;       // so that not all are taken from one partition
    bool counting = false;
    std::vector<Waiting> waiting;
    std::optional<std::uint64_t> empty_at_version;  // of the pool's record
    Deadline empty_since{};
  };

  std::optional<MoveOrder> FindSource(const std::string& pool, ports::PartitionId to);
  void ForgetSource(const std::string& pool, ports::PartitionId from);
  // True: empty. False: there is something, or there may be: look again.
  Task<Result<bool>> IsEmpty(std::string pool, Deadline deadline);
  // One at a time for each pool; who comes meanwhile gets the outcome of the one under way.
  Task<Status> CountOnce(std::string pool, std::uint64_t version, Deadline deadline);
  Task<void> CountNow(std::string pool, std::uint64_t version, Deadline deadline);
  Task<Result<ports::Record>> ReadOne(ports::Key key, Deadline deadline);
  Task<Status> NoteImport(std::string pool, std::uint64_t added, Deadline deadline);

  const Ports ports_;
  const PoolSettings settings_;
  PoolWatch watch_;
  std::atomic<std::uint64_t> choice_{0};
  std::mutex mutex_;
  std::map<std::string, View> views_;  // under mutex_
};

}  // namespace kulanz::app
