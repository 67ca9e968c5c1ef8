// Fences: what a lease spent, read and closed off in one step per partition.
//
// Thread-safety: any thread. Idempotent: a fenced counter does not change any more, so every repetition
// gives the same sums.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "service/base/result.h"
#include "service/base/task.h"
#include "service/domain/time.h"
#include "service/ports/scheduler.h"
#include "service/ports/store.h"

namespace kulanz::app {

class Keys;

struct FenceOrder {
  std::vector<std::string> leases;  // 1 to kTransactionOpsMax
  std::vector<ports::PartitionId> partitions;
  std::optional<Duration> keep;  // nothing: for ever
};

// The counters' values, by partition and then by lease, in the order of the request. Fences that did not
// get an answer are repeated `attempts` times in all; the first failure after that is the result, and
// some fences may have been laid.
Task<Result<std::vector<std::vector<std::int64_t>>>> FenceLeases(ports::Store& store,
                                                                 ports::Scheduler& scheduler,
                                                                 const Keys& keys, FenceOrder order,
                                                                 std::size_t parallel,
                                                                 Duration timeout);

std::vector<ports::PartitionId> AllPartitions(std::uint32_t count);

}  // namespace kulanz::app
