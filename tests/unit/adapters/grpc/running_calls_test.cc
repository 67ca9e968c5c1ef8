#include "service/adapters/grpc/running_calls.h"

#include <gtest/gtest.h>

#include <chrono>
#include <thread>
#include <vector>

namespace kulanz::rpc {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

Deadline In(milliseconds time) { return std::chrono::steady_clock::now() + time; }

TEST(RunningCallsTest, WhoRunsIsWaitedForUntilTheDeadline) {
  RunningCalls calls;
  EXPECT_TRUE(calls.AwaitNone(In(milliseconds(0)))) << "there is none";
  calls.Enter();
  calls.Enter();
  EXPECT_EQ(calls.count(), 2U);
  EXPECT_FALSE(calls.AwaitNone(In(milliseconds(5))));
  calls.Leave();
  EXPECT_FALSE(calls.AwaitNone(In(milliseconds(5)))) << "one is still running";
  calls.Leave();
  EXPECT_TRUE(calls.AwaitNone(In(milliseconds(0))));
}

TEST(RunningCallsTest, TheLastWhoLeavesEndsTheWait) {
  for (int round = 0; round < 200; ++round) {
    RunningCalls calls;
    constexpr int kThreads = 4;
    for (int call = 0; call < kThreads; ++call) {
      calls.Enter();
    }
    std::vector<std::thread> threads;
    for (int call = 0; call < kThreads; ++call) {
      threads.emplace_back([&calls] { calls.Leave(); });
    }
    // A wake-up that is lost would use all of this up.
    EXPECT_TRUE(calls.AwaitNone(In(seconds(60))));
    for (std::thread& thread : threads) {
      thread.join();
    }
    EXPECT_EQ(calls.count(), 0U);
  }
}

}  // namespace
}  // namespace kulanz::rpc
