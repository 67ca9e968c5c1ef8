// No hint is lost, and no partition is looked at twice at once.
#include "service/app/partition_hints.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace kulanz::app {
namespace {

constexpr std::uint16_t kPartitions = 8;

TEST(PartitionHintsTest, OnlyWhileItIsOpen) {
  PartitionHints hints(kPartitions, 2);
  EXPECT_FALSE(hints.Add({1}));
  hints.Open();
  EXPECT_TRUE(hints.Add({1}));
  EXPECT_FALSE(hints.Add({1})) << "it is known";
  bool closed = false;
  hints.Close([&closed](int) { closed = true; });
  EXPECT_TRUE(closed);
  EXPECT_FALSE(hints.Take());
  EXPECT_FALSE(hints.Add({2}));
}

TEST(PartitionHintsTest, AFewAtOnceInTheirOrder) {
  PartitionHints hints(kPartitions, 2);
  hints.Open();
  hints.Add({5});
  hints.Add({3});
  hints.Add({4});
  EXPECT_EQ(hints.Take()->number, 5);
  EXPECT_EQ(hints.Take()->number, 3);
  EXPECT_FALSE(hints.Take());
  hints.Done();
  EXPECT_EQ(hints.Take()->number, 4);
}

TEST(PartitionHintsTest, ClosingWaitsForThoseThatAreFollowed) {
  PartitionHints hints(kPartitions, 2);
  hints.Open();
  hints.Add({1});
  ASSERT_TRUE(hints.Take());
  bool closed = false;
  hints.Close([&closed](int) { closed = true; });
  EXPECT_FALSE(closed);
  hints.Done();
  EXPECT_TRUE(closed);
}

TEST(PartitionHintsTest, WhoComesWhileSomebodyLooksMakesThemLookAgain) {
  PartitionHints hints(kPartitions, 2);
  EXPECT_TRUE(hints.Begin({1}));
  EXPECT_FALSE(hints.Begin({1}));
  EXPECT_TRUE(hints.Begin({2})) << "another one";
  EXPECT_TRUE(hints.End({1}));
  EXPECT_FALSE(hints.End({1}));
  EXPECT_TRUE(hints.Begin({1}));
}

TEST(PartitionHintsTest, UnderManyThreadsNoHintIsLost) {
  constexpr int kHintsEach = 5000;
  constexpr int kThreads = 4;
  PartitionHints hints(kPartitions, 3);
  std::vector<std::atomic<int>> work(kPartitions);
  std::vector<std::atomic<int>> looking(kPartitions);
  const auto follow = [&] {
    while (const auto partition = hints.Take()) {
      if (hints.Begin(*partition)) {
        bool again = true;
        while (again) {
          EXPECT_EQ(looking[partition->number].fetch_add(1), 0) << "two looks at once";
          work[partition->number] = 0;
          looking[partition->number].fetch_sub(1);
          again = hints.End(*partition);
        }
      }
      hints.Done();
    }
  };
  hints.Open();
  std::vector<std::thread> threads;
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&, thread] {
      for (int i = 0; i < kHintsEach; ++i) {
        const auto number = static_cast<std::uint16_t>((i * 7 + thread) % kPartitions);
        ++work[number];
        hints.Add({number});
        follow();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  follow();
  for (const auto& left : work) EXPECT_EQ(left, 0);
}

}  // namespace
}  // namespace kulanz::app
