#include "service/base/task.h"

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace kulanz {
namespace {

Task<int> Constant(int value) { co_return value; }

Task<int> Sum(int depth) {
  if (depth == 0) {
    co_return 0;
  }
  co_return depth + co_await Sum(depth - 1);
}

TEST(TaskTest, AwaitsAndReturns) { EXPECT_EQ(SyncWait(Sum(10)), 55); }

Task<int> Loop(int rounds) {
  int total = 0;
  for (int i = 0; i < rounds; ++i) {
    total += co_await Constant(1);
  }
  co_return total;
}

// A resumption is a tail call; instrumented by the address sanitizer it is not, and needs stack.
#ifdef __SANITIZE_ADDRESS__
constexpr int kLongLoop = 1'000;
#else
constexpr int kLongLoop = 100'000;
#endif

TEST(TaskTest, ALongLoopOfReadyTasksDoesNotGrowTheStack) {
  EXPECT_EQ(SyncWait(Loop(kLongLoop)), kLongLoop);
}

TEST(TaskTest, DoesNotStartBeforeItIsAwaited) {
  bool started = false;
  auto make = [](bool& flag) -> Task<void> {
    flag = true;
    co_return;
  };
  {
    Task<void> task = make(started);
    EXPECT_FALSE(started);
  }
  SyncWait(make(started));
  EXPECT_TRUE(started);
}

TEST(TaskTest, AnUnawaitedTaskFreesItsArguments) {
  auto token = std::make_shared<int>(1);
  auto make = [](std::shared_ptr<int> held) -> Task<int> { co_return *held; };
  {
    const Task<int> task = make(token);
    EXPECT_EQ(token.use_count(), 2);
  }
  EXPECT_EQ(token.use_count(), 1);
}

Task<int> FromThread(std::vector<std::jthread>& threads, int value) {
  auto start = [&threads, value](auto complete) {
    threads.emplace_back([complete, value]() mutable { complete(value); });
  };
  co_return co_await Complete<int>(start);
}

TEST(TaskTest, CompletesFromAnotherThread) {
  std::vector<std::jthread> threads;
  EXPECT_EQ(SyncWait(FromThread(threads, 7)), 7);
}

Task<int> FromSameThread(int value) {
  auto start = [value](auto complete) { complete(value); };
  co_return co_await Complete<int>(start);
}

TEST(TaskTest, CompletesBeforeStartReturns) { EXPECT_EQ(SyncWait(FromSameThread(5)), 5); }

Task<std::string> Both(std::vector<std::jthread>& a, std::vector<std::jthread>& b) {
  auto [first, second] = co_await WhenAll(FromThread(a, 1), FromThread(b, 2));
  co_return std::to_string(first) + std::to_string(second);
}

TEST(TaskTest, WhenAllGivesBothResultsInOrder) {
  for (int i = 0; i < 200; ++i) {
    std::vector<std::jthread> a;
    std::vector<std::jthread> b;
    EXPECT_EQ(SyncWait(Both(a, b)), "12");
  }
}

Task<int> BothReady() {
  auto [first, second] = co_await WhenAll(Constant(3), Constant(4));
  co_return first* second;
}

TEST(TaskTest, WhenAllOfReadyTasksDoesNotSuspend) { EXPECT_EQ(SyncWait(BothReady()), 12); }

TEST(TaskTest, SpawnThenHandsTheResultOver) {
  int seen = 0;
  SpawnThen(Constant(9), [&seen](int value) { seen = value; });
  EXPECT_EQ(seen, 9);
}

}  // namespace
}  // namespace kulanz
