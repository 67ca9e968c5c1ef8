// RunningCalls: how many calls are at work, and whoever ends the server waits until there is none.
//
// Thread-safety: any thread; it may go once Leave has returned for each Enter.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>

#include "service/domain/time.h"

namespace kulanz::rpc {

class RunningCalls {
 public:
  void Enter() { count_.fetch_add(1); }
  void Leave() {
    if (count_.fetch_sub(1) == 1 && awaited_.load()) {
      const std::lock_guard lock(mutex_);
      none_.notify_all();
    }
  }
  std::uint64_t count() const { return count_.load(); }

  // True once there is none; false: there are some still at the deadline. New ones may come at any time.
  bool AwaitNone(Deadline deadline) {
    awaited_.store(true);  // Before the count is read: whoever leaves later sees it.
    std::unique_lock lock(mutex_);
    return none_.wait_until(lock, deadline, [this] { return count_.load() == 0; });
  }

 private:
  std::atomic<std::uint64_t> count_{0};
  std::atomic<bool> awaited_{false};
  std::mutex mutex_;
  std::condition_variable none_;
};

}  // namespace kulanz::rpc
