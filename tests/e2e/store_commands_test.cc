// kulanzd, kulanz doctor and kulanz inspect with the flags that say where Redis is: one server over TLS with
// a user and a password file, Sentinels, a cluster. And doctor on stores that are damaged, or at work.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <atomic>
#include <filesystem>
#include <thread>

#include "service/adapters/redis/key_codec.h"
#include "service/adapters/system/system_entropy.h"
#include "service/app/agenda.h"
#include "service/app/keys.h"
#include "service/wiring/secrets.h"
#include "tests/e2e/api.h"
#include "tests/e2e/programs.h"
#include "tests/support/eventually.h"
#include "tests/support/redis/temp_cluster.h"
#include "tests/support/redis/temp_redis.h"
#include "tests/support/redis/temp_sentinels.h"
#include "tests/support/redis/test_certificates.h"

namespace kulanz::e2e {
namespace {

using kulanz::testing::Eventually;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class StoreCommandsTest : public ::testing::Test {
 protected:
  StoreCommandsTest() {
    CopyRules("rules", File("rules"));
    adapters::SystemEntropy entropy;
    EXPECT_TRUE(wiring::CreateSecrets(File("secrets"), entropy).ok());
  }
  std::string File(const std::string& name) const { return directory_.path() + "/" + name; }
  std::vector<std::string> Serving(const std::vector<std::string>& redis) const {
    std::vector<std::string> arguments = redis;
    for (const std::string& text : {std::string("--initialise"), std::string("--no-deliveries"),
                                    std::string("--data"), File("data"), std::string("--rules"),
                                    File("rules"), std::string("--secrets"), File("secrets")}) {
      arguments.push_back(text);
    }
    return arguments;
  }
  Outcome Kulanz(const std::string& verb, const std::vector<std::string>& redis,
                 std::initializer_list<std::string> more = {}) const {
    std::vector<std::string> arguments = {verb, "--secrets", File("secrets")};
    arguments.insert(arguments.end(), redis.begin(), redis.end());
    arguments.insert(arguments.end(), more);
    return RunProgram("kulanz", arguments);
  }
  // A server with these flags decides, a doctor with the same finds its store sound, inspect reads it.
  void ServeAndExamine(const std::vector<std::string>& redis) {
    ServerProcess server(Serving(redis));
    ASSERT_TRUE(server.AwaitServing()) << server.log();
    ASSERT_EQ(Reason(server.api().Upsert(ACustomer()).status), "OK");
    const auto answer = server.api().Report(LateDelivery("I-1"));
    ASSERT_EQ(Reason(answer.status), "OK") << server.log();
    const std::string code = answer->decision().voucher().code();
    const Outcome doctor = Kulanz("doctor", redis, {});
    EXPECT_EQ(doctor.exit_code, 0) << doctor.output;
    EXPECT_THAT(doctor.output, HasSubstr("in 256 partitions: 0 damaged, 0 in doubt"));
    const Outcome incident = Kulanz("inspect", redis, {"--incident", "I-1"});
    EXPECT_EQ(incident.exit_code, 0) << incident.output;
    EXPECT_THAT(incident.output, AllOf(HasSubstr("claim {"), HasSubstr("decision {"),
                                       HasSubstr("voucher {"), Not(HasSubstr(code))));
    const Outcome voucher = Kulanz("inspect", redis, {"--voucher", code, "--format", "json"});
    EXPECT_EQ(voucher.exit_code, 0) << voucher.output;
    EXPECT_THAT(voucher.output, AllOf(HasSubstr("\"kind\": \"voucher\""), Not(HasSubstr(code))));
    const Outcome customer = Kulanz("inspect", redis, {"--customer", "C-1"});
    EXPECT_EQ(customer.exit_code, 0) << customer.output;
    EXPECT_THAT(customer.output, AllOf(HasSubstr("(hidden)"), Not(HasSubstr("zoe@example.com"))));
    EXPECT_THAT(Kulanz("inspect", redis, {"--customer", "C-1", "--show-pii"}).output,
                HasSubstr("zoe@example.com"));
    EXPECT_EQ(Kulanz("inspect", redis, {"--incident", "I-never"}).exit_code, 1);
    server.Signal(SIGTERM);
    EXPECT_EQ(server.AwaitExit(), 0) << server.log();
  }
  TemporaryDirectory directory_;
};

TEST_F(StoreCommandsTest, BehindSentinels) {
  const testing::TempSentinels sentinels{{}};
  ServeAndExamine({"--redis", sentinels.address().ToString()});
}

TEST_F(StoreCommandsTest, OnACluster) {
  const testing::TempCluster cluster({.masters = 3, .replicas = 0});
  ServeAndExamine({"--redis", cluster.address().ToString()});
}

TEST_F(StoreCommandsTest, OverTlsWithAUserAndAPasswordFileThatChanges) {
  const testing::TestCertificates certificates;
  const std::string port = std::to_string(testing::FreePort());
  const testing::TempRedis redis(certificates.ServerArguments(port));
  redis.Run({"ACL", "SETUSER", "kulanz", "on", ">old", "~{*", "resetchannels", "+@all"});
  WriteFile(File("password"), "old\n");
  const auto with_ca = [&](const std::string& ca) {
    return std::vector<std::string>{"--redis",
                                    "rediss://127.0.0.1:" + port,
                                    "--redis-user",
                                    "kulanz",
                                    "--redis-password-file",
                                    File("password"),
                                    "--redis-ca-file",
                                    ca,
                                    "--redis-cert-file",
                                    certificates.client(),
                                    "--redis-key-file",
                                    certificates.client_key()};
  };
  ServeAndExamine(with_ca(certificates.ca()));
  const Outcome stranger =
      Kulanz("doctor", with_ca(certificates.other_ca()), {"--timeout-ms", "2000"});
  EXPECT_EQ(stranger.exit_code, 1);
  EXPECT_THAT(stranger.output, Not(HasSubstr("old")));

  ServerProcess server(Serving(with_ca(certificates.ca())));
  ASSERT_TRUE(server.AwaitServing()) << server.log();
  redis.Run({"ACL", "SETUSER", "kulanz", ">new", "<old"});
  WriteFile(File("password.new"), "new\n");
  std::filesystem::rename(File("password.new"), File("password"));
  redis.Run({"CLIENT", "KILL", "USER", "kulanz"});
  const v1::Incident incident = LateDelivery("I-2");
  EXPECT_TRUE(Eventually([&] { return Reason(server.api().Report(incident).status) == "OK"; }))
      << server.log();
}

TEST_F(StoreCommandsTest, UsageErrorsEndWithTwo) {
  EXPECT_EQ(RunProgram("kulanz", {"doctor"}).exit_code, 2);
  EXPECT_EQ(Kulanz("doctor", {"--redis", "nonsense://"}).exit_code, 2);
  EXPECT_EQ(Kulanz("inspect", {"--redis", "redis://127.0.0.1"}).exit_code, 2);
}

// A store on a plain Redis, with one grant under a real server that has ended.
class DamagedStoreTest : public StoreCommandsTest {
 protected:
  DamagedStoreTest() {
    ServerProcess server(Serving(redis_flags()));
    EXPECT_TRUE(server.AwaitServing());
    EXPECT_EQ(Reason(server.api().Upsert(ACustomer()).status), "OK");
    EXPECT_EQ(Reason(server.api().Report(LateDelivery("I-1")).status), "OK");
    server.Signal(SIGTERM);
    EXPECT_EQ(server.AwaitExit(), 0) << server.log();
  }
  std::vector<std::string> redis_flags() const { return {"--redis", redis_.url()}; }
  static std::string Raw(const ports::Key& key) {
    std::string raw;
    redis::AppendKey(key, raw);
    return raw;
  }
  Outcome Doctor(std::initializer_list<std::string> more = {}) const {
    std::vector<std::string> flags = redis_flags();
    flags.insert(flags.end(), more);
    return Kulanz("doctor", flags, {"--settle-seconds", "0"});
  }
  ports::Key DecisionKey() const {
    return keys_.Decision(keys_.PartitionOf(CustomerId("C-1")), IncidentId("I-1"));
  }
  void ExpectRepaired(const std::string& kind) {
    Outcome outcome = Doctor();
    EXPECT_EQ(outcome.exit_code, 1) << outcome.output;
    EXPECT_THAT(outcome.output, HasSubstr(kind));
    outcome = Doctor({"--repair"});
    EXPECT_EQ(outcome.exit_code, 0) << outcome.output;
    EXPECT_THAT(outcome.output, HasSubstr("repaired " + kind));
    EXPECT_THAT(Doctor().output, HasSubstr("0 damaged, 0 in doubt, 0 repaired"));
  }
  const app::Keys keys_{256};
  const testing::TempRedis redis_;
};

TEST_F(DamagedStoreTest, AClaimIsWrittenAgain) {
  redis_.Run({"DEL", Raw(keys_.Claim(IncidentId("I-1")))});
  ExpectRepaired("DECISION_WITHOUT_CLAIM");
}

TEST_F(DamagedStoreTest, ADecisionIsIndexedAgain) {
  redis_.Run({"DEL", Raw(keys_.DecisionIndex(CustomerId("C-1")))});
  ExpectRepaired("DECISION_NOT_INDEXED");
}

TEST_F(DamagedStoreTest, ALetterIsScheduledAgain) {
  redis_.Run({"DEL", Raw(keys_.Agenda(DecisionKey().partition))});
  ExpectRepaired("DELIVERY_NOT_SCHEDULED");
}

TEST_F(DamagedStoreTest, AStaleAgendaEntryIsRemoved) {
  const std::string member = app::EncodeAgendaMember(
      {app::AgendaKind::kDelivery, app::HashOf(IncidentId("no voucher at all"))});
  redis_.Run({"ZADD", Raw(keys_.Agenda({7})), "1", member});
  ExpectRepaired("AGENDA_STALE");
}

TEST_F(DamagedStoreTest, ADamagedRecordIsToldByBothCommands) {
  redis_.Run({"APPEND", Raw(DecisionKey()), "x"});
  const Outcome outcome = Doctor({"--repair", "--format", "json"});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.output, AllOf(HasSubstr("\"kind\": \"RECORD_CORRUPT\""),
                                    HasSubstr("\"damaged\": 1"), HasSubstr("\"repaired\": 0")));
  const std::size_t at = outcome.output.find("\"key\": \"") + 8;
  const std::string key = outcome.output.substr(at, 38);
  const Outcome inspected = Kulanz("inspect", redis_flags(), {"--key", key});
  EXPECT_EQ(inspected.exit_code, 1);
  EXPECT_THAT(inspected.output, AllOf(HasSubstr("CORRUPT"), HasSubstr("fails its MAC")));
}

TEST_F(DamagedStoreTest, ALostDecisionIsToldByAllThatNameIt) {
  redis_.Run({"DEL", Raw(DecisionKey())});
  const Outcome outcome = Doctor({"--repair"});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.output,
              AllOf(HasSubstr("VOUCHER_WITHOUT_DECISION"), HasSubstr("GESTURE_WITHOUT_DECISION"),
                    HasSubstr("CLAIM_WITHOUT_DECISION")));
}

TEST_F(DamagedStoreTest, AnotherStoreOrAnEmptiedPartitionIsNoStore) {
  const Outcome other = Doctor({"--store-id", "another"});
  EXPECT_EQ(other.exit_code, 1);
  EXPECT_THAT(other.output, HasSubstr("this is the store 'kulanz'"));
  redis_.Run({"DEL", redis::GenesisKey({9})});
  EXPECT_EQ(Doctor().exit_code, 1);
}

TEST_F(StoreCommandsTest, AStoreAtWorkIsSound) {
  const testing::TempRedis redis;
  const std::vector<std::string> flags = {"--redis", redis.url()};
  ServerProcess first(Serving(flags));
  ServerProcess second(Serving(flags));
  ASSERT_TRUE(first.AwaitServing());
  ASSERT_TRUE(second.AwaitServing());
  std::atomic<bool> stop{false};
  std::atomic<int> reports{0};
  std::vector<std::thread> load;
  for (int thread = 0; thread < 4; ++thread) {
    load.emplace_back([&, thread] {
      ServerProcess& server = thread % 2 == 0 ? first : second;
      for (int i = 0; !stop; ++i) {
        const std::string id = std::to_string(thread) + "-" + std::to_string(i);
        EXPECT_EQ(Reason(server.api().Upsert(ACustomer("C-" + id)).status), "OK");
        const auto answer = server.api().Report(LateDelivery("I-" + id, "C-" + id));
        EXPECT_EQ(Reason(answer.status), "OK");
        if (i % 3 == 0 && answer->decision().has_voucher()) {
          const std::string code = answer->decision().voucher().code();
          server.api().Redeem(Redemption(code, "R-" + id, "O-" + id, "C-" + id));
        }
        ++reports;
      }
    });
  }
  EXPECT_TRUE(Eventually([&] { return reports > 200; }));
  const Outcome doctor = Kulanz("doctor", flags, {"--settle-seconds", "5"});
  stop = true;
  for (std::thread& thread : load) {
    thread.join();
  }
  EXPECT_EQ(doctor.exit_code, 0) << doctor.output;
}

}  // namespace
}  // namespace kulanz::e2e
