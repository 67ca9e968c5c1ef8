// WorkerQueue: jobs that wait for a few threads, and are given back when there is no time for them any more.
//
//   WorkerQueue<Job> queue(1024);
//   queue.Start([](Job& job) { ... });      // one more thread
//   if (auto refusal = queue.Push(job)) ... // still ours
//   for (Job& job : queue.Stop()) ...       // what nobody began
//
// Thread-safety: any method from any thread, but Start before the first Push. The destructor waits for what the
// threads are at; jobs that wait then are destroyed, so call Stop first. Work must not end in an exception.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

namespace kulanz {

template <typename Job>
class WorkerQueue {
 public:
  enum class Refusal : std::uint8_t { kFull, kStopped };

  // `capacity`: jobs that wait, without those that are worked at.
  explicit WorkerQueue(std::size_t capacity) : capacity_(capacity) {}
  ~WorkerQueue() {
    Stop();
    for (std::thread& worker : workers_) {
      worker.join();
    }
  }
  WorkerQueue(const WorkerQueue&) = delete;
  WorkerQueue& operator=(const WorkerQueue&) = delete;

  void Start(std::function<void(Job&)> work) {
    workers_.emplace_back([this, work = std::move(work)] { Run(work); });
  }

  // Takes the job, or says why not and leaves it as it was.
  std::optional<Refusal> Push(Job& job) {
    const std::lock_guard lock(mutex_);
    if (stopped_) {
      return Refusal::kStopped;
    }
    if (jobs_.size() >= capacity_) {
      return Refusal::kFull;
    }
    jobs_.push_back(std::move(job));
    changed_.notify_one();
    return std::nullopt;
  }

  // Takes and begins no more, and gives back what waits. Idempotent.
  std::deque<Job> Stop() {
    std::deque<Job> waiting;
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    waiting.swap(jobs_);
    changed_.notify_all();
    pause_ended_.notify_all();
    return waiting;
  }

  // For work that has to wait for its turn: waits until then. False: the queue was stopped first.
  bool PauseUntil(std::chrono::steady_clock::time_point until) {
    std::unique_lock lock(mutex_);
    return !pause_ended_.wait_until(lock, until, [this] { return stopped_; });
  }

 private:
  void Run(const std::function<void(Job&)>& work) {
    std::unique_lock lock(mutex_);
    while (true) {
      changed_.wait(lock, [this] { return stopped_ || !jobs_.empty(); });
      if (jobs_.empty()) {
        return;
      }
      std::optional<Job> job(std::move(jobs_.front()));
      jobs_.pop_front();
      lock.unlock();
      work(*job);
      job.reset();  // what it holds is not kept until there is another
      lock.lock();
    }
  }

  const std::size_t capacity_;
  std::mutex mutex_;
  std::condition_variable changed_;  // a job has come, or stopped_
  std::condition_variable pause_ended_;
  std::deque<Job> jobs_;  // under mutex_
  bool stopped_ = false;  // under mutex_
  std::vector<std::thread> workers_;
};

}  // namespace kulanz
