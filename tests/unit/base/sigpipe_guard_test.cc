#include "service/base/sigpipe_guard.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>

namespace kulanz {
namespace {

// Writes into a pipe that nobody reads; the errno.
int WriteToNobody() {
  std::array<int, 2> ends{};
  EXPECT_EQ(pipe(ends.data()), 0);
  close(ends[0]);
  EXPECT_EQ(write(ends[1], "x", 1), -1);
  const int error = errno;
  close(ends[1]);
  return error;
}

bool IsBlocked() {
  sigset_t blocked;
  pthread_sigmask(SIG_BLOCK, nullptr, &blocked);
  return sigismember(&blocked, SIGPIPE) == 1;
}

bool IsPending() {
  sigset_t pending;
  sigpending(&pending);
  return sigismember(&pending, SIGPIPE) == 1;
}

TEST(SigpipeGuardTest, AWriteToNobodyIsAnErrorAndNotTheEnd) {
  {
    const SigpipeGuard guard;
    EXPECT_EQ(WriteToNobody(), EPIPE);
  }
  EXPECT_FALSE(IsBlocked());
  EXPECT_FALSE(IsPending());
}

TEST(SigpipeGuardDeathTest, WithoutAGuardItIsTheEnd) {
  EXPECT_EXIT(
      {
        { const SigpipeGuard guard; }
        WriteToNobody();
      },
      ::testing::KilledBySignal(SIGPIPE), "");
}

TEST(SigpipeGuardTest, GuardsNest) {
  const SigpipeGuard outer;
  {
    const SigpipeGuard inner;
    EXPECT_EQ(WriteToNobody(), EPIPE);
  }
  EXPECT_TRUE(IsBlocked());
  EXPECT_EQ(WriteToNobody(), EPIPE);
}

TEST(SigpipeGuardTest, ASignalThatWasPendingBeforeStays) {
  const SigpipeGuard outer;
  EXPECT_EQ(WriteToNobody(), EPIPE);
  {
    const SigpipeGuard inner;
    EXPECT_EQ(WriteToNobody(), EPIPE);
  }
  EXPECT_TRUE(IsPending());
}

}  // namespace
}  // namespace kulanz
