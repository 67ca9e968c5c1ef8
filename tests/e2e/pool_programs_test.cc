// Pools of codes with the real servers: races, a server that is killed, a letter, and who is trusted.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <array>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "tests/e2e/api.h"
#include "tests/e2e/pool_client.h"
#include "tests/e2e/programs.h"
#include "tests/support/eventually.h"

namespace kulanz::e2e {
namespace {

using kulanz::testing::Eventually;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr int kClients = 32;
constexpr std::size_t kServers = 4;

class FourServers : public ::testing::Test {
 protected:
  void Start(int customers) {
    for (auto& server : servers_) {
      server = std::make_unique<ServerProcess>(store_.ServerArguments(false));
      ASSERT_TRUE(server->AwaitServing());
    }
    std::vector<v1::Customer> all;
    for (int i = 0; i < customers; ++i) {
      all.push_back(ACustomer("C-" + std::to_string(i)));
    }
    ASSERT_EQ(Reason(servers_[0]->api().Import(all).status), "OK");
  }

  // What may be repeated is, against the next server.
  Answer<v1::ReportIncidentResponse> ReportUntilAnswered(std::size_t first,
                                                         const v1::Incident& incident) {
    for (std::size_t attempt = 0;; ++attempt) {
      Api& api = servers_.at((first + attempt) % kServers)->api();
      auto answer = api.Report(incident);
      const auto code = answer.status.error_code();
      const bool repeat =
          code == grpc::UNAVAILABLE || code == grpc::DEADLINE_EXCEEDED || code == grpc::CANCELLED;
      if (!repeat || attempt >= 400) {
        return answer;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds{25});
    }
  }

  // Incidents 0 .. count - 1, each of its own customer, by 32 clients at once.
  void ReportAll(int count, const std::function<void(int)>& before) {
    std::atomic<int> next{0};
    std::vector<std::thread> clients;
    for (int client = 0; client < kClients; ++client) {
      clients.emplace_back([&, client] {
        for (int i = next++; i < count; i = next++) {
          before(i);
          const std::string n = std::to_string(i);
          const auto incident = MissedVisit("I-" + n, "C-" + n);
          const auto answer = ReportUntilAnswered(static_cast<std::size_t>(client), incident);
          const std::lock_guard lock(mutex_);
          if (!answer.ok()) {
            errors_.push_back(Reason(answer.status));
            continue;
          }
          ++reasons_[answer->decision().reason()];
          if (answer->decision().outcome() == v1::OUTCOME_GRANTED) {
            codes_.insert(answer->decision().voucher().code());
            told_[incident.incident_id()] = answer->decision().voucher().code();
          }
        }
      });
    }
    for (std::thread& client : clients) {
      client.join();
    }
  }

  SharedStore store_;
  std::array<std::unique_ptr<ServerProcess>, kServers> servers_;
  std::mutex mutex_;
  std::vector<std::string> errors_;
  std::map<std::string, int> reasons_;
  std::set<std::string> codes_;
  std::map<std::string, std::string> told_;
};

TEST_F(FourServers, OneCodeIsForExactlyOneOfThirtyTwo) {
  ASSERT_NO_FATAL_FAILURE(Start(kClients));
  ASSERT_EQ(PoolClient(servers_[0]->NewChannel()).Import("visits", {PoolCodes(1)})->added(), 1);
  ReportAll(kClients, [](int) {});
  EXPECT_THAT(errors_, IsEmpty());
  EXPECT_EQ(reasons_["GRANTED"], 1);
  EXPECT_EQ(reasons_["POOL_EMPTY"], kClients - 1);
}

TEST_F(FourServers, KillingOneInTheMiddleNeitherLosesNorDoublesACode) {
  constexpr int kCodes = 60;
  constexpr int kIncidents = 100;
  ASSERT_NO_FATAL_FAILURE(Start(kIncidents));
  PoolClient pools(servers_[0]->NewChannel());
  ASSERT_EQ(pools.Import("visits", {PoolCodes(kCodes)})->added(), kCodes);
  ReportAll(kIncidents, [&](int i) {
    if (i == 40) {
      servers_[1]->Signal(SIGKILL);
    }
  });
  EXPECT_EQ(servers_[1]->AwaitExit(), 128 + SIGKILL);
  EXPECT_THAT(errors_, IsEmpty());
  EXPECT_EQ(reasons_["GRANTED"] + reasons_["POOL_EMPTY"], kIncidents);
  EXPECT_EQ(codes_.size(), static_cast<std::size_t>(reasons_["GRANTED"])) << "given twice";
  const auto rest = pools.Get("visits");
  ASSERT_EQ(Reason(rest.status), "OK");
  EXPECT_EQ(reasons_["GRANTED"] + rest->remaining(), kCodes) << "lost";
  for (const auto& [incident, code] : told_) {
    EXPECT_EQ(servers_[2]->api().GetDecision(incident)->voucher().code(), code);
  }
  for (std::size_t i : {0U, 2U, 3U}) {
    EXPECT_THAT(servers_.at(i)->log(), Not(HasSubstr("VISIT-1"))) << "a code is a bearer secret";
  }
}

class PoolServer : public ::testing::Test {
 protected:
  PoolServer() { CopyRules("rules", directory_.path() + "/rules"); }
  std::vector<std::string> Arguments(const std::string& trusted) const {
    return {"--store",
            "memory",
            "--data",
            directory_.path() + "/data",
            "--rules",
            directory_.path() + "/rules",
            "--trusted-callers",
            trusted};
  }
  std::string Letters() const {
    std::string all;
    for (const auto& entry :
         std::filesystem::directory_iterator(directory_.path() + "/data/mail/new")) {
      all += ReadFile(entry.path());
    }
    return all;
  }
  TemporaryDirectory directory_;
};

TEST_F(PoolServer, TheLetterTellsThePoolsCodeAndOperatorsAreWarned) {
  ServerProcess server(Arguments("all"));
  ASSERT_TRUE(server.AwaitServing());
  ASSERT_EQ(Reason(server.api().Upsert(ACustomer()).status), "OK");
  PoolClient pools(server.NewChannel());
  ASSERT_EQ(pools.Import("visits", {PoolCodes(2)})->added(), 2);
  const auto answer = server.api().Report(MissedVisit("I-1"));
  ASSERT_EQ(Reason(answer.status), "OK");
  const std::string code = answer->decision().voucher().code();
  ASSERT_THAT(code, HasSubstr("VISIT-1000"));
  EXPECT_TRUE(Eventually([&] { return Letters().find(code) != std::string::npos; }))
      << server.log();
  EXPECT_TRUE(Eventually(
      [&] {
        return server.log().find("pool_low") != std::string::npos ||
               server.log().find("pool_empty") != std::string::npos;
      },
      std::chrono::seconds{60}))
      << server.log();
  EXPECT_THAT(server.log(), Not(HasSubstr(code)));
}

TEST_F(PoolServer, TheUntrustedImportNothingAndLearnNothing) {
  ServerProcess server(Arguments("10.0.0.0/8,local"));
  ASSERT_TRUE(server.AwaitServing());
  ASSERT_EQ(Reason(server.api().Upsert(ACustomer()).status), "OK");
  PoolClient pools(server.NewChannel());
  EXPECT_EQ(Reason(pools.Import("visits", {{"CODE-1"}}).status),
            "PERMISSION_DENIED/CALLER_NOT_TRUSTED");
  EXPECT_EQ(Reason(pools.Get("visits").status), "PERMISSION_DENIED/CALLER_NOT_TRUSTED");
  const auto code = server.api().Report(LateDelivery("I-1"))->decision().voucher().code();
  const auto of_another = server.api().Redeem(Redemption(code, "R-1", "O-1", "C-9"));
  const auto unknown = server.api().Redeem(Redemption("0000-0000-0000-0000", "R-1", "O-1", "C-9"));
  ASSERT_EQ(Reason(server.api().Redeem(Redemption(code, "R-2", "O-2", "C-1")).status), "OK");
  const auto used = server.api().Redeem(Redemption(code, "R-3", "O-3", "C-1"));
  for (const grpc::Status& status : {of_another.status, unknown.status, used.status}) {
    EXPECT_EQ(Reason(status), "NOT_FOUND/VOUCHER_NOT_REDEEMABLE");
    EXPECT_EQ(status.error_message(), unknown.status.error_message());
    EXPECT_EQ(status.error_details(), unknown.status.error_details());
  }
}

TEST_F(PoolServer, TrustedCallersThatAreNoneStopTheStart) {
  ServerProcess server(Arguments("10.0.0.0/33"));
  EXPECT_EQ(server.AwaitExit(), 2);
  EXPECT_THAT(server.log(), HasSubstr("'10.0.0.0/33' is no trusted caller"));
}

}  // namespace
}  // namespace kulanz::e2e
