#include "service/adapters/system/system_scheduler.h"

#include <gtest/gtest.h>

#include <atomic>
#include <optional>
#include <thread>
#include <vector>

#include "tests/support/eventually.h"

namespace kulanz::adapters {
namespace {

using kulanz::testing::Eventually;
using std::chrono::hours;
using std::chrono::milliseconds;

Task<Duration> TimeASleep(SystemScheduler& scheduler, Duration pause) {
  const Deadline begin = scheduler.Now();
  co_await scheduler.Sleep(pause);
  co_return std::chrono::duration_cast<Duration>(scheduler.Now() - begin);
}

Task<void> SleepThen(SystemScheduler& scheduler, Duration pause, std::vector<int>& order,
                     int name) {
  co_await scheduler.Sleep(pause);
  order.push_back(name);  // all on the scheduler's one thread
}

Task<void> SleepThenCount(SystemScheduler& scheduler, Duration pause, std::atomic<int>& count) {
  co_await scheduler.Sleep(pause);
  count.fetch_add(1);
}

Task<void> LoopUntilStopped(SystemScheduler& scheduler, std::atomic<int>& ended) {
  while (!scheduler.stopping()) co_await scheduler.Sleep(hours{1});
  ended.fetch_add(1);
}

TEST(SystemSchedulerTest, ASleepLastsAtLeastItsPause) {
  SystemScheduler scheduler;
  const Duration slept = SyncWait(TimeASleep(scheduler, milliseconds{20}));
  EXPECT_GE(slept, milliseconds{20});
  EXPECT_LT(slept, milliseconds{5000});
}

TEST(SystemSchedulerTest, APauseOfNothingDoesNotSuspend) {
  SystemScheduler scheduler;
  std::vector<int> order;
  Spawn(SleepThen(scheduler, milliseconds{0}, order, 1));
  Spawn(SleepThen(scheduler, milliseconds{-5}, order, 2));
  EXPECT_EQ(order, (std::vector<int>{1, 2}));
}

TEST(SystemSchedulerTest, SleepersWakeInTheOrderOfTheirInstants) {
  std::vector<int> order;
  {
    SystemScheduler scheduler;
    Spawn(SleepThen(scheduler, milliseconds{300}, order, 3));
    Spawn(SleepThen(scheduler, milliseconds{100}, order, 1));
    Spawn(SleepThen(scheduler, milliseconds{200}, order, 2));
    SyncWait(TimeASleep(scheduler, milliseconds{500}));
  }
  EXPECT_EQ(order, (std::vector<int>{1, 2, 3}));
}

TEST(SystemSchedulerTest, StopWakesEverySleeperAtOnce) {
  SystemScheduler scheduler;
  std::atomic<int> ended{0};
  for (int i = 0; i < 100; ++i) Spawn(LoopUntilStopped(scheduler, ended));
  EXPECT_FALSE(scheduler.stopping());
  scheduler.Stop();
  EXPECT_TRUE(Eventually([&] { return ended == 100; }));
}

TEST(SystemSchedulerTest, AfterStopNobodySleeps) {
  SystemScheduler scheduler;
  scheduler.Stop();
  EXPECT_LT(SyncWait(TimeASleep(scheduler, hours{1})), milliseconds{5000});
}

TEST(SystemSchedulerTest, AnEndlessPauseIsWokenByTheDestructor) {
  std::atomic<int> count{0};
  std::optional<SystemScheduler> scheduler(std::in_place);
  Spawn(SleepThenCount(*scheduler, Duration::max(), count));
  scheduler.reset();
  EXPECT_EQ(count, 1);
}

TEST(SystemSchedulerTest, ManyThreadsMaySleepWhileItStops) {
  std::atomic<int> count{0};
  {
    SystemScheduler scheduler;
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&] {
        for (int i = 0; i < 500; ++i) {
          Spawn(SleepThenCount(scheduler, milliseconds{i % 7}, count));
        }
      });
    }
    SyncWait(TimeASleep(scheduler, milliseconds{1}));
    scheduler.Stop();
    for (std::thread& thread : threads) thread.join();
  }
  EXPECT_EQ(count, 2000);
}

}  // namespace
}  // namespace kulanz::adapters
