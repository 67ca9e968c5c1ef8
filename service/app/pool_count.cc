// Counting the shelves of a pool; declared in pool_shelves.h.
#include <memory>
#include <mutex>
#include <utility>

#include "service/app/parallel.h"
#include "service/app/pool_shelves.h"

namespace kulanz::app {
namespace {

constexpr std::size_t kPartitionsAtOnce = 16;
// A move that is finished may put a code where has been counted already, so then all is counted again.
constexpr int kCountsMax = 5;

struct Count {
  Count(ShelfTools the_tools, std::string the_pool, Deadline the_deadline)
      : tools(the_tools),
        pool(std::move(the_pool)),
        deadline(the_deadline),
        sizes(the_tools.keys.partition_count()) {}
  const ShelfTools tools;
  const std::string pool;
  const Deadline deadline;
  std::vector<std::uint64_t> sizes;  // each slot has one writer
  std::mutex mutex;
  Status failure;      // under mutex; the first
  bool moved = false;  // under mutex

  bool Failed() {
    const std::lock_guard lock(mutex);
    return !failure.ok();
  }
};

Task<Status> CountPartition(std::shared_ptr<Count> count, std::uint32_t number) {
  const ShelfTools& tools = count->tools;
  const ports::PartitionId partition{static_cast<std::uint16_t>(number)};
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

Task<void> CountOne(std::shared_ptr<Count> count, std::size_t number) {
  if (count->Failed()) {
    co_return;
  }
  const Status status = co_await CountPartition(count, static_cast<std::uint32_t>(number));
  const std::lock_guard lock(count->mutex);
  if (!status.ok() && count->failure.ok()) {
    count->failure = status;
  }
}

}  // namespace

Task<Result<std::vector<std::uint64_t>>> CountShelves(ShelfTools tools, std::string pool,
                                                      Deadline deadline) {
  for (int round = 1;; ++round) {
    auto count = std::make_shared<Count>(tools, pool, deadline);
    std::function<Task<void>(std::size_t)> work = [count](std::size_t number) {
      return CountOne(count, number);
    };
    co_await ForEach(count->sizes.size(), kPartitionsAtOnce, std::move(work));
    if (!count->failure.ok()) {
      co_return count->failure;
    }
    if (!count->moved || round == kCountsMax) {
      co_return std::move(count->sizes);
    }
  }
}

}  // namespace kulanz::app
