// The access log of a real kulanzd: a line for each call, by which it is found again, and nothing that was in it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <sstream>
#include <string>
#include <vector>

#include "tests/e2e/api.h"
#include "tests/e2e/programs.h"
#include "tests/support/eventually.h"

namespace kulanz::e2e {
namespace {

using kulanz::testing::Eventually;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kTrace = "4bf92f3577b34da6a3ce929d0e0e4736";
constexpr const char* kTraceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

class AccessLogTest : public ::testing::Test {
 protected:
  void Serve(std::vector<std::string> more) {
    const std::string& path = directory_.path();
    CopyRules("rules", path + "/rules");
    std::vector<std::string> arguments = {
        "--store",           "memory", "--data", path, "--rules", path + "/rules",
        "--trusted-callers", "all"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    server_ = std::make_unique<ServerProcess>(arguments);
    ASSERT_TRUE(server_->AwaitServing());
  }
  // The lines of calls.
  std::vector<std::string> Calls() const {
    std::vector<std::string> calls;
    std::istringstream log(server_->log());
    for (std::string line; std::getline(log, line);) {
      if (line.find("\"event\":\"call\"") != std::string::npos) {
        calls.push_back(line);
      }
    }
    return calls;
  }
  static std::string Member(const std::string& name, const std::string& value) {
    return "\"" + name + "\":\"" + value + "\"";
  }

  const TemporaryDirectory directory_;
  std::unique_ptr<ServerProcess> server_;
};

TEST_F(AccessLogTest, ACallIsFoundByItsTraceAndItsRequestId) {
  Serve({"--access-log-one-in", "1"});
  ASSERT_TRUE(server_->api().Upsert(ACustomer()).ok());
  grpc::ClientContext context;
  context.AddMetadata("traceparent", kTraceparent);
  context.AddMetadata("x-request-id", "checkout-4711");
  v1::ReportIncidentRequest request;
  *request.mutable_incident() = LateDelivery("I-1");
  v1::ReportIncidentResponse response;
  ASSERT_TRUE(server_->api().incidents().ReportIncident(&context, request, &response).ok());
  EXPECT_TRUE(Eventually([&] { return Calls().size() >= 2; }));
  EXPECT_THAT(
      Calls(),
      Contains(AllOf(HasSubstr(Member("method", "kulanz.v1.IncidentService/ReportIncident")),
                     HasSubstr(Member("code", "OK")), HasSubstr(Member("reason", "")),
                     HasSubstr(Member("caller", "ipv4:127.0.0.1")),
                     HasSubstr(Member("request_id", "checkout-4711")),
                     HasSubstr(Member("trace_id", kTrace)), HasSubstr("\"duration_ms\":\""))));
}

TEST_F(AccessLogTest, NothingOfWhatWasInACallIsInTheLog) {
  Serve({"--access-log-one-in", "1", "--log-level", "debug"});
  Api& api = server_->api();
  v1::Customer customer = ACustomer();
  customer.set_given_name("Wilhelmine");
  customer.set_family_name("Unverwechselbar");
  customer.set_email("wilhelmine@unverwechselbar.example");
  ASSERT_TRUE(api.Upsert(customer).ok());
  const auto granted = api.Report(LateDelivery("I-1"));
  ASSERT_TRUE(granted.ok());
  const std::string code = granted->decision().voucher().code();
  ASSERT_NE(code, "");
  std::string bare = code;
  bare.erase(std::remove(bare.begin(), bare.end(), '-'), bare.end());

  // The code where it belongs, where it does not, mistyped, and as the id of a request.
  EXPECT_TRUE(api.GetVoucher(code).ok());
  EXPECT_FALSE(api.GetVoucher(bare + "0").ok());
  EXPECT_TRUE(api.Redeem(Redemption(code, "R-1")).ok());
  EXPECT_FALSE(api.Redeem(Redemption(code, "R-2")).ok());
  for (const std::string& id : {code, bare}) {
    grpc::ClientContext context;
    context.AddMetadata("x-request-id", id);
    context.AddMetadata("authorization", "Bearer secret-token-of-nobody");
    context.AddMetadata("traceparent", "00-" + bare + bare + "-00f067aa0ba902b7-01");
    v1::GetDecisionRequest request;
    request.set_incident_id("not-there");
    v1::Decision decision;
    EXPECT_FALSE(api.incidents().GetDecision(&context, request, &decision).ok());
  }
  // Words of people where ids belong: the error quotes them, the log does not.
  EXPECT_FALSE(api.GetDecision("Wilhelmine Unverwechselbar\n").ok());
  customer.set_email("wilhelmine@@unverwechselbar");
  EXPECT_FALSE(api.Upsert(customer).ok());

  EXPECT_TRUE(Eventually([&] { return Calls().size() >= 9; })) << server_->log();
  EXPECT_THAT(Calls(), Contains(AllOf(HasSubstr("/GetDecision"),
                                      HasSubstr(Member("request_id", "redacted")))));
  server_->HangUp();
  server_->Signal(SIGTERM);
  server_->AwaitExit();
  const std::string log = server_->log();
  for (const std::string& secret :
       {code, bare, bare.substr(2), std::string("secret-token"), std::string("Wilhelmine"),
        std::string("wilhelmine"), std::string("nverwechselbar")}) {
    EXPECT_THAT(log, Not(HasSubstr(secret)));
  }
}

TEST_F(AccessLogTest, AllErrorsAreThereAndOfTheOthersOneInSoMany) {
  Serve({"--access-log-one-in", "10"});
  Api& api = server_->api();
  for (int i = 0; i < 30; ++i) {
    ASSERT_TRUE(api.Upsert(ACustomer()).ok());
  }
  for (int i = 0; i < 7; ++i) {
    EXPECT_FALSE(api.GetDecision("not-there").ok());
  }
  const auto count = [&](const std::string& what) {
    const auto calls = Calls();
    return std::count_if(calls.begin(), calls.end(), [&](const std::string& line) {
      return line.find(what) != std::string::npos;
    });
  };
  EXPECT_TRUE(Eventually([&] { return count("/GetDecision") == 7; })) << server_->log();
  EXPECT_EQ(count("/UpsertCustomer"), 3);
  EXPECT_EQ(count("/Check"), 0) << "probes that went well are noise";
}

TEST_F(AccessLogTest, AFloodOfErrorsIsNoFloodOfLines) {
  Serve({"--access-log-rate", "5"});
  Api& api = server_->api();
  for (int i = 0; i < 300; ++i) {
    EXPECT_FALSE(api.GetDecision("not-there").ok());
  }
  server_->HangUp();
  server_->Signal(SIGTERM);
  EXPECT_EQ(server_->AwaitExit(), 0);
  EXPECT_THAT(server_->log(), HasSubstr("\"suppressed\":"));
}

TEST_F(AccessLogTest, ThereIsNoneForWhoWantsNone) {
  Serve({"--no-access-log"});
  EXPECT_FALSE(server_->api().GetDecision("not-there").ok());
  server_->HangUp();
  server_->Signal(SIGTERM);
  EXPECT_EQ(server_->AwaitExit(), 0);
  EXPECT_TRUE(Calls().empty());
}

}  // namespace
}  // namespace kulanz::e2e
