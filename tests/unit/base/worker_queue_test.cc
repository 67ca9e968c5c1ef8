// Jobs are worked at once each, refused when too many wait, and given back when the queue is stopped.
#include "service/base/worker_queue.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <latch>
#include <thread>
#include <vector>

namespace kulanz {
namespace {

using Queue = WorkerQueue<int>;

TEST(WorkerQueueTest, EveryJobIsWorkedAtOnceByOneOfSeveralThreads) {
  constexpr int kJobs = 2000;
  constexpr int kThreads = 4;
  std::vector<std::atomic<int>> worked(kJobs);
  {
    Queue queue(kJobs);
    std::latch all(kJobs);
    for (int i = 0; i < kThreads; ++i) {
      queue.Start([&](int& job) {
        ++worked[static_cast<std::size_t>(job)];
        all.count_down();
      });
    }
    std::vector<std::thread> callers;
    for (int caller = 0; caller < kThreads; ++caller) {
      callers.emplace_back([&queue, caller] {
        for (int job = caller; job < kJobs; job += kThreads) {
          int mine = job;
          EXPECT_FALSE(queue.Push(mine));
        }
      });
    }
    for (std::thread& caller : callers) caller.join();
    all.wait();
  }
  for (const auto& times : worked) EXPECT_EQ(times, 1);
}

TEST(WorkerQueueTest, WhatIsTooMuchIsRefusedAndStaysTheCallers) {
  Queue queue(2);
  int job = 7;
  EXPECT_FALSE(queue.Push(job));
  EXPECT_FALSE(queue.Push(job));
  EXPECT_EQ(queue.Push(job), Queue::Refusal::kFull);
  EXPECT_EQ(job, 7);
}

TEST(WorkerQueueTest, StoppedItGivesBackWhatNobodyBegan) {
  Queue queue(10);
  for (int job : {1, 2, 3}) EXPECT_FALSE(queue.Push(job));
  EXPECT_EQ(queue.Stop(), (std::deque<int>{1, 2, 3}));
  EXPECT_TRUE(queue.Stop().empty());
  int job = 4;
  EXPECT_EQ(queue.Push(job), Queue::Refusal::kStopped);
}

TEST(WorkerQueueTest, WhatIsBegunIsFinished) {
  std::atomic<bool> finished = false;
  std::latch begun(1);
  std::latch stopped(1);
  {
    Queue queue(1);
    queue.Start([&](int&) {
      begun.count_down();
      stopped.wait();
      finished = true;
    });
    int job = 1;
    EXPECT_FALSE(queue.Push(job));
    begun.wait();
    EXPECT_TRUE(queue.Stop().empty());
    stopped.count_down();
  }
  EXPECT_TRUE(finished);
}

TEST(WorkerQueueTest, APauseEndsWithItsTimeOrWithTheQueue) {
  const auto now = [] { return std::chrono::steady_clock::now(); };
  Queue queue(1);
  EXPECT_TRUE(queue.PauseUntil(now() + std::chrono::milliseconds(1)));
  std::latch pausing(1);
  std::thread stopper([&] {
    pausing.wait();
    queue.Stop();
  });
  pausing.count_down();
  EXPECT_FALSE(queue.PauseUntil(now() + std::chrono::hours(1)));
  stopper.join();
}

}  // namespace
}  // namespace kulanz
