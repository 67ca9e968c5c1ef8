#include "service/app/code_pools.h"

#include <algorithm>
#include <utility>

#include "service/app/contention.h"
#include "service/app/policy_holder.h"
#include "service/app/record_pool.h"

namespace kulanz::app {
namespace {

// A customer's partition gets more than the one code that is needed only when there are plenty elsewhere,
// and never most of them: the rest stays where a count finds it.
constexpr std::uint64_t kShareOfSource = 16;

}  // namespace

CodePools::CodePools(const Ports& ports, PoolSettings settings)
    : ports_(ports), settings_(settings), watch_(ports.telemetry, ports.log) {}

Task<Result<ports::Record>> CodePools::ReadOne(ports::Key key, Deadline deadline) {
  std::vector<ports::Key> keys = {key};
  auto records = co_await ports_.store.Read(std::move(keys), deadline);
  if (!records.ok()) {
    co_return records.status();
  }
  co_return std::move(records->front());
}

Task<Result<PoolAnswer>> CodePools::Take(std::string pool, ports::PartitionId partition,
                                         Deadline deadline) {
  do {
    const std::uint64_t choice = choice_.fetch_add(1, std::memory_order_relaxed);
    auto look = co_await LookAtShelf(tools(), pool, partition, choice, deadline);
    if (!look.ok()) {
      co_return look.status();
    }
    if (!look->code.empty()) {
      co_return PoolAnswer(std::move(look->code.front()));
    }
    if (look->has_any) {
      continue;
    }
    if (auto order = FindSource(pool, partition)) {
      const ports::PartitionId from = order->from;
      auto moved = co_await MoveCodes(tools(), *std::move(order), deadline);
      if (!moved.ok()) {
        co_return moved.status();
      }
      if (!moved->empty()) {
        co_return PoolAnswer(std::move(moved->front()));
      }
      ForgetSource(pool, from);
      continue;
    }
    const auto empty = co_await IsEmpty(pool, deadline);
    if (!empty.ok()) {
      co_return empty.status();
    }
    if (*empty) {
      co_return PoolAnswer(PoolEmpty{});
    }
  } while (ports_.scheduler.Now() < deadline);
  co_return Contention("codes of the pool were taken by others first, again and again");
}

std::optional<MoveOrder> CodePools::FindSource(const std::string& pool, ports::PartitionId to) {
  const std::lock_guard lock(mutex_);
  View& view = views_[pool];
  for (std::size_t i = 0; i < view.stock.size(); ++i) {
    const std::size_t at = (view.next_source + i) % view.stock.size();
    if (view.stock[at] > 0 && at != to.number) {
      view.next_source = at + 1;
      const std::uint64_t count =
          std::clamp<std::uint64_t>(view.stock[at] / kShareOfSource, 1, kMoveCodesMax);
      view.stock[at] -= count;
      return MoveOrder{pool, {static_cast<std::uint16_t>(at)}, to, count};
    }
  }
  return std::nullopt;
}

void CodePools::ForgetSource(const std::string& pool, ports::PartitionId from) {
  const std::lock_guard lock(mutex_);
  View& view = views_[pool];
  if (from.number < view.stock.size()) {
    view.stock[from.number] = 0;
  }
}

Task<Result<bool>> CodePools::IsEmpty(std::string pool, Deadline deadline) {
  const auto record = co_await ReadOne(ports_.keys.Pool(pool), deadline);
  if (!record.ok()) {
    co_return record.status();
  }
  {
    const std::lock_guard lock(mutex_);
    const View& view = views_[pool];
    if (view.empty_at_version == record->version &&
        ports_.scheduler.Now() < view.empty_since + settings_.believe_empty) {
      co_return true;
    }
  }
  Status counted = co_await CountOnce(pool, record->version, deadline);
  if (!counted.ok()) {
    co_return counted;
  }
  const auto again = co_await ReadOne(ports_.keys.Pool(pool), deadline);
  if (!again.ok()) {
    co_return again.status();
  }
  const std::lock_guard lock(mutex_);
  co_return views_[pool].empty_at_version == again->version;
}

Task<Status> CodePools::CountOnce(std::string pool, std::uint64_t version, Deadline deadline) {
  bool first = false;
  auto join = [&](Waiting done) {
    {
      const std::lock_guard lock(mutex_);
      View& view = views_[pool];
      view.waiting.push_back(std::move(done));
      first = !std::exchange(view.counting, true);
    }
    if (first) {
      Spawn(CountNow(pool, version, deadline));
    }
  };
  auto outcome = Complete<Status>(std::move(join));
  co_return co_await outcome;
}

Task<void> CodePools::CountNow(std::string pool, std::uint64_t version, Deadline deadline) {
  auto counted = co_await CountShelves(tools(), pool, deadline);
  std::vector<Waiting> waiting;
  {
    const std::lock_guard lock(mutex_);
    View& view = views_[pool];
    view.counting = false;
    waiting.swap(view.waiting);
    if (counted.ok()) {
      view.stock = std::move(counted->sizes);
      view.empty_since = ports_.scheduler.Now();
      view.empty_at_version = counted->is_empty ? std::optional(version) : std::nullopt;
    }
  }
  const Status status = counted.ok() ? Status::Ok() : counted.status();
  for (Waiting& done : waiting) {
    done(status);
  }
}

Task<Result<PoolStock>> CodePools::Count(std::string pool, Deadline deadline) {
  const ports::Key key = ports_.keys.Pool(pool);
  const auto record = co_await ReadOne(key, deadline);
  if (!record.ok()) {
    co_return record.status();
  }
  const auto stored = DecodePool(ports_.codec, key, record->value);
  if (!stored.ok()) {
    co_return stored.status();
  }
  Status counted = co_await CountOnce(pool, record->version, deadline);
  if (!counted.ok()) {
    co_return counted;
  }
  PoolStock stock{.imported = stored->imported};
  const std::lock_guard lock(mutex_);
  for (const std::uint64_t size : views_[pool].stock) {
    stock.remaining += size;
  }
  co_return stock;
}

bool CodePools::in_use() const {
  const auto policies = ports_.policies.Current();
  return policies != nullptr && !PoolsOf(*policies).empty();
}

Task<Result<bool>> CodePools::Knows(PoolCode code, Deadline deadline) {
  const auto hash = ports_.cipher.HashOf(code);
  if (!hash.ok()) {
    co_return false;  // without a key nothing was ever imported here
  }
  const ports::Key home = ports_.keys.PoolCodeHome(*hash);
  const auto record = co_await ReadOne(home, deadline);
  if (!record.ok()) {
    co_return record.status();
  }
  co_return record->exists();
}

Task<void> CodePools::Observe() {
  const auto policies = ports_.policies.Current();
  if (policies == nullptr) {
    co_return;
  }
  std::vector<PoolWatch::Level> levels;
  for (const NamedPool& pool : PoolsOf(*policies)) {
    const Deadline deadline = ports_.scheduler.Now() + settings_.store_timeout;
    const auto stock = co_await Count(pool.name, deadline);
    if (stock.ok()) {
      levels.push_back({pool, stock->remaining});
    }
  }
  watch_.Observe(levels);
}

Task<void> CodePools::Run() {
  while (!ports_.scheduler.stopping()) {
    co_await Observe();
    co_await ports_.scheduler.Sleep(settings_.count_every);
  }
}

}  // namespace kulanz::app
