// Counting the shelves of a pool; declared in pool_shelves.h.
#include <algorithm>
#include <memory>
#include <mutex>
#include <utility>

#include "service/app/parallel.h"
#include "service/app/pool_shelves.h"

namespace kulanz::app {
namespace {

// A move that is finished may put a code where has been counted already, so then all is counted again.
constexpr int kCountsMax = 5;

struct ShelvesCount {
  ShelvesCount(ShelfTools the_tools, std::string the_pool, Deadline the_deadline)
      : tools(the_tools),
        pool(std::move(the_pool)),
        deadline(the_deadline),
        sizes(the_tools.keys.partition_count()),
        arrivals(the_tools.keys.partition_count()) {}
  const ShelfTools tools;
  const std::string pool;
  const Deadline deadline;
  std::vector<std::uint64_t> sizes;     // each slot has one writer
  std::vector<std::uint64_t> arrivals;  // likewise; versions from before the shelf was looked at
  std::mutex mutex;
  Status failure;      // under mutex; the first
  bool moved = false;  // under mutex

  bool Failed() {
    const std::lock_guard lock(mutex);
    return !failure.ok();
  }
};

Task<Result<std::uint64_t>> ArrivalsIn(std::shared_ptr<ShelvesCount> count,
                                       ports::PartitionId partition) {
  std::vector<ports::Key> keys = {count->tools.keys.PoolArrivals(partition, count->pool)};
  const auto records = co_await count->tools.store.Read(std::move(keys), count->deadline);
  if (!records.ok()) {
    co_return records.status();
  }
  co_return records->front().version;
}

Task<Status> CountShelfIn(std::shared_ptr<ShelvesCount> count, std::uint32_t number) {
  const ShelfTools& tools = count->tools;
  const ports::PartitionId partition{static_cast<std::uint16_t>(number)};
  const auto arrivals = co_await ArrivalsIn(count, partition);
  if (!arrivals.ok()) {
    co_return arrivals.status();
  }
  count->arrivals[number] = *arrivals;
  // The shelf first: what leaves it between the two looks is then in transit.
  const auto shelf = co_await tools.store.SummarizeIndex(
      tools.keys.PoolShelf(partition, count->pool), count->deadline);
  if (!shelf.ok()) {
    co_return shelf.status();
  }
  count->sizes[number] = shelf->size;
  const auto transit = co_await tools.store.SummarizeIndex(
      tools.keys.PoolTransit(partition, count->pool), count->deadline);
  if (!transit.ok()) {
    co_return transit.status();
  }
  if (transit->size > 0) {
    std::string pool = count->pool;
    const auto finished = co_await FinishMoves(tools, std::move(pool), partition, count->deadline);
    if (!finished.ok()) {
      co_return finished.status();
    }
    const std::lock_guard lock(count->mutex);
    count->moved = true;
  }
  co_return Status::Ok();
}

// Once all have been looked at: whether codes have arrived where they were not seen any more.
Task<Status> LookForArrivals(std::shared_ptr<ShelvesCount> count, std::uint32_t number) {
  const auto arrivals =
      co_await ArrivalsIn(count, ports::PartitionId{static_cast<std::uint16_t>(number)});
  if (!arrivals.ok()) {
    co_return arrivals.status();
  }
  if (*arrivals != count->arrivals[number]) {
    const std::lock_guard lock(count->mutex);
    count->moved = true;
  }
  co_return Status::Ok();
}

using Step = Task<Status> (*)(std::shared_ptr<ShelvesCount>, std::uint32_t);

Task<void> TakeStep(std::shared_ptr<ShelvesCount> count, Step step, std::size_t number) {
  if (count->Failed()) {
    co_return;
  }
  const Status status = co_await step(count, static_cast<std::uint32_t>(number));
  const std::lock_guard lock(count->mutex);
  if (!status.ok() && count->failure.ok()) {
    count->failure = status;
  }
}

Task<Status> InEachPartition(std::shared_ptr<ShelvesCount> count, Step step) {
  std::function<Task<void>(std::size_t)> work = [count, step](std::size_t number) {
    return TakeStep(count, step, number);
  };
  co_await ForEach(count->sizes.size(), kPartitionsAtOnce, std::move(work));
  co_return count->failure;
}

}  // namespace

Task<Result<ShelfCount>> CountShelves(ShelfTools tools, std::string pool, Deadline deadline) {
  for (int round = 1;; ++round) {
    auto count = std::make_shared<ShelvesCount>(tools, pool, deadline);
    Status status = co_await InEachPartition(count, CountShelfIn);
    const bool any = std::any_of(count->sizes.begin(), count->sizes.end(),
                                 [](std::uint64_t size) { return size > 0; });
    if (status.ok() && !any && !count->moved) {
      status = co_await InEachPartition(count, LookForArrivals);
    }
    if (!status.ok()) {
      co_return status;
    }
    if (!count->moved || round == kCountsMax) {
      co_return ShelfCount{std::move(count->sizes), !any && !count->moved};
    }
  }
}

}  // namespace kulanz::app
