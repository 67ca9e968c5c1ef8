// An upgrade and its rollback: the servers of a fleet are replaced one after the other by those of another version, under
// load and over one store, so that both versions work on the same records for a while. Every promise is audited, no
// client is told an error.
//
// The other version is the newest commit whose server differs from this one's: the test before this one builds it. Any
// other, by hand:
//   KULANZ_PREVIOUS_SERVER=$(tests/e2e/upgrade/build_previous v1.2.0) build/dev/bin/e2e_upgrade_test
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "tests/e2e/rolling_fleet.h"
#include "tests/support/audit/audited_server.h"
#include "tests/support/paths/paths.h"
#include "tests/support/redis/temp_redis.h"

namespace kulanz::e2e {
namespace {

using audit::AuditedSetup;
using audit::Auditor;
using ::testing::IsEmpty;

constexpr std::size_t kServers = 3;
constexpr char kThisVersion[] = "kulanzd";
// With each mixture of versions, and after the last one has been replaced.
constexpr std::uint64_t kOperationsBetween = 1'000;

class UpgradeTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const char* const given =
        std::getenv("KULANZ_PREVIOUS_SERVER");  // NOLINT(concurrency-mt-unsafe)
    previous_ = given == nullptr ? test::BinPath("previous_kulanzd") : given;
    if (!std::filesystem::exists(previous_)) {
      GTEST_SKIP() << "SKIPPED: there is no kulanzd of another version at " << previous_
                   << " (tests/e2e/upgrade/build_previous says why); upgrades were not tried";
    }
  }

  // All run `from`, then one after the other `to`.
  void Roll(const std::string& from, const std::string& to, const std::string& what) {
    Auditor auditor{AuditedSetup::kRules};
    const kulanz::testing::TempRedis redis;
    RollingFleet fleet(kServers, from, redis.url(), auditor);
    ASSERT_TRUE(fleet.Start());
    EXPECT_TRUE(fleet.GoesOn(kOperationsBetween));
    for (std::size_t server = 0; server < fleet.size(); ++server) {
      SCOPED_TRACE("server " + std::to_string(server));
      fleet.End(server);
      ASSERT_TRUE(fleet.Begin(server, to));
      EXPECT_TRUE(fleet.GoesOn(kOperationsBetween));
    }
    fleet.Finish();
    EXPECT_THAT(fleet.errors(), IsEmpty());
    fleet.Print(what);
  }

  std::string previous_;
};

TEST_F(UpgradeTest, NobodyNoticesTheNewVersion) { Roll(previous_, kThisVersion, "upgrade"); }

TEST_F(UpgradeTest, NobodyNoticesTheWayBack) { Roll(kThisVersion, previous_, "rollback"); }

}  // namespace
}  // namespace kulanz::e2e
