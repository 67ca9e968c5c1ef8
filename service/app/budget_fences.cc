#include "service/app/budget_fences.h"

#include <memory>
#include <mutex>
#include <utility>
#include <variant>

#include "service/app/keys.h"
#include "service/app/parallel.h"
#include "service/base/check.h"

namespace kulanz::app {
namespace {

constexpr int kAttempts = 3;
constexpr Duration kPause{20};

struct Round {
  Round(ports::Store& the_store, ports::Scheduler& the_scheduler, const Keys& the_keys,
        FenceOrder the_order, Duration the_timeout)
      : store(the_store),
        scheduler(the_scheduler),
        keys(the_keys),
        order(std::move(the_order)),
        timeout(the_timeout),
        counters(order.partitions.size()) {}

  ports::Store& store;
  ports::Scheduler& scheduler;
  const Keys& keys;
  FenceOrder order;
  Duration timeout;
  std::vector<std::vector<std::int64_t>> counters;  // each slot has one writer
  std::mutex mutex;
  Status failure;  // under mutex; the first

  bool Failed() {
    const std::lock_guard lock(mutex);
    return !failure.ok();
  }
};

ports::Transaction FenceTransaction(const Round& round, ports::PartitionId partition) {
  ports::Transaction transaction;
  transaction.partition = partition;
  for (const std::string& lease : round.order.leases) {
    transaction.writes.emplace_back(
        ports::FenceCounter{round.keys.LeaseCounter(partition, lease), round.order.keep});
  }
  return transaction;
}

Task<void> FencePartition(std::shared_ptr<Round> round, std::size_t index) {
  Status status;
  for (int attempt = 0; attempt < kAttempts && !round->Failed(); ++attempt) {
    if (attempt > 0) {
      co_await round->scheduler.Sleep(kPause);
    }
    ports::Transaction transaction = FenceTransaction(*round, round->order.partitions[index]);
    const Deadline deadline = round->scheduler.Now() + round->timeout;
    auto outcome = co_await round->store.Commit(std::move(transaction), deadline);
    if (outcome.ok()) {
      auto* committed = std::get_if<ports::Committed>(&*outcome);
      KULANZ_CHECK(committed != nullptr, "a transaction without checks has no conflict");
      round->counters[index] = std::move(committed->counters);
      co_return;
    }
    status = outcome.status();
  }
  const std::lock_guard lock(round->mutex);
  if (round->failure.ok()) {
    round->failure = status;
  }
}

}  // namespace

Task<Result<std::vector<std::vector<std::int64_t>>>> FenceLeases(ports::Store& store,
                                                                 ports::Scheduler& scheduler,
                                                                 const Keys& keys, FenceOrder order,
                                                                 std::size_t parallel,
                                                                 Duration timeout) {
  const std::size_t count = order.partitions.size();
  auto round = std::make_shared<Round>(store, scheduler, keys, std::move(order), timeout);
  std::function<Task<void>(std::size_t)> work = [round](std::size_t index) {
    return FencePartition(round, index);
  };
  co_await ForEach(count, parallel, std::move(work));
  if (!round->failure.ok()) {
    co_return round->failure;
  }
  co_return std::move(round->counters);
}

std::vector<ports::PartitionId> AllPartitions(std::uint32_t count) {
  std::vector<ports::PartitionId> partitions;
  for (std::uint32_t number = 0; number < count; ++number) {
    partitions.push_back({static_cast<std::uint16_t>(number)});
  }
  return partitions;
}

}  // namespace kulanz::app
