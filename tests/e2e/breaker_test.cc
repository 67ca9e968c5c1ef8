// Breakers with the real servers: two on one Redis stop a flood, tell of it, and let it go once.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "kulanz/v1/breaker_service.grpc.pb.h"
#include "service/kulanz/server/metrics_page.h"
#include "tests/e2e/api.h"
#include "tests/e2e/programs.h"
#include "tests/e2e/test_rules.h"
#include "tests/support/eventually.h"

namespace kulanz::e2e {
namespace {

using kulanz::testing::Eventually;
using ::testing::HasSubstr;

constexpr int kIncidents = 80;
constexpr int kLimit = 10;
constexpr int kClients = 8;

class BreakerOfTwoServers : public ::testing::Test {
 protected:
  void SetUp() override {
    WriteFile(store_.rules() + "/settings.yaml",
              "kulanz: v1\nbreakers:\n  - {type: outage, gestures: " + std::to_string(kLimit) +
                  ", within: 10m}\n");
    std::vector<v1::Customer> all;
    for (int i = 0; i < kIncidents; ++i) {
      const std::string n = std::to_string(i);
      all.push_back(ACustomer("C-" + n));
      flood_.push_back(Outage("I-" + n, "C-" + n));
    }
    for (auto& server : servers_) {
      server = std::make_unique<ServerProcess>(store_.ServerArguments(false));
      ASSERT_TRUE(server->AwaitServing());
    }
    ASSERT_EQ(Reason(servers_[0]->api().Import(all).status), "OK");
  }

  // Each incident once, by several clients at both servers: how often each reason was told.
  std::map<std::string, int> ReportAll(std::set<std::string>& codes) {
    std::map<std::string, int> reasons;
    std::mutex mutex;
    std::atomic<int> next{0};
    std::vector<std::thread> clients;
    for (int client = 0; client < kClients; ++client) {
      clients.emplace_back([&, client] {
        Api& api = servers_.at(static_cast<std::size_t>(client) % 2)->api();
        for (int i = next++; i < kIncidents; i = next++) {
          Answer<v1::ReportIncidentResponse> answer;
          Eventually([&] {
            answer = api.Report(flood_[static_cast<std::size_t>(i)]);
            return answer.status.error_code() != grpc::UNAVAILABLE;
          });
          const std::lock_guard lock(mutex);
          ++reasons[answer.ok() ? answer->decision().reason() : Reason(answer.status)];
          if (answer.ok() && answer->decision().has_voucher()) {
            codes.insert(answer->decision().voucher().code());
          }
        }
      });
    }
    for (std::thread& client : clients) {
      client.join();
    }
    return reasons;
  }
  Outcome Breakers(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"breakers", "--server", servers_[1]->address()});
    return RunProgram("kulanz", arguments);
  }
  v1::Breaker GetBreaker(const std::string& name) {
    const auto stub = v1::BreakerService::NewStub(servers_[1]->NewChannel());
    v1::GetBreakerRequest request;
    request.set_name(name);
    v1::Breaker breaker;
    grpc::ClientContext context;
    EXPECT_EQ(Reason(stub->GetBreaker(&context, request, &breaker)), "OK");
    return breaker;
  }
  static bool IsTold(const ServerProcess& server) {
    const auto page = command::FetchMetrics(server.metrics());
    return page.ok() && std::any_of(page->begin(), page->end(), [](const command::Sample& sample) {
             return sample.name == "kulanz_breaker_tripped" &&
                    sample.labels.at("breaker") == "type/outage" && sample.value == 1;
           });
  }

  SharedStore store_;
  std::array<std::unique_ptr<ServerProcess>, 2> servers_;
  std::vector<v1::Incident> flood_;
};

TEST_F(BreakerOfTwoServers, AFloodIsStoppedToldAndGivenOnceDripByDrip) {
  std::set<std::string> codes;
  std::map<std::string, int> reasons = ReportAll(codes);
  EXPECT_EQ(reasons["GRANTED"] + reasons["MASS_INCIDENT"], kIncidents);
  EXPECT_GE(reasons["GRANTED"], kLimit);
  // Each server by itself keeps to the limit.
  EXPECT_LE(reasons["GRANTED"], 2 * kLimit);
  const int held = reasons["MASS_INCIDENT"];
  ASSERT_GT(held, 0);

  for (const auto& server : servers_) {
    EXPECT_TRUE(Eventually([&] { return IsTold(*server); }));
  }
  EXPECT_THAT(servers_[0]->log() + servers_[1]->log(), HasSubstr("breaker_tripped"));
  const v1::Breaker tripped = GetBreaker("type/outage");
  EXPECT_TRUE(tripped.tripped());
  EXPECT_EQ(tripped.held().cases(), held);
  ASSERT_EQ(tripped.held().amounts_size(), 1);
  EXPECT_EQ(tripped.held().amounts(0).units(), 5 * held);
  const Outcome listed = Breakers({"list"});
  EXPECT_EQ(listed.exit_code, 0);
  EXPECT_THAT(listed.output, HasSubstr("holds " + std::to_string(held) + " cases"));

  const Outcome released =
      Breakers({"release", "type/outage", "--per-minute", "6000", "--request-id", "e2e-1"});
  EXPECT_EQ(released.exit_code, 0) << released.output;
  ASSERT_TRUE(Eventually([&] { return GetBreaker("type/outage").held().cases() == 0; }));
  EXPECT_FALSE(GetBreaker("type/outage").tripped());
  EXPECT_TRUE(Eventually([&] { return !IsTold(*servers_[0]) && !IsTold(*servers_[1]); }));

  std::map<std::string, int> again = ReportAll(codes);
  EXPECT_EQ(again["GRANTED"], kIncidents) << "a repeated report is answered with the voucher";
  EXPECT_EQ(codes.size(), static_cast<std::size_t>(kIncidents)) << "one voucher each";
  again = ReportAll(codes);
  EXPECT_EQ(codes.size(), static_cast<std::size_t>(kIncidents)) << "and always the same";
  const Outcome none = Breakers({"release", "type/none", "--per-minute", "1"});
  EXPECT_EQ(none.exit_code, 1);
  EXPECT_THAT(none.output, HasSubstr("BREAKER_NOT_FOUND"));
}

}  // namespace
}  // namespace kulanz::e2e
