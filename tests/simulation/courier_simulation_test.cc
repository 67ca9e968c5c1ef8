// The agenda under fire: whatever the network loses, whoever dies or is stopped, every issued voucher's
// letter is sent at least once or stands as dead; without faults it is sent exactly once.
//
// KULANZ_SIM_SEEDS and KULANZ_SIM_FIRST choose other seeds: KULANZ_SIM_SEEDS=1 KULANZ_SIM_FIRST=4711.
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "tests/simulation/courier_world.h"
#include "tests/simulation/seeds.h"
#include "tests/simulation/simulator/planted_bugs.h"

namespace kulanz::simulation {
namespace {

struct Totals {
  std::string violation;  // empty: none
  std::size_t vouchers = 0;
  std::size_t sent = 0;
  std::size_t repeated = 0;
  std::size_t dead = 0;
  std::size_t accidents = 0;  // kills and stops
  std::set<std::size_t> redeemed;
};

std::string Name(std::size_t number) { return "I-" + std::to_string(number); }

void MakeTrouble(CourierWorld& world, Duration time, std::size_t& accidents) {
  Random& random = world.world().random();
  const Deadline end = world.world().now() + time;
  while (world.world().now() < end) {
    world.world().RunFor(Duration{random.Between(50, 1'000)});
    const auto living = world.Living();
    auto& victim =
        *living[static_cast<std::size_t>(random.Below(static_cast<std::int64_t>(living.size())))];
    if (random.Chance(300)) {
      ++accidents;
      world.Kill(victim);
      world.AddReplica();
    } else if (random.Chance(300)) {
      ++accidents;
      victim.process.Stop();
      const Duration pause{random.Between(50, 12'000)};  // often longer than a claim
      world.world().After(pause, [&victim] { victim.process.Continue(); });
    }
  }
}

// A shop redeems vouchers whenever it likes, also while their letter is on its way.
void Redeem(CourierWorld& world, std::size_t number) {
  const ports::Key key = world.VoucherKey(Name(number));
  app::StoredVoucher voucher = world.VoucherOf(Name(number));
  voucher.state = VoucherState::kRedeemed;
  voucher.remaining_minor_units = 0;
  world.Put(key, world.codec().Encode(key, voucher));
}

// What every voucher's record says in the end, against what the post office was handed.
void Audit(CourierWorld& world, bool faults, Totals& totals) {
  for (std::size_t i = 0; i < totals.vouchers; ++i) {
    const std::string incident = Name(i);
    const app::StoredVoucher voucher = world.VoucherOf(incident);
    const std::size_t accepted = world.office.Accepted(incident);
    const bool sent = voucher.delivery.state == DeliveryState::kSent;
    const bool dead = voucher.delivery.state == DeliveryState::kDead;
    if (!sent && !dead) {
      totals.violation = incident + " is neither sent nor dead";
    } else if (sent && accepted == 0) {
      totals.violation = incident + " is recorded as sent, but nobody got it";
    } else if (dead && voucher.delivery.last_error.empty()) {
      totals.violation = incident + " is dead without a reason";
    } else if (!faults && accepted > 1) {
      totals.violation = incident + " was sent " + std::to_string(accepted) + " times";
    }
    if (totals.redeemed.contains(i) && voucher.state != VoucherState::kRedeemed) {
      totals.violation = "the redemption of " + incident + " was overwritten";
    }
    totals.sent += sent ? 1U : 0U;
    totals.dead += dead ? 1U : 0U;
    totals.repeated += accepted > 1 ? accepted - 1 : 0;
  }
  if (totals.violation.empty() && world.AgendaSize() != 0) {
    totals.violation = std::to_string(world.AgendaSize()) + " entries are left on the agenda";
  }
}

Totals Simulate(std::uint64_t seed, Bug bug) {
  Random shape(seed ^ 0xc0a41e4);
  CourierWorld world(seed);
  const bool faults = !shape.Chance(200);
  if (faults) {
    world.database().faults = {shape.Below(60), shape.Below(60), shape.Below(60), shape.Below(40)};
  }
  if (bug != Bug::kNone) {
    world.database().Plant(
        [&world, bug](ports::Store& store) { return PlantInDatabase(bug, store, world.codec()); });
  }
  Random& random = world.world().random();
  const std::int64_t fails = shape.Below(400);
  world.office.answer = [&random, fails](const ports::Delivery&) {
    ports::DeliveryReport report{ports::DeliveryResult::kAccepted, "", "", std::nullopt};
    if (random.Chance(fails)) {
      report = {ports::DeliveryResult::kRetry, "SMTP_451", "", std::nullopt};
      report.result = random.Chance(50) ? ports::DeliveryResult::kUndeliverable : report.result;
      report.result = random.Chance(20) ? ports::DeliveryResult::kMisconfigured : report.result;
    }
    return report;
  };
  world.office.takes = [&random] { return Duration{random.Between(0, 300)}; };
  const std::int64_t replicas = shape.Between(1, 3);
  for (std::int64_t i = 0; i < replicas; ++i) {
    world.AddReplica();
  }
  Totals totals;
  totals.vouchers = static_cast<std::size_t>(shape.Between(5, 60));
  for (std::size_t i = 0; i < totals.vouchers; ++i) {
    CourierWorld::Issue issue;
    issue.wait = Duration{shape.Below(3'000)};
    issue.profile = !shape.Chance(30);
    world.world().After(Duration{shape.Below(3'000)}, [&world, i, issue] {
      world.Grant(Name(i), issue);
      for (CourierWorld::Replica* replica : world.Living()) {
        if (!replica->process.stopped()) {
          replica->courier->Notify(world.PartitionOf(Name(i)), world.world().wall() + issue.wait);
          break;
        }
      }
    });
  }
  for (std::size_t i = 0; i < totals.vouchers; i += 3) {
    totals.redeemed.insert(i);
    world.world().After(Duration{3'000 + shape.Below(6'000)}, [&world, i] { Redeem(world, i); });
  }
  if (faults) {
    MakeTrouble(world, Duration{shape.Between(500, 10'000)}, totals.accidents);
  }
  world.database().faults = {};
  // Everybody who was stopped has come back, every claim has run out, every attempt is made.
  for (int rounds = 0; rounds < 10 && (rounds == 0 || world.AgendaSize() > 0); ++rounds) {
    world.world().RunFor(Duration{15'000});
  }
  Audit(world, faults, totals);
  return totals;
}

TEST(CourierSimulation, EveryLetterIsSentOrDeadAndWithoutFaultsSentOnce) {
  Totals all;
  const Seeds seeds = SeedsFromEnvironment(300);
  for (std::int64_t seed = seeds.first; seed < seeds.first + seeds.count; ++seed) {
    const Totals totals = Simulate(static_cast<std::uint64_t>(seed), Bug::kNone);
    ASSERT_EQ(totals.violation, "") << HowToRepeat(seed);
    all.vouchers += totals.vouchers;
    all.sent += totals.sent;
    all.dead += totals.dead;
    all.repeated += totals.repeated;
    all.accidents += totals.accidents;
  }
  RecordProperty("vouchers", std::to_string(all.vouchers));
  RecordProperty("sent", std::to_string(all.sent));
  RecordProperty("dead", std::to_string(all.dead));
  RecordProperty("repeated", std::to_string(all.repeated));
  RecordProperty("accidents", std::to_string(all.accidents));
}

TEST(CourierSimulation, FindsAClaimThatTakesTheLetterOffTheAgenda) {
  bool found = false;
  for (std::uint64_t seed = 1; seed <= 1'000 && !found; ++seed) {
    found = !Simulate(seed, Bug::kLetterForgotten).violation.empty();
  }
  EXPECT_TRUE(found);
}

}  // namespace
}  // namespace kulanz::simulation
