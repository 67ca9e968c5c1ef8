// kulanzd itself: start, stop, restart, reload, and what it says when it cannot start.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <filesystem>
#include <string>

#include "tests/e2e/api.h"
#include "tests/e2e/programs.h"
#include "tests/support/eventually.h"

namespace kulanz::e2e {
namespace {

using kulanz::testing::Eventually;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::Not;
namespace fs = std::filesystem;

class KulanzdTest : public ::testing::Test {
 protected:
  KulanzdTest() { CopyRules("rules", rules()); }
  std::string rules() const { return directory_.path() + "/rules"; }
  std::string data() const { return directory_.path() + "/data"; }
  std::vector<std::string> Embedded() const {
    return {"--embedded", "--data", data(), "--rules", rules()};
  }
  std::vector<std::string> Memory() const {
    return {"--store", "memory", "--data", data(), "--rules", rules()};
  }
  static std::vector<std::string> With(std::vector<std::string> arguments,
                                       std::initializer_list<std::string> more) {
    arguments.insert(arguments.end(), more);
    return arguments;
  }
  std::size_t Letters() const {
    std::size_t count = 0;
    for (const auto& entry : fs::directory_iterator(data() + "/mail/new")) {
      count += entry.is_regular_file() ? 1U : 0U;
    }
    return count;
  }
  TemporaryDirectory directory_;
};

TEST_F(KulanzdTest, TheEmbeddedStoreSurvivesRestartsAndKills) {
  std::string code;
  const auto incident = LateDelivery("I-1");
  for (const int signal : {SIGTERM, SIGKILL, SIGTERM}) {
    ServerProcess server(Embedded());
    ASSERT_TRUE(server.AwaitServing());
    if (code.empty()) {
      ASSERT_EQ(Reason(server.api().Upsert(ACustomer()).status), "OK");
    }
    const auto answer = server.api().Report(incident);
    ASSERT_EQ(Reason(answer.status), "OK");
    EXPECT_EQ(answer->replayed(), !code.empty());
    if (!code.empty()) {
      EXPECT_EQ(answer->decision().voucher().code(), code);
    }
    code = answer->decision().voucher().code();
    EXPECT_TRUE(Eventually([&] { return Letters() == 1; })) << server.log();
    // Whatever becomes of the server, its Redis is ended in an orderly way and writes its log out.
    server.Signal(signal);
    EXPECT_EQ(server.AwaitExit(), signal == SIGTERM ? 0 : 128 + SIGKILL) << server.log();
    EXPECT_THAT(server.log(), Not(HasSubstr(code))) << "a code is a bearer secret";
    EXPECT_THAT(server.log(), Not(HasSubstr("zoe@example.com")));
  }
  EXPECT_EQ(Letters(), 1U);
}

TEST_F(KulanzdTest, ADirectoryThatWasThereKeepsItsMode) {
  for (const bool was_there : {true, false}) {
    if (was_there) {
      fs::create_directory(data());
      fs::permissions(data(), fs::perms{0755});
    }
    ServerProcess server(Memory());
    EXPECT_TRUE(server.AwaitServing());
    EXPECT_EQ(fs::status(data()).permissions(), fs::perms{was_there ? 0755U : 0700U});
    fs::remove_all(data());
  }
}

TEST_F(KulanzdTest, AStoreThatWasLostIsNotBegunAnew) {
  {
    ServerProcess server(Embedded());
    ASSERT_TRUE(server.AwaitServing());
    server.Signal(SIGTERM);
    ASSERT_EQ(server.AwaitExit(), 0);
  }
  fs::remove_all(data() + "/redis/appendonlydir");
  ServerProcess server(Embedded());
  EXPECT_EQ(server.AwaitExit(), 1);
  EXPECT_THAT(server.log(), HasSubstr("NO_GENESIS"));
}

TEST_F(KulanzdTest, ItListensWhileRedisIsAwayAndServesOnceItIsThere) {
  SharedStore store;
  std::vector<std::string> arguments = store.ServerArguments(false);
  ServerProcess first(arguments);  // Makes the store.
  ASSERT_TRUE(first.AwaitServing());
  arguments[1] = "redis://127.0.0.1:1";  // tidy-ok(port): nobody listens there
  arguments.erase(std::find(arguments.begin(), arguments.end(), "--initialise"));
  ServerProcess server(arguments);
  ASSERT_TRUE(server.AwaitPorts());
  EXPECT_EQ(server.api().Health("")->status(), grpc::health::v1::HealthCheckResponse::NOT_SERVING);
  EXPECT_EQ(server.api().Health("liveness")->status(),
            grpc::health::v1::HealthCheckResponse::SERVING);
  const auto answer = server.api().Report(LateDelivery("I-1"));
  EXPECT_EQ(Reason(answer.status), "UNAVAILABLE/STORE_UNREACHABLE");
  EXPECT_TRUE(HasRetryInfo(answer.status));
  server.Signal(SIGTERM);
  EXPECT_EQ(server.AwaitExit(), 0) << server.log();
}

TEST_F(KulanzdTest, ChangedPoliciesAreLoadedAndBadOnesChangeNothing) {
  ServerProcess server(Memory());
  ASSERT_TRUE(server.AwaitServing());
  ASSERT_EQ(Reason(server.api().Upsert(ACustomer()).status), "OK");
  const auto amount = [&] {
    const auto answer = server.api().Evaluate(LateDelivery("I-1"));
    return answer->decision().voucher().amount().units();
  };
  EXPECT_EQ(amount(), 5);
  const std::string file = rules() + "/policies/late-delivery.yaml";
  std::string text = ReadFile(file);
  const std::string good = text;
  text.replace(text.find("eur(5.00)"), 9, "eur(7.00)");
  WriteFile(file, text);
  EXPECT_TRUE(Eventually([&] { return amount() == 7; })) << server.log();
  WriteFile(file, text + "no_such_key: 1\n");
  EXPECT_TRUE(Eventually([&] {
    return server.log().find("policy_set_rejected") != std::string::npos;
  })) << server.log();
  EXPECT_THAT(server.log(), HasSubstr("no_such_key"));
  EXPECT_EQ(amount(), 7);
  WriteFile(file, good);
  EXPECT_TRUE(Eventually([&] { return amount() == 5; })) << server.log();
}

TEST_F(KulanzdTest, AConfigMapSwapIsOneReload) {
  const std::string mount = directory_.path() + "/mount";
  fs::create_directories(mount + "/..v1");
  fs::copy(rules(), mount + "/..v1", fs::copy_options::recursive);
  fs::create_directory_symlink("..v1", mount + "/..data");
  for (const char* name : {"incidents.yaml", "people.yaml", "policies", "messages"}) {
    fs::create_symlink(std::string("..data/") + name, mount + "/" + name);
  }
  ServerProcess server({"--store", "memory", "--data", data(), "--rules", mount});
  ASSERT_TRUE(server.AwaitServing());
  ASSERT_EQ(Reason(server.api().Upsert(ACustomer()).status), "OK");
  fs::copy(mount + "/..v1", mount + "/..v2", fs::copy_options::recursive);
  const std::string file = mount + "/..v2/policies/late-delivery.yaml";
  std::string text = ReadFile(file);
  text.replace(text.find("eur(5.00)"), 9, "eur(8.00)");
  WriteFile(file, text);
  fs::create_directory_symlink("..v2", mount + "/..data_tmp");
  fs::rename(mount + "/..data_tmp", mount + "/..data");
  EXPECT_TRUE(Eventually([&] {
    return server.api().Evaluate(LateDelivery("I-1"))->decision().voucher().amount().units() == 8;
  })) << server.log();
}

TEST_F(KulanzdTest, WhatPreventsAStartIsSaidInASentence) {
  const auto run = [](std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"--listen", "127.0.0.1:0", "--metrics", ""});
    return RunProgram("kulanzd", arguments);
  };
  Outcome outcome = RunProgram("kulanzd", With(Memory(), {"--listen", "192.0.2.1:1", "--metrics",
                                                          "", "--without-credentials"}));
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.output, HasSubstr("cannot listen on 192.0.2.1:1"));

  outcome = run({"--redis", "unix:///nowhere", "--data", data(), "--rules", rules(), "--secrets",
                 directory_.path() + "/none"});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.output, HasSubstr("none"));
}

TEST_F(KulanzdTest, CommandLinesThatMakeNoSenseAreUsageErrors) {
  const auto usage = [](std::vector<std::string> arguments) {
    const Outcome outcome = RunProgram("kulanzd", arguments);
    EXPECT_EQ(outcome.exit_code, 2) << outcome.output;
    return outcome.output;
  };
  EXPECT_THAT(usage({}), HasSubstr("say where to keep the data"));
  EXPECT_THAT(usage({"--embedded", "--store", "memory"}), HasSubstr("exclude each other"));
  EXPECT_THAT(usage({"--embedded", "--listen", "0.0.0.0:1"}),  // tidy-ok(port): refused
              HasSubstr("loopback"));                          // tidy-ok(port): refused
  EXPECT_THAT(usage({"--embedded", "--intake-max-age", "soon"}), HasSubstr("no duration"));
  EXPECT_THAT(usage({"--embedded", "--partitions", "100"}), HasSubstr("power of two"));
  EXPECT_THAT(usage({"--no-such-option"}), HasSubstr("no-such-option"));
  EXPECT_THAT(usage({"--redis", "http://somewhere"}), HasSubstr("--redis: "));
  EXPECT_EQ(RunProgram("kulanzd", {"--help"}).exit_code, 0);
  EXPECT_THAT(RunProgram("kulanzd", {"--version"}).output,
              MatchesRegex("kulanzd 0\\.[0-9.]+ \\([0-9a-z]+\\)\n"));
}

TEST_F(KulanzdTest, ItAnswersRunningCallsBeforeItEnds) {
  ServerProcess server(With(Memory(), {"--drain-wait", "3s"}));
  ASSERT_TRUE(server.AwaitServing());
  ASSERT_EQ(Reason(server.api().Upsert(ACustomer()).status), "OK");
  server.Signal(SIGTERM);
  EXPECT_TRUE(Eventually([&] {
    return server.api().Health("")->status() == grpc::health::v1::HealthCheckResponse::NOT_SERVING;
  }));
  EXPECT_EQ(Reason(server.api().Report(LateDelivery("I-1")).status), "OK")
      << "load balancers need a moment to look elsewhere";
  EXPECT_EQ(server.AwaitExit(), 0);
}

}  // namespace
}  // namespace kulanz::e2e
