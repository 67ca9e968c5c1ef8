// A kulanzd that starts before its Redis or its policies are there: alive and listening, NOT_SERVING, and ready once
// they are.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <filesystem>
#include <string>
#include <vector>

#include "service/adapters/system/system_entropy.h"
#include "service/wiring/secrets.h"
#include "tests/e2e/api.h"
#include "tests/e2e/programs.h"
#include "tests/support/eventually.h"
#include "tests/support/redis/temp_redis.h"

namespace kulanz::e2e {
namespace {

using kulanz::testing::Eventually;
using kulanz::testing::TempRedis;
using ::testing::HasSubstr;
using Serving = grpc::health::v1::HealthCheckResponse;
namespace fs = std::filesystem;

class DegradedStartTest : public ::testing::Test {
 protected:
  DegradedStartTest() {
    CopyRules("rules", rules());
    adapters::SystemEntropy entropy;
    EXPECT_TRUE(wiring::CreateSecrets(directory_.path() + "/secrets", entropy).ok());
  }
  std::string rules() const { return directory_.path() + "/rules"; }
  std::string mail() const { return directory_.path() + "/mail/new"; }
  std::vector<std::string> Arguments(std::vector<std::string> more = {}) const {
    const std::string& path = directory_.path();
    std::vector<std::string> arguments = {
        "--redis", redis_.url(), "--data",          path + "/data", "--rules",
        rules(),   "--secrets",  path + "/secrets", "--mail-dir",   path + "/mail"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  }
  std::size_t Letters() const {
    std::error_code none;
    std::size_t count = 0;
    for (const auto& file : fs::directory_iterator(mail(), none)) {
      count += file.is_regular_file() ? 1U : 0U;
    }
    return count;
  }
  static void ExpectAliveButNotReady(ServerProcess& server) {
    for (const char* const service : {"", "readiness", "kulanz.v1.IncidentService"}) {
      EXPECT_EQ(server.api().Health(service)->status(), Serving::NOT_SERVING) << service;
    }
    EXPECT_EQ(server.api().Health("liveness")->status(), Serving::SERVING);
  }

  const TemporaryDirectory directory_;
  TempRedis redis_;
};

TEST_F(DegradedStartTest, ItServesOnceRedisIsThere) {
  {
    ServerProcess first(Arguments({"--initialise"}));  // Makes the store.
    ASSERT_TRUE(first.AwaitServing());
    ASSERT_TRUE(first.api().Upsert(ACustomer()).ok());
  }
  redis_.Kill(SIGTERM);
  ServerProcess server(Arguments());
  ASSERT_TRUE(server.AwaitPorts());
  ExpectAliveButNotReady(server);
  const auto refused = server.api().Report(LateDelivery("I-1"));
  EXPECT_EQ(Reason(refused.status), "UNAVAILABLE/STORE_UNREACHABLE");
  EXPECT_TRUE(HasRetryInfo(refused.status));
  redis_.Start();
  ASSERT_TRUE(server.AwaitServing());
  EXPECT_EQ(Reason(server.api().Report(LateDelivery("I-1")).status), "OK");
}

TEST_F(DegradedStartTest, AStoreThatIsToBeMadeIsMadeOnceRedisIsThere) {
  redis_.Kill();
  ServerProcess server(Arguments({"--initialise"}));
  ASSERT_TRUE(server.AwaitPorts());
  EXPECT_THAT(server.log(), HasSubstr("store_awaited"));
  ExpectAliveButNotReady(server);
  redis_.Start();
  ASSERT_TRUE(server.AwaitServing());
  EXPECT_TRUE(
      Eventually([&] { return server.log().find("store_initialised") != std::string::npos; }));
  EXPECT_EQ(Reason(server.api().Upsert(ACustomer()).status), "OK");
  // From here on an empty database is one that was lost.
  redis_.Run({"FLUSHALL"});
  EXPECT_TRUE(Eventually([&] {
    const auto answer = server.api().Report(LateDelivery("I-1"));
    return Reason(answer.status) == "FAILED_PRECONDITION/NO_GENESIS";
  }));
  server.Signal(SIGTERM);
  EXPECT_EQ(server.AwaitExit(), 0) << server.log();
}

TEST_F(DegradedStartTest, ItEndsInOrderWhileRedisIsStillAway) {
  redis_.Kill();
  ServerProcess server(Arguments({"--initialise"}));
  ASSERT_TRUE(server.AwaitPorts());
  server.Signal(SIGTERM);
  EXPECT_EQ(server.AwaitExit(), 0) << server.log();
}

TEST_F(DegradedStartTest, ItServesOncePoliciesAreThere) {
  fs::rename(rules(), rules() + ".later");
  ServerProcess server(Arguments({"--initialise"}));
  ASSERT_TRUE(server.AwaitPorts());
  ExpectAliveButNotReady(server);
  const auto refused = server.api().Report(LateDelivery("I-1"));
  EXPECT_EQ(Reason(refused.status), "UNAVAILABLE/POLICIES_NOT_LOADED");
  EXPECT_TRUE(HasRetryInfo(refused.status));
  fs::rename(rules() + ".later", rules());
  server.Signal(SIGHUP);  // Without it, a folder that appears is seen by the next poll.
  ASSERT_TRUE(server.AwaitServing());
  ASSERT_TRUE(server.api().Upsert(ACustomer()).ok());
  EXPECT_EQ(Reason(server.api().Report(LateDelivery("I-1")).status), "OK");
}

TEST_F(DegradedStartTest, LettersWaitForPoliciesThatAreMended) {
  {
    ServerProcess first(Arguments({"--initialise", "--no-deliveries"}));
    ASSERT_TRUE(first.AwaitServing());
    ASSERT_TRUE(first.api().Upsert(ACustomer()).ok());
    ASSERT_EQ(Reason(first.api().Report(LateDelivery("I-1")).status), "OK");
    first.Signal(SIGTERM);
    ASSERT_EQ(first.AwaitExit(), 0);
  }
  const std::string bad = rules() + "/policies/bad.yaml";
  WriteFile(bad, "kulanz: v1\npolicy: bad\n");
  ServerProcess server(Arguments({"--deliver-at-once"}));
  ASSERT_TRUE(server.AwaitPorts());
  ExpectAliveButNotReady(server);
  EXPECT_THAT(server.log(), HasSubstr("policies/bad.yaml:"));
  EXPECT_THAT(server.log(), HasSubstr("policies_awaited"));
  EXPECT_EQ(Letters(), 0U);
  fs::remove(bad);
  ASSERT_TRUE(server.AwaitServing());
  // Had it been tried before, it would be dead: no message of that name.
  EXPECT_TRUE(Eventually([&] { return Letters() == 1; })) << server.log();
}

}  // namespace
}  // namespace kulanz::e2e
