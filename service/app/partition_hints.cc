#include "service/app/partition_hints.h"

#include <utility>

namespace kulanz::app {

void PartitionHints::Open() {
  const std::lock_guard lock(mutex_);
  open_ = true;
}

void PartitionHints::Close(std::function<void(int)> ended) {
  {
    const std::lock_guard lock(mutex_);
    open_ = false;
    waiting_.clear();
    if (following_ > 0) {
      ended_ = std::move(ended);
      return;
    }
  }
  ended(0);
}

bool PartitionHints::Add(ports::PartitionId partition) {
  const std::lock_guard lock(mutex_);
  if (!open_ || std::exchange(partitions_[partition.number].waiting, true)) {
    return false;
  }
  waiting_.push_back(partition);
  return true;
}

std::optional<ports::PartitionId> PartitionHints::Take() {
  const std::lock_guard lock(mutex_);
  if (waiting_.empty() || following_ == looks_max_) {
    return std::nullopt;
  }
  const ports::PartitionId partition = waiting_.front();
  waiting_.pop_front();
  partitions_[partition.number].waiting = false;
  ++following_;
  return partition;
}

void PartitionHints::Done() {
  std::function<void(int)> ended;
  {
    const std::lock_guard lock(mutex_);
    if (--following_ == 0) {
      ended = std::exchange(ended_, nullptr);
    }
  }
  if (ended) {
    ended(0);
  }
}

bool PartitionHints::Begin(ports::PartitionId partition) {
  const std::lock_guard lock(mutex_);
  Partition& state = partitions_[partition.number];
  const bool busy = std::exchange(state.looking, true);
  state.again = busy;
  return !busy;
}

bool PartitionHints::End(ports::PartitionId partition) {
  const std::lock_guard lock(mutex_);
  Partition& state = partitions_[partition.number];
  state.looking = std::exchange(state.again, false);
  return state.looking;
}

}  // namespace kulanz::app
