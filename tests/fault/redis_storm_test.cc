// Promises under faults, on Redis as operators run it: every fault alone under load, and all of them without a
// pause. The real use-cases of several servers over RedisStore, and an auditor over requests and answers.
//
// By hand, for longer:
//   KULANZ_STORM_OPERATIONS=100000 KULANZ_STORM_SEED=7 KULANZ_STORM_CLIENTS=32 redis_storm_test --gtest_filter='*WithoutAPause*'
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <iostream>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "tests/fault/faulty_redis.h"
#include "tests/support/audit/audited_server.h"
#include "tests/support/audit/auditor.h"
#include "tests/support/audit/workload.h"
#include "tests/support/eventually.h"

namespace kulanz::testing {
namespace {

using audit::AuditedServer;
using audit::AuditedSetup;
using audit::Auditor;
using audit::Chance;
using audit::Workload;
using ::testing::IsEmpty;
using Clock = std::chrono::steady_clock;

std::uint64_t FromEnvironment(const char* name, std::uint64_t otherwise) {
  const char* const text = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): before any thread
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

class Storm : public ::testing::TestWithParam<redis::Topology> {
 protected:
  static constexpr std::size_t kServers = 2;

  void SetUp() override {
    redis_ = MakeFaultyRedis(GetParam());
    ASSERT_TRUE(redis_->BecomesWhole());
    for (std::size_t server = 0; server < kServers; ++server) {
      servers_.push_back(
          std::make_unique<AuditedServer>(setup_, redis_->OptionsFor(server), auditor_));
      addresses_.push_back(servers_.back().get());
    }
  }
  void TearDown() override { servers_.clear(); }

  void ExpectRecovery() {
    EXPECT_TRUE(redis_->BecomesWhole());
    for (const std::unique_ptr<AuditedServer>& server : servers_) {
      EXPECT_TRUE(Eventually([&] { return server->Ready(); }));
      EXPECT_FALSE(server->lost_writes()) << "this level of durability loses nothing";
    }
  }
  static Workload::Options LoadOf(std::uint64_t seed, int first_round) {
    Workload::Options options;
    options.seed = seed;
    options.first_round = first_round;
    options.clients = static_cast<int>(FromEnvironment("KULANZ_STORM_CLIENTS", 8));
    return options;
  }

  static const Fault& AnyOf(const std::vector<Fault>& faults, Chance& chance) {
    return faults[static_cast<std::size_t>(chance.Below(static_cast<int>(faults.size())))];
  }

  const std::uint64_t seed_ = FromEnvironment("KULANZ_STORM_SEED", 1);
  const AuditedSetup setup_;
  Auditor auditor_{AuditedSetup::kRules};
  std::unique_ptr<FaultyRedis> redis_;
  std::vector<std::unique_ptr<AuditedServer>> servers_;
  std::vector<audit::ServiceClient*> addresses_;
};

TEST_P(Storm, EachFaultAloneIsSurvivedAndBreaksNoPromise) {
  std::vector<Fault> faults = redis_->server_faults();
  faults.insert(faults.end(), redis_->network_faults().begin(), redis_->network_faults().end());
  Chance chance(seed_);
  int round = 0;
  for (const Fault& fault : faults) {
    SCOPED_TRACE(fault.name);
    Workload workload(LoadOf(seed_, round), addresses_, auditor_);
    workload.Start();
    const auto goes_on = [&](std::uint64_t operations) {
      const std::uint64_t goal = workload.operations() + operations;
      return Eventually([&] { return workload.operations() >= goal; }, std::chrono::seconds(60));
    };
    EXPECT_TRUE(goes_on(50));
    fault.strike(chance);
    EXPECT_TRUE(goes_on(50)) << "it must go on by itself";
    ExpectRecovery();
    workload.Stop();
    workload.Confirm();
    ASSERT_THAT(auditor_.Audit(true), IsEmpty());
    round += 5;
  }
  EXPECT_GT(auditor_.redeemed(), 0U);
}

TEST_P(Storm, FaultsWithoutAPauseBreakNoPromise) {
  // So many operations, or for so long.
  const auto limit = std::chrono::seconds(FromEnvironment("KULANZ_STORM_SECONDS", 2'400));
  const std::uint64_t operations = FromEnvironment("KULANZ_STORM_OPERATIONS", 1'500);
  Workload workload(LoadOf(seed_, 0), addresses_, auditor_);
  std::map<std::string, int> server_faults;
  std::map<std::string, int> network_faults;
  std::atomic<bool> over{false};
  const auto begin = Clock::now();
  workload.Start();
  std::atomic<bool> is_mending{false};
  std::thread network([&] {
    Chance chance(seed_ * 31 + 2);
    while (!over.load()) {
      if (!is_mending.load()) {
        const Fault& fault = AnyOf(redis_->network_faults(), chance);
        fault.strike(chance);
        ++network_faults[fault.name];
      }
      Hold(chance, 50, 800);
    }
  });
  // On this thread: a Redis ends with the thread that started it.
  Chance chance(seed_ * 31 + 1);
  while (workload.operations() < operations && Clock::now() - begin < limit) {
    const Fault& fault = AnyOf(redis_->server_faults(), chance);
    fault.strike(chance);
    ++server_faults[fault.name];
    // The next may only come when both servers of a pair have everything. For that, Redis and Sentinels
    // need to hear of each other for a while.
    is_mending.store(true);
    EXPECT_TRUE(redis_->BecomesWhole()) << "after: " << fault.name;
    is_mending.store(false);
    Hold(chance, 50, 600);
  }
  over.store(true);
  network.join();
  redis_->HealNetwork();
  ExpectRecovery();
  workload.Stop();
  const std::uint64_t under_faults = workload.operations();
  const std::uint64_t attempts = workload.attempts();
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(Clock::now() - begin);
  workload.Confirm();
  EXPECT_THAT(auditor_.Audit(true), IsEmpty());
  EXPECT_GT(under_faults, 0U);
  if (GetParam() == redis::Topology::kStandalone) {
    EXPECT_EQ(workload.stale_reads(), 0U) << "there is no other master that could answer";
  }

  std::cout << "seed " << seed_ << ": " << under_faults << " operations (" << attempts
            << " calls) in " << seconds.count() << " s, the longest "
            << workload.longest_wait().count() << " ms; " << auditor_.incidents().size()
            << " incidents, " << auditor_.vouchers() << " vouchers, " << auditor_.redeemed()
            << " redeemed, " << auditor_.letters_repeated() << " letters repeated, "
            << workload.stale_reads() << " stale reads\n";
  for (const auto& [reason, count] : workload.refusals()) {
    std::cout << "  " << count << " calls told " << reason << "\n";
  }
  for (const auto* const counts : {&server_faults, &network_faults}) {
    for (const auto& [name, count] : *counts) {
      std::cout << "  " << count << " x " << name << "\n";
    }
  }
}

std::string NameOf(const ::testing::TestParamInfo<redis::Topology>& info) {
  switch (info.param) {
    case redis::Topology::kStandalone:
      return "Standalone";
    case redis::Topology::kSentinel:
      return "Sentinel";
    case redis::Topology::kCluster:
      break;
  }
  return "Cluster";
}

INSTANTIATE_TEST_SUITE_P(Redis, Storm,
                         ::testing::Values(redis::Topology::kStandalone, redis::Topology::kSentinel,
                                           redis::Topology::kCluster),
                         NameOf);

}  // namespace
}  // namespace kulanz::testing
