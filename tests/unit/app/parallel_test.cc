#include "service/app/parallel.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <vector>

#include "tests/simulation/sim_world.h"

namespace kulanz::app {
namespace {

struct Tally {
  std::vector<int> calls;
  int running = 0;
  int most = 0;
};

Task<void> Visit(simulation::SimProcess* process, Tally* tally, std::size_t index) {
  tally->most = std::max(tally->most, ++tally->running);
  co_await process->Sleep(Duration{static_cast<int>(index % 7)});
  ++tally->calls[index];
  --tally->running;
}

Tally RunForEach(std::size_t count, std::size_t width) {
  simulation::SimWorld world(1);
  simulation::SimProcess process(world);
  Tally tally;
  tally.calls.resize(count);
  bool done = false;
  std::function<Task<void>(std::size_t)> work = [&](std::size_t index) {
    return Visit(&process, &tally, index);
  };
  SpawnThen(ForEach(count, width, std::move(work)), [&] { done = true; });
  EXPECT_TRUE(world.RunUntil([&] { return done; }, std::chrono::seconds{10}));
  return tally;
}

TEST(ForEachTest, DoesEachOnce) {
  const Tally tally = RunForEach(100, 8);
  EXPECT_EQ(std::count(tally.calls.begin(), tally.calls.end(), 1), 100);
}

TEST(ForEachTest, RunsNoMoreThanTheWidthAtOnce) { EXPECT_EQ(RunForEach(100, 8).most, 8); }

TEST(ForEachTest, AWidthAboveTheCountIsTheCount) { EXPECT_EQ(RunForEach(3, 8).most, 3); }

TEST(ForEachTest, NothingToDoEndsAtOnce) { EXPECT_EQ(RunForEach(0, 8).most, 0); }

TEST(ForEachTest, TasksThatDoNotSuspendAreFine) {
  simulation::SimWorld world(1);
  int calls = 0;
  bool done = false;
  struct Now {
    static Task<void> Count(int* counter) {
      ++*counter;
      co_return;
    }
  };
  std::function<Task<void>(std::size_t)> work = [&](std::size_t) { return Now::Count(&calls); };
  SpawnThen(ForEach(1'000, 4, std::move(work)), [&] { done = true; });
  EXPECT_TRUE(done);
  EXPECT_EQ(calls, 1'000);
}

}  // namespace
}  // namespace kulanz::app
