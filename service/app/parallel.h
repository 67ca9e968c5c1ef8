// ForEach: the same small task for many things, a few at a time.
//
//   co_await ForEach(partitions, kPartitionsAtOnce, work);   // work(0) ... work(partitions - 1)
//
// Starts at most `width` tasks side by side, each on the thread that ended the one before it, and ends
// when all have ended. Results go where the caller lets `work` put them; what several tasks write
// needs a lock, because in production they end on several threads.
//
// Thread-safety: as `work`. `work` is copied into the task and is not called after it has ended.
#pragma once

#include <algorithm>
#include <atomic>
#include <coroutine>
#include <cstddef>
#include <functional>
#include <memory>
#include <utility>

#include "service/base/task.h"

namespace kulanz::app {

// How many partitions are looked at side by side by what looks at them all.
inline constexpr std::size_t kPartitionsAtOnce = 16;

namespace parallel_internal {

struct Shared {
  Shared(std::size_t all, std::function<Task<void>(std::size_t)> each)
      : count(all), work(std::move(each)) {}
  const std::size_t count;
  const std::function<Task<void>(std::size_t)> work;
  std::atomic<std::size_t> next{0};
};

inline Task<void> Worker(std::shared_ptr<Shared> shared) {
  for (std::size_t i = shared->next.fetch_add(1); i < shared->count;
       i = shared->next.fetch_add(1)) {
    co_await shared->work(i);
  }
}

// Starts all workers and resumes when the last has ended.
class Workers {
 public:
  Workers(std::shared_ptr<Shared> shared, std::size_t width)
      : shared_(std::move(shared)), width_(width), pending_(width + 1) {}
  bool await_ready() const noexcept { return false; }
  bool await_suspend(std::coroutine_handle<> caller) {
    caller_ = caller;
    for (std::size_t i = 0; i < width_; ++i) {
      SpawnThen(Worker(shared_), [this] { Arrive(true); });
    }
    return !Arrive(false);
  }
  void await_resume() const noexcept {}

 private:
  bool Arrive(bool resume) {
    const bool last = pending_.fetch_sub(1, std::memory_order_acq_rel) == 1;
    if (last && resume) {
      caller_.resume();
    }
    return last;
  }
  std::shared_ptr<Shared> shared_;
  std::size_t width_;
  std::coroutine_handle<> caller_;
  std::atomic<std::size_t> pending_;
};

}  // namespace parallel_internal

inline Task<void> ForEach(std::size_t count, std::size_t width,
                          std::function<Task<void>(std::size_t)> work) {
  auto shared = std::make_shared<parallel_internal::Shared>(count, std::move(work));
  parallel_internal::Workers workers(std::move(shared), std::min(count, width));
  co_await workers;
}

}  // namespace kulanz::app
