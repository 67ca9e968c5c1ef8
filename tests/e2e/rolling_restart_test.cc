// SIGTERM under load: servers end one after the other while clients go on with the service config of deploy/client.
// Nothing that was acknowledged is lost, no client is told an error, every server ends in time, gives its leases back
// and finishes the letters in its hand.
//
// More of them, by hand:
//   KULANZ_RESTARTS=50 e2e_life_cycle_test --gtest_filter='*RollingRestart*'
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

#include "tests/e2e/rolling_fleet.h"
#include "tests/support/audit/audited_server.h"
#include "tests/support/redis/temp_redis.h"

namespace kulanz::e2e {
namespace {

using audit::AuditedSetup;
using audit::Auditor;
using ::testing::IsEmpty;

constexpr std::size_t kServers = 2;

TEST(RollingRestartTest, NobodyNoticesThatServersEnd) {
  const char* const asked = std::getenv("KULANZ_RESTARTS");  // NOLINT(concurrency-mt-unsafe)
  const std::uint64_t restarts = asked == nullptr ? 2 : std::strtoull(asked, nullptr, 10);
  Auditor auditor{AuditedSetup::kRules};
  const kulanz::testing::TempRedis redis;
  RollingFleet fleet(kServers, "kulanzd", redis.url(), auditor);
  ASSERT_TRUE(fleet.Start());
  for (std::uint64_t number = 0; number < restarts; ++number) {
    const std::size_t server = number % fleet.size();
    SCOPED_TRACE("restart " + std::to_string(number));
    fleet.End(server);
    EXPECT_TRUE(fleet.GoesOn(30)) << "the other serves";
    ASSERT_TRUE(fleet.Begin(server, "kulanzd"));
  }
  fleet.Finish();
  EXPECT_THAT(fleet.errors(), IsEmpty()) << "the retry policy hides what there is";
  EXPECT_GE(fleet.holders_max(), 1U) << "else nothing was said about leases";
  fleet.Print("rolling restart");
}

}  // namespace
}  // namespace kulanz::e2e
