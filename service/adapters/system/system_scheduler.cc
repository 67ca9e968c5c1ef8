#include "service/adapters/system/system_scheduler.h"

#include "service/base/check.h"

namespace kulanz::adapters {

struct SystemScheduler::SleepAwaiter {
  SystemScheduler& scheduler;
  Deadline due;

  bool await_ready() const noexcept { return false; }
  bool await_suspend(std::coroutine_handle<> caller) const {
    return scheduler.Enqueue(due, caller);
  }
  void await_resume() const noexcept {}
};

SystemScheduler::SystemScheduler() : thread_([this] { Run(); }) {}

SystemScheduler::~SystemScheduler() {
  KULANZ_CHECK(std::this_thread::get_id() != thread_.get_id(),
               "the scheduler must not be destroyed by a task that it resumed");
  Stop();
  thread_.join();
}

Deadline SystemScheduler::Now() const { return std::chrono::steady_clock::now(); }

Task<void> SystemScheduler::Sleep(Duration pause) {
  if (pause <= Duration::zero()) co_return;
  // A pause that the clock cannot express is as good as for ever.
  constexpr Duration kPauseMax = std::chrono::hours{24 * 365 * 100};
  SleepAwaiter awaiter{*this, Now() + std::min(pause, kPauseMax)};
  co_await awaiter;
}

void SystemScheduler::Stop() {
  const std::lock_guard lock(mutex_);
  stopping_.store(true, std::memory_order_release);
  changed_.notify_one();
}

bool SystemScheduler::Enqueue(Deadline due, std::coroutine_handle<> handle) {
  const std::lock_guard lock(mutex_);
  if (stopping_.load(std::memory_order_relaxed)) return false;
  const bool first = sleepers_.empty() || due < sleepers_.top().due;
  sleepers_.push({due, next_order_++, handle, CurrentLogContext()});
  if (first) changed_.notify_one();
  return true;
}

void SystemScheduler::Run() {
  std::unique_lock lock(mutex_);
  while (true) {
    const bool stop = stopping_.load(std::memory_order_relaxed);
    if (sleepers_.empty()) {
      if (stop) return;
      changed_.wait(lock);
      continue;
    }
    const Sleeper next = sleepers_.top();
    if (!stop && next.due > Now()) {
      changed_.wait_until(lock, next.due);
      continue;
    }
    sleepers_.pop();
    lock.unlock();
    {
      const LogScope scope(next.log_context);
      next.handle.resume();
    }
    lock.lock();
  }
}

}  // namespace kulanz::adapters
