// Budgets under fire: whatever the network loses, whoever dies or is stopped, a budget is never
// overspent, nothing of it leaks, and nobody is refused money that is there.
//
// KULANZ_SIM_SEEDS and KULANZ_SIM_FIRST choose other seeds: KULANZ_SIM_SEEDS=1 KULANZ_SIM_FIRST=4711.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>

#include "tests/simulation/budget_world.h"
#include "tests/simulation/seeds.h"
#include "tests/simulation/simulator/planted_bugs.h"

namespace kulanz::simulation {
namespace {

struct Verdict {
  std::string violation;  // empty: none
  std::size_t granted = 0;
  std::map<std::string, int> events;
};

// Kills and stops replicas until the clients have had their time.
void MakeTrouble(BudgetWorld& world, Duration time) {
  Random& random = world.world().random();
  const Deadline end = world.world().now() + time;
  while (world.world().now() < end) {
    world.world().RunFor(Duration{random.Between(50, 1'500)});
    const auto living = world.Living();
    auto& victim =
        *living[static_cast<std::size_t>(random.Below(static_cast<std::int64_t>(living.size())))];
    if (random.Chance(300)) {
      world.Kill(victim);
      world.AddReplica();
    } else if (random.Chance(300)) {
      victim.process.Stop();
      // Mostly long enough to be taken for dead, sometimes longer than fences are kept.
      const Duration pause{random.Chance(50) ? random.Between(30'000, 60'000)
                                             : random.Between(50, 4'000)};
      world.world().After(pause, [&victim] { victim.process.Continue(); });
    }
  }
}

Verdict Simulate(std::uint64_t seed, Bug bug, bool unknown_is_released = false) {
  Random shape(seed ^ 0xb0d9e7);
  const std::int64_t cap = shape.Between(20, 3'000);
  BudgetWorld world(seed, cap);
  world.database().faults = {shape.Below(60), shape.Below(60), shape.Below(60), shape.Below(40)};
  if (bug == Bug::kLeaseNotFenced) {
    world.database().Plant(
        [&world, bug](ports::Store& store) { return PlantInDatabase(bug, store, world.codec()); });
  }
  world.unknown_is_released = unknown_is_released;
  const std::int64_t replicas = shape.Between(1, 4);
  for (std::int64_t i = 0; i < replicas; ++i) {
    world.AddReplica();
  }
  const std::int64_t largest = shape.Between(1, std::max<std::int64_t>(2, cap / 10));
  std::int64_t wanted = 0;
  const std::int64_t goal = cap * shape.Between(50, 150) / 100;
  while (wanted < goal) {
    const std::int64_t amount = shape.Between(1, largest);
    wanted += amount;
    world.Ask(amount);
  }
  MakeTrouble(world, Duration{shape.Between(500, 8'000)});
  world.database().faults = {};
  Verdict verdict;
  // Everybody who was stopped has come back by then.
  if (!world.world().RunUntil([&] { return world.open_requests() == 0; }, Duration{150'000})) {
    verdict.violation = std::to_string(world.open_requests()) + " requests never got an answer";
  }
  if (verdict.violation.empty() && world.SomeRefusalWasWrong()) {
    verdict.violation = "a refusal was wrong: money was left";
  }
  world.world().RunFor(Duration{70'000});  // late transactions and stopped replicas come back
  const std::int64_t rest = cap - world.spent();
  if (verdict.violation.empty() && rest > 0) {
    const std::size_t before = world.granted();
    world.Ask(rest);
    world.world().RunUntil([&] { return world.open_requests() == 0; }, Duration{30'000});
    if (world.granted() != before + 1 && !world.overspent()) {
      verdict.violation = "leaked: the whole rest of " + std::to_string(rest) + " is not to be had";
    }
  }
  if (world.overspent()) {
    verdict.violation =
        "overspent: " + std::to_string(world.spent()) + " of " + std::to_string(cap);
  }
  verdict.granted = world.granted();
  verdict.events = world.telemetry.budget_events;
  return verdict;
}

TEST(BudgetSimulation, NeverOverspendsNeverLeaksNeverRefusesWrongly) {
  const Seeds seeds = SeedsFromEnvironment(300);
  std::size_t granted = 0;
  std::map<std::string, int> events;
  for (std::int64_t seed = seeds.first; seed < seeds.first + seeds.count; ++seed) {
    const Verdict verdict = Simulate(static_cast<std::uint64_t>(seed), Bug::kNone);
    ASSERT_EQ(verdict.violation, "") << HowToRepeat(seed);
    granted += verdict.granted;
    for (const auto& [event, count] : verdict.events) {
      events[event] += count;
    }
  }
  RecordProperty("granted", std::to_string(granted));
  for (const auto& [event, count] : events) {
    RecordProperty(event, std::to_string(count));
  }
  if (seeds.count >= 100) {
    EXPECT_GT(events["recovered"], 0) << "no run recovered a lease: the simulation is too tame";
  }
}

// A replica that was taken for dead wakes while the store's clock has just jumped past the end of all
// fences, and spends at once, still trusting its lease. Gives what was spent beyond the cap.
std::int64_t SpentByAZombieAfterAJump(std::uint64_t seed) {
  constexpr std::int64_t kCap = 3'200;
  BudgetWorld world(seed, kCap);
  BudgetWorld::Replica& zombie = world.AddReplica();
  BudgetWorld::Replica& heir = world.AddReplica();
  const auto ask = [&world](BudgetWorld::Replica& replica, std::int64_t amount) {
    bool answered = false;
    SpawnThen(world.Attempt(replica, world.NewRequest(amount)),
              [&answered](BudgetWorld::Answer) { answered = true; });
    world.world().RunUntil([&answered] { return answered; }, Duration{10'000});
  };
  ask(zombie, 10);
  zombie.process.Stop();
  ask(heir, 10);
  world.world().RunUntil([&] { return world.telemetry.budget_events["recovered"] > 0; },
                         Duration{1'900});
  ask(heir, kCap - world.spent());
  EXPECT_EQ(world.spent(), kCap) << "the zombie's lease was not recovered; seed " << seed;
  world.world().RunFor(Duration{50});  // the fences are given their end
  world.database().JumpClock(world.settings.fence_kept + Duration{1'000});
  zombie.process.Continue();
  bool looked = false;
  std::vector<ports::Key> any = {world.BudgetKey()};  // any answer of the store tells its time
  SpawnThen(zombie.store.Read(std::move(any), Deadline{}), [&looked](auto) { looked = true; });
  world.world().RunUntil([&looked] { return looked; }, Duration{1'000});
  ask(zombie, 10);
  return world.spent() - kCap;
}

TEST(BudgetSimulation, AJumpOfTheClockBeyondAllFencesFreesNoLease) {
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    ASSERT_EQ(SpentByAZombieAfterAJump(seed), 0) << "seed " << seed;
  }
}

int SeedsUntilFound(Bug bug, bool unknown_is_released, int at_most) {
  for (int seed = 1; seed <= at_most; ++seed) {
    if (!Simulate(static_cast<std::uint64_t>(seed), bug, unknown_is_released).violation.empty()) {
      return seed;
    }
  }
  return 0;
}

TEST(BudgetSimulation, FindsFencesThatDoNothing) {
  EXPECT_GT(SeedsUntilFound(Bug::kLeaseNotFenced, false, 1'000), 0);
}

TEST(BudgetSimulation, FindsACallerWhoTakesNoAnswerForNotApplied) {
  EXPECT_GT(SeedsUntilFound(Bug::kNone, true, 1'000), 0);
}

}  // namespace
}  // namespace kulanz::simulation
