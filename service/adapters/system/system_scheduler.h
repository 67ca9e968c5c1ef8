// SystemScheduler: time that passes, on one timer thread.
//
// Sleepers wait in a heap ordered by their instant; the thread resumes each when it is due, so what
// follows a Sleep runs on this thread until its next co_await and must not block. Stop() begins the
// shutdown: every sleeper is resumed at once, and later Sleeps return immediately.
//
// Thread-safety: any method from any thread; Stop() also from a resumed task. The destructor stops and
// joins, so it must not run on the timer thread. No Sleep may begin once the destructor has begun.
#pragma once

#include <atomic>
#include <condition_variable>
#include <coroutine>
#include <cstdint>
#include <mutex>
#include <queue>
#include <thread>
#include <vector>

#include "service/base/log_context.h"
#include "service/ports/scheduler.h"

namespace kulanz::adapters {

class SystemScheduler final : public ports::Scheduler {
 public:
  SystemScheduler();
  ~SystemScheduler() override;
  SystemScheduler(const SystemScheduler&) = delete;
  SystemScheduler& operator=(const SystemScheduler&) = delete;

  Deadline Now() const override;
  // A pause of zero or less does not suspend.
  Task<void> Sleep(Duration pause) override;
  bool stopping() const override { return stopping_.load(std::memory_order_acquire); }

  void Stop();

 private:
  struct Sleeper {
    Deadline due;
    std::uint64_t order;  // equal instants wake in the order in which they fell asleep
    std::coroutine_handle<> handle;
    LogContextPtr log_context;
    friend bool operator>(const Sleeper& a, const Sleeper& b) {
      return a.due != b.due ? a.due > b.due : a.order > b.order;
    }
  };
  struct SleepAwaiter;

  // False when the scheduler is stopping: the caller goes on instead.
  bool Enqueue(Deadline due, std::coroutine_handle<> handle);
  void Run();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::priority_queue<Sleeper, std::vector<Sleeper>, std::greater<>> sleepers_;  // under mutex_
  std::uint64_t next_order_ = 0;                                                 // under mutex_
  std::atomic<bool> stopping_{false};                                            // set under mutex_
  std::thread thread_;  // last: everything above exists when it starts
};

}  // namespace kulanz::adapters
