// Four kulanzd over one Redis under an auditor: they race, and they are killed, stopped, ended and misled by a wrong
// clock under load. What is promised holds, and no client with the documented retries is told an error.
//
// By hand, for longer:
//   KULANZ_FLEET_FAULTS=200 KULANZ_FLEET_SEED=7 e2e_fleet_test --gtest_filter='*Storm*'
#include "tests/e2e/fleet.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>

#include <cstdlib>
#include <functional>
#include <iostream>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tests/fault/faulty_clock.h"
#include "tests/fault/faulty_disk.h"
#include "tests/support/audit/audited_server.h"
#include "tests/support/audit/races.h"
#include "tests/support/audit/workload.h"
#include "tests/support/eventually.h"
#include "tests/support/redis/temp_redis.h"

namespace kulanz::e2e {
namespace {

using audit::AuditedSetup;
using audit::Auditor;
using audit::Chance;
using audit::Workload;
using kulanz::testing::Eventually;
using kulanz::testing::FaultyClock;
using kulanz::testing::FaultyDisk;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr std::size_t kServers = 4;

std::uint64_t FromEnvironment(const char* name, std::uint64_t otherwise) {
  const char* const text = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): before any thread
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

void Hold(Chance& chance, int at_least, int at_most) {
  poll(nullptr, 0, at_least + chance.Below(at_most - at_least + 1));
}

struct Fault {
  std::string name;
  std::function<void(Chance&)> strike;
};

class FleetTest : public ::testing::Test {
 protected:
  FleetTest() {
    FaultyDisk::StopInheriting();
    FaultyClock::StopInheriting();
    fleet_ = std::make_unique<Fleet>(kServers, redis_.url(), auditor_);
  }
  void SetUp() override { ASSERT_TRUE(fleet_->AwaitServing()); }
  void TearDown() override {
    // A code is a bearer secret, and all of these policies begin so.
    EXPECT_THAT(fleet_->AllLogs(), Not(HasSubstr("AUDIT-")));
    fleet_.reset();
  }
  std::size_t Any(Chance& chance) const {
    return static_cast<std::size_t>(chance.Below(static_cast<int>(fleet_->size())));
  }
  // Each record agrees with every other, down to the last cent of each budget.
  void ExpectSoundStore() const {
    const Outcome examined = fleet_->Examine();
    EXPECT_EQ(examined.exit_code, 0) << examined.output;
  }
  static bool GoesOn(const Workload& workload, std::uint64_t operations) {
    const std::uint64_t goal = workload.operations() + operations;
    return Eventually([&] { return workload.operations() >= goal; }, std::chrono::seconds(120));
  }
  static Workload::Options Load(std::uint64_t seed) {
    Workload::Options options;
    options.seed = seed;
    // Above what the load generates itself, a lease of a killed program comes back after ten seconds.
    options.patience = std::chrono::seconds(120);
    return options;
  }
  void Print(const char* what, const Workload& workload) {
    std::cout << what << ": " << workload.operations() << " operations (" << workload.attempts()
              << " calls), the longest " << workload.longest_wait().count() << " ms; "
              << auditor_.vouchers() << " vouchers, " << auditor_.redeemed() << " redeemed, "
              << auditor_.letters_repeated() << " letters repeated\n";
    for (const auto& [reason, count] : workload.refusals()) {
      std::cout << "  " << count << " calls told " << reason << "\n";
    }
  }

  Auditor auditor_{AuditedSetup::kRules};
  // Before the Redis that inherits them.
  const FaultyDisk disk_{FaultyDisk::Sync::kSkip};
  const FaultyClock clock_;
  kulanz::testing::TempRedis redis_{{"--appendfsync", "always"}};
  std::unique_ptr<Fleet> fleet_;
};

TEST_F(FleetTest, ThirtyTwoThreadsRaceForOneVoucherOneLimitAndOneBudget) {
  const audit::Racers racers{fleet_->clients(), auditor_};
  audit::RaceForOneVoucher(racers);
  audit::RaceForOneLimit(racers);
  audit::RaceForOneBudget(racers);
  EXPECT_TRUE(Eventually([&] { return auditor_.letters_missing() == 0; }));
  EXPECT_THAT(auditor_.Audit(false), IsEmpty());
}

TEST_F(FleetTest, AStormOfKilledStoppedAndEndedProgramsBreaksNoPromise) {
  const std::uint64_t seed = FromEnvironment("KULANZ_FLEET_SEED", 1);
  const std::uint64_t faults = FromEnvironment("KULANZ_FLEET_FAULTS", 12);
  const std::vector<Fault> kinds = {
      {"killed", [this](Chance& chance) { EXPECT_TRUE(fleet_->Restart(Any(chance))); }},
      {"two killed at once",
       [this](Chance& chance) {
         const std::size_t one = Any(chance);
         const std::size_t other = (one + 1) % fleet_->size();
         fleet_->program(other).Signal(SIGKILL);
         EXPECT_TRUE(fleet_->Restart(one) && fleet_->Restart(other));
       }},
      {"stopped for a while",
       [this](Chance& chance) {
         const ServerProcess& program = fleet_->program(Any(chance));
         program.Signal(SIGSTOP);
         Hold(chance, 200, 3'000);
         program.Signal(SIGCONT);
       }},
      {"ended and started again",
       [this](Chance& chance) {
         const std::size_t number = Any(chance);
         fleet_->program(number).Signal(SIGTERM);
         EXPECT_EQ(fleet_->program(number).AwaitExit(), 0);
         EXPECT_TRUE(fleet_->Restart(number));
       }},
      {"Redis killed",
       [this](Chance& chance) {
         redis_.Kill();
         Hold(chance, 0, 500);
         redis_.Start();
       }},
  };
  Workload workload(Load(seed), fleet_->clients(), auditor_);
  workload.Start();
  Chance chance(seed);
  std::map<std::string, int> struck;
  for (std::uint64_t number = 0; number < faults; ++number) {
    // Each kind in turn, so that a short run has them all.
    const Fault& fault = kinds[number % kinds.size()];
    fault.strike(chance);
    ++struck[fault.name];
    EXPECT_TRUE(GoesOn(workload, 30)) << "it must go on by itself after: " << fault.name;
  }
  workload.Stop();
  workload.Confirm();
  EXPECT_THAT(auditor_.Audit(true), IsEmpty());
  ExpectSoundStore();
  Print("storm", workload);
  for (const auto& [name, count] : struck) {
    std::cout << "  " << count << " x " << name << "\n";
  }
}

TEST_F(FleetTest, AClockThatJumpsRaisesAnAlarmAndBreaksNoPromise) {
  using std::chrono::hours;
  Workload::Options load = Load(3);
  load.occurred_at -= hours(2);  // never in the future of a clock that goes behind
  Workload workload(load, fleet_->clients(), auditor_);
  workload.Start();
  EXPECT_TRUE(GoesOn(workload, 50));
  for (const hours offset : {hours(1), hours(0), hours(-1), hours(0), hours(24 * 40)}) {
    clock_.Set(offset);
    EXPECT_TRUE(GoesOn(workload, 100)) << offset.count() << " hours";
    // A program that is started while the clock is wrong knows no other.
    EXPECT_TRUE(fleet_->Restart(0));
    EXPECT_TRUE(GoesOn(workload, 50)) << offset.count() << " hours";
  }
  workload.Stop();
  workload.Confirm();
  EXPECT_THAT(auditor_.Audit(true), IsEmpty());
  ExpectSoundStore();
  EXPECT_THAT(fleet_->AllLogs(), HasSubstr("store_clock_jumped"));
  Print("clock", workload);
}

}  // namespace
}  // namespace kulanz::e2e
