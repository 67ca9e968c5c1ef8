// What a store notices about its server: a sequence that goes backwards, and a clock that jumps.

#include <gtest/gtest.h>

#include <chrono>
#include <thread>
#include <vector>

#include "service/adapters/redis/sequence_watch.h"
#include "service/adapters/redis/store_clock.h"

namespace kulanz::redis {
namespace {

TEST(SequenceWatchTest, NumbersThatGrowAreFine) {
  SequenceWatch watch;
  EXPECT_TRUE(watch.Observe({1}, watch.Floor({1}), 0));
  EXPECT_TRUE(watch.Observe({1}, watch.Floor({1}), 5));
  EXPECT_EQ(watch.Floor({1}), 5U);
  EXPECT_TRUE(watch.Observe({1}, watch.Floor({1}), 5));
  EXPECT_EQ(watch.Floor({2}), 0U);
}

TEST(SequenceWatchTest, AnAnswerToAnEarlierQuestionMayBeOlderThanALaterOne) {
  SequenceWatch watch;
  const std::uint64_t early_floor = watch.Floor({1});
  EXPECT_TRUE(watch.Observe({1}, watch.Floor({1}), 9));
  EXPECT_TRUE(watch.Observe({1}, early_floor, 7)) << "it was asked before 9 was known";
  EXPECT_EQ(watch.Floor({1}), 9U);
}

TEST(SequenceWatchTest, ALossIsReportedOnceAndTheNextOneAgain) {
  SequenceWatch watch;
  watch.Observe({1}, 0, 9);
  EXPECT_FALSE(watch.Observe({1}, 9, 4));
  EXPECT_EQ(watch.Floor({1}), 4U);
  EXPECT_TRUE(watch.Observe({1}, 9, 5)) << "the same loss, seen by another call in flight";
  EXPECT_EQ(watch.Floor({1}), 5U);
  EXPECT_FALSE(watch.Observe({1}, 5, 2));
}

TEST(SequenceWatchTest, OfManyThreadsOneReportsALoss) {
  constexpr int kRounds = 200;
  for (int round = 0; round < kRounds; ++round) {
    SequenceWatch watch;
    watch.Observe({1}, 0, 1000);
    std::atomic<int> reports{0};
    std::vector<std::thread> threads;
    for (std::uint64_t thread = 0; thread < 4; ++thread) {
      threads.emplace_back(
          [&, thread] { reports.fetch_add(watch.Observe({1}, 1000, 10 + thread) ? 0 : 1); });
    }
    for (std::thread& thread : threads) {
      thread.join();
    }
    ASSERT_EQ(reports.load(), 1);
    ASSERT_LE(watch.Floor({1}), 13U);
  }
}

constexpr Instant kReading = InstantFromMillis(1'772'366'400'000);
constexpr Deadline kStart{std::chrono::hours(5)};

TEST(StoreClockTest, ThereIsNoTimeBeforeTheFirstReading) {
  StoreClock clock;
  EXPECT_EQ(clock.Now(kStart), std::nullopt);
  EXPECT_EQ(clock.Observe(kReading, kStart), Duration(0));
  EXPECT_EQ(clock.Now(kStart), kReading);
}

TEST(StoreClockTest, TimeGoesOnBetweenReadings) {
  StoreClock clock;
  clock.Observe(kReading, kStart);
  EXPECT_EQ(clock.Now(kStart + Duration(1500)), kReading + Duration(1500));
  EXPECT_EQ(clock.Observe(kReading + Duration(2003), kStart + Duration(2000)), Duration(3));
  EXPECT_EQ(clock.Now(kStart + Duration(2000)), kReading + Duration(2003));
}

TEST(StoreClockTest, AClockThatStepsBackStandsStillAndTheStepIsKnown) {
  StoreClock clock;
  clock.Observe(kReading, kStart);
  EXPECT_EQ(clock.Now(kStart + Duration(1000)), kReading + Duration(1000));
  EXPECT_EQ(clock.Observe(kReading - Duration(3'600'000), kStart + Duration(1000)),
            Duration(-3'601'000));
  EXPECT_EQ(clock.Now(kStart + Duration(1001)), kReading + Duration(1000));
  EXPECT_EQ(clock.Now(kStart + Duration(3'602'001)), kReading + Duration(1001));
}

}  // namespace
}  // namespace kulanz::redis
