// Incidents that grow and are withdrawn, under fire: whatever the network loses and whoever dies, an
// incident gives the most of its revisions and no more, limits and the budget hold, and a withdrawn
// incident's vouchers are revoked.
//
// KULANZ_SIM_SEEDS and KULANZ_SIM_FIRST choose other seeds: KULANZ_SIM_SEEDS=1 KULANZ_SIM_FIRST=4711.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/simulation/case_world.h"
#include "tests/simulation/seeds.h"

namespace kulanz::simulation {
namespace {

struct Totals {
  std::string violation;  // empty: none
  std::size_t topped_up = 0;
  std::size_t withdrawals = 0;
};

enum class Bug { kNone, kVersionsDoNothing };

std::vector<CaseWorld::Report> DrawReports(Random& shape) {
  std::vector<CaseWorld::Report> reports;
  const auto customers = static_cast<std::size_t>(shape.Between(1, 4));
  const auto incidents = static_cast<std::size_t>(shape.Between(1, 9));
  for (std::size_t incident = 0; incident < incidents; ++incident) {
    const std::int64_t revisions = shape.Between(1, 4);
    for (std::int64_t revision = 0; revision < revisions; ++revision) {
      CaseWorld::Report report{incident % customers, incident, static_cast<std::uint32_t>(revision),
                               static_cast<int>(shape.Between(1, 5))};
      reports.push_back(report);
    }
  }
  return reports;
}

Totals Simulate(std::uint64_t seed, Bug bug) {
  Random shape(seed ^ 0xca5e);
  CaseWorld world(seed);
  if (shape.Chance(800)) {
    world.database().faults = {shape.Below(60), shape.Below(60), shape.Below(60), shape.Below(40)};
  }
  world.database().late_max = Duration{3'000};
  world.database().versions_do_nothing = bug == Bug::kVersionsDoNothing;
  const std::int64_t replicas = shape.Between(1, 3);
  for (std::int64_t i = 0; i < replicas; ++i) {
    world.AddReplica();
  }
  const std::vector<CaseWorld::Report> reports = DrawReports(shape);
  for (const CaseWorld::Report& report : reports) {
    world.AddCustomer(report.customer);
    const std::int64_t times = shape.Chance(400) ? 2 : 1;  // the same once more, somewhere else
    for (std::int64_t i = 0; i < times; ++i) {
      world.world().After(Duration{shape.Below(400)}, [&world, report] { world.Ask(report); });
    }
    if (report.revision == 0 && shape.Chance(200)) {
      world.world().After(Duration{shape.Below(800)},
                          [&world, report] { world.Withdraw(report.incident); });
    }
  }
  world.world().RunFor(Duration{shape.Between(100, 1'000)});
  if (shape.Chance(400)) {
    world.AddReplica();
    world.Living().front()->process.Kill();
  }
  world.world().RunFor(Duration{2'000});
  world.database().faults = {};
  Totals totals;
  if (!world.world().RunUntil([&] { return world.open() == 0; }, Duration{60'000})) {
    totals.violation = std::to_string(world.open()) + " calls never got an answer";
    return totals;
  }
  world.world().RunFor(Duration{5'000});  // what was late arrives
  totals.violation = world.Audit(reports);
  totals.topped_up = world.topped_up();
  totals.withdrawals = world.withdrawals();
  return totals;
}

TEST(CaseSimulation, AnIncidentGivesTheMostOfItsRevisionsAndNoMore) {
  const Seeds seeds = SeedsFromEnvironment(300);
  Totals all;
  for (std::int64_t seed = seeds.first; seed < seeds.first + seeds.count; ++seed) {
    const Totals totals = Simulate(static_cast<std::uint64_t>(seed), Bug::kNone);
    ASSERT_EQ(totals.violation, "") << HowToRepeat(seed);
    all.topped_up += totals.topped_up;
    all.withdrawals += totals.withdrawals;
  }
  RecordProperty("topped_up", std::to_string(all.topped_up));
  RecordProperty("withdrawals", std::to_string(all.withdrawals));
  if (seeds.count >= 100) {
    EXPECT_GT(all.topped_up, 0U) << "no run topped anything up: the simulation is too tame";
    EXPECT_GT(all.withdrawals, 0U);
  }
}

TEST(CaseSimulation, FindsACommitThatLooksAtNoVersion) {
  bool found = false;
  for (std::uint64_t seed = 1; seed <= 1'000 && !found; ++seed) {
    found = !Simulate(seed, Bug::kVersionsDoNothing).violation.empty();
  }
  EXPECT_TRUE(found);
}

}  // namespace
}  // namespace kulanz::simulation
