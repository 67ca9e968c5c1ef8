// Importing codes into a pool; declared in code_pools.h.
#include <memory>
#include <mutex>
#include <unordered_map>
#include <utility>

#include "service/app/code_pools.h"
#include "service/app/contention.h"
#include "service/app/parallel.h"
#include "service/app/record_pool.h"

namespace kulanz::app {
namespace {

constexpr std::size_t kCodesAtOnce = 16;

struct Batch {
  Batch(ShelfTools the_tools, std::string the_pool, Deadline the_deadline)
      : tools(the_tools), pool(std::move(the_pool)), deadline(the_deadline) {}
  struct Item {
    ports::Key home;
    std::string sealed;
  };
  const ShelfTools tools;
  const std::string pool;
  const Deadline deadline;
  std::vector<Item> items;
  std::mutex mutex;
  ImportedCodes imported;  // under mutex
  Status failure;          // under mutex; the first

  bool Failed() {
    const std::lock_guard lock(mutex);
    return !failure.ok();
  }
};

enum class Fate : std::uint8_t { kAdded, kKnown, kElsewhere };

Task<Result<Fate>> ImportOne(std::shared_ptr<Batch> batch, std::size_t index) {
  const Batch::Item& item = batch->items[index];
  const ShelfTools& tools = batch->tools;
  ports::Transaction transaction;
  transaction.partition = item.home.partition;
  transaction.checks.emplace_back(ports::CheckVersion{item.home, 0});
  const StoredPoolCode record{batch->pool, item.sealed, 0};
  transaction.writes.emplace_back(
      ports::Put{item.home, Encode(tools.codec, item.home, record), std::nullopt});
  transaction.writes.emplace_back(ports::IndexPut{
      tools.keys.PoolShelf(item.home.partition, batch->pool), {MemberOf(item.home.hash), 0}});
  const auto outcome = co_await tools.store.Commit(std::move(transaction), batch->deadline);
  if (!outcome.ok()) {
    co_return outcome.status();
  }
  const auto* conflict = std::get_if<ports::Conflict>(&*outcome);
  if (conflict == nullptr) {
    co_return Fate::kAdded;
  }
  const auto stored = DecodePoolCode(tools.codec, item.home, conflict->records.front().value);
  if (!stored.ok()) {
    co_return stored.status();
  }
  co_return stored->pool == batch->pool ? Fate::kKnown : Fate::kElsewhere;
}

Task<void> ImportNext(std::shared_ptr<Batch> batch, std::size_t index) {
  if (batch->Failed()) {
    co_return;
  }
  const auto fate = co_await ImportOne(batch, index);
  const std::lock_guard lock(batch->mutex);
  if (!fate.ok()) {
    batch->failure = batch->failure.ok() ? fate.status() : batch->failure;
  } else if (*fate == Fate::kAdded) {
    ++batch->imported.added;
  } else if (*fate == Fate::kKnown) {
    ++batch->imported.known;
  } else {
    batch->imported.elsewhere.push_back(index);
  }
}

Status PoolFull(const std::string& pool) {
  return Status(Code::kFailedPrecondition, "POOL_FULL",
                "pool '" + pool + "' would have more than " + std::to_string(kPoolCodesMax) +
                    " codes; use another name for a new pool")
      .WithMetadata("pool", pool);
}

}  // namespace

Task<Result<ImportedCodes>> CodePools::Import(std::string pool, std::vector<PoolCode> codes,
                                              Deadline deadline) {
  const ports::Key key = ports_.keys.Pool(pool);
  const auto record = co_await ReadOne(key, deadline);
  if (!record.ok()) {
    co_return record.status();
  }
  const auto stored = DecodePool(ports_.codec, key, record->value);
  if (!stored.ok()) {
    co_return stored.status();
  }
  if (stored->imported + codes.size() > kPoolCodesMax) {
    co_return PoolFull(pool);
  }
  auto batch = std::make_shared<Batch>(tools(), pool, deadline);
  const Instant now = ports_.store.Now().value_or(Instant{});
  for (const PoolCode& code : codes) {
    auto sealed = ports_.cipher.Seal(pool, code, now, ports_.entropy);
    const auto hash = ports_.cipher.HashOf(code);
    if (!sealed.ok() || !hash.ok()) {
      co_return sealed.ok() ? hash.status() : sealed.status();
    }
    batch->items.push_back({ports_.keys.PoolCodeHome(*hash), *std::move(sealed)});
  }
  std::function<Task<void>(std::size_t)> work = [batch](std::size_t index) {
    return ImportNext(batch, index);
  };
  co_await ForEach(batch->items.size(), kCodesAtOnce, std::move(work));
  // Also after a failure, and when all were known, as the answer to the import before may have been lost:
  // nobody may go on believing that the pool is empty.
  Status noted = co_await NoteImport(pool, batch->imported.added, deadline);
  if (!batch->failure.ok()) {
    co_return batch->failure;
  }
  if (!noted.ok()) {
    co_return noted;
  }
  std::sort(batch->imported.elsewhere.begin(), batch->imported.elsewhere.end());
  co_return std::move(batch->imported);
}

Task<Status> CodePools::NoteImport(std::string pool, std::uint64_t added, Deadline deadline) {
  const ports::Key key = ports_.keys.Pool(pool);
  auto read = co_await ReadOne(key, deadline);
  if (!read.ok()) {
    co_return read.status();
  }
  ports::Record record = *std::move(read);
  while (ports_.scheduler.Now() < deadline) {
    auto stored = DecodePool(ports_.codec, key, record.value);
    if (!stored.ok()) {
      co_return stored.status();
    }
    const StoredPool next{pool, stored->imported + added};
    ports::Transaction transaction;
    transaction.partition = key.partition;
    transaction.checks.emplace_back(ports::CheckVersion{key, record.version});
    transaction.writes.emplace_back(ports::Put{key, Encode(ports_.codec, key, next), std::nullopt});
    auto outcome = co_await ports_.store.Commit(std::move(transaction), deadline);
    if (!outcome.ok()) {
      co_return outcome.status();
    }
    if (auto* conflict = std::get_if<ports::Conflict>(&*outcome)) {
      record = std::move(conflict->records.front());
      continue;
    }
    const std::lock_guard lock(mutex_);
    View& view = views_[pool];
    view.empty_at_version.reset();
    view.stock.clear();  // the next that needs one from elsewhere counts
    co_return Status::Ok();
  }
  co_return Contention("others import into the pool at once");
}

}  // namespace kulanz::app
