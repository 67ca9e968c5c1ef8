// PartitionHints: partitions that somebody says have work, a few of them looked at side by side, and no partition
// by two looks at once.
//
// Thread-safety: any method from any thread.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <vector>

#include "service/ports/store.h"

namespace kulanz::app {

class PartitionHints {
 public:
  // `looks_max`: hints that are followed at once.
  PartitionHints(std::size_t partitions, std::size_t looks_max)
      : partitions_(partitions), looks_max_(looks_max) {}

  // Hints are taken from Open() to Close(); `ended` is called once none is followed any more.
  void Open();
  void Close(std::function<void(int)> ended);

  // Notes a hint. False: there is one already, or none are taken.
  bool Add(ports::PartitionId partition);
  // A hint to be followed, if there is one and room for it: tell Done() when that is over.
  std::optional<ports::PartitionId> Take();
  void Done();

  // One look at a partition at a time, whether by a hint or not. False: somebody is at it, and will look again.
  bool Begin(ports::PartitionId partition);
  // True: look again.
  bool End(ports::PartitionId partition);

 private:
  struct Partition {
    bool looking = false;
    bool again = false;    // somebody else wanted to look meanwhile
    bool waiting = false;  // in waiting_
  };

  std::mutex mutex_;  // guards everything below
  std::vector<Partition> partitions_;
  const std::size_t looks_max_;
  std::deque<ports::PartitionId> waiting_;
  std::size_t following_ = 0;
  bool open_ = false;
  std::function<void(int)> ended_;
};

}  // namespace kulanz::app
