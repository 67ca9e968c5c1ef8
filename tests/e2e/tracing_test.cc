// Traces: which calls get a span and what is in it, and a kulanzd with a receiver that knows the schema, that is away,
// and that says nothing.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>
#include <fstream>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "service/adapters/grpc/trace_observer.h"
#include "service/adapters/system/system_entropy.h"
#include "service/kulanz/server/metrics_page.h"
#include "tests/e2e/api.h"
#include "tests/e2e/in_process.h"
#include "tests/e2e/programs.h"
#include "tests/support/eventually.h"
#include "tests/support/otlp/otlp_receiver.h"

namespace kulanz::e2e {
namespace {

using kulanz::testing::Eventually;
using kulanz::testing::OtlpReceiver;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::Not;

constexpr const char* kTrace = "4bf92f3577b34da6a3ce929d0e0e4736";
constexpr const char* kParent = "00f067aa0ba902b7";
constexpr const char* kSampled = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
constexpr const char* kNotSampled = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00";

// A call that finds nothing; `traceparent`: empty: none.
std::string GetDecision(v1::IncidentService::Stub& incidents, const std::string& traceparent,
                        const std::string& incident = "not-there") {
  grpc::ClientContext context;
  if (!traceparent.empty()) {
    context.AddMetadata("traceparent", traceparent);
  }
  v1::GetDecisionRequest request;
  request.set_incident_id(incident);
  v1::Decision decision;
  return Reason(incidents.GetDecision(&context, request, &decision));
}

class SpanList final : public ports::SpanSink {
 public:
  void Ended(ports::Span span) override {
    const std::lock_guard lock(mutex_);
    spans_.push_back(std::move(span));
  }
  void Drain(Duration) override {}
  std::vector<ports::Span> Take() {
    const std::lock_guard lock(mutex_);
    return std::exchange(spans_, {});
  }

 private:
  std::mutex mutex_;
  std::vector<ports::Span> spans_;
};

class TraceObserverTest : public ::testing::Test {
 protected:
  // The spans of one call.
  std::vector<ports::Span> SpansOf(double root_ratio, const std::string& traceparent) {
    rpc::TraceObserver observer(sink_, entropy_, root_ratio);
    InProcess service("rules", {.observers = {&observer}});
    EXPECT_EQ(GetDecision(service.api().incidents(), traceparent), "NOT_FOUND/DECISION_NOT_FOUND");
    EXPECT_TRUE(service.api().Health("").ok());
    return sink_.Take();
  }
  SpanList sink_;
  adapters::SystemEntropy entropy_;
};

TEST_F(TraceObserverTest, ASampledCallerGetsASpanBelowItsOwn) {
  const auto spans = SpansOf(0, kSampled);
  ASSERT_EQ(spans.size(), 1U) << "and none for the health check";
  const ports::Span& span = spans.front();
  EXPECT_EQ(span.trace_id, kTrace);
  EXPECT_EQ(span.parent_span_id, kParent);
  EXPECT_THAT(span.span_id, MatchesRegex("[0-9a-f]{16}"));
  EXPECT_NE(span.span_id, kParent);
  EXPECT_EQ(span.service, "kulanz.v1.IncidentService");
  EXPECT_EQ(span.method, "GetDecision");
  EXPECT_EQ(span.status_code, grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(span.reason, "DECISION_NOT_FOUND");
  EXPECT_LE(span.start_ns, span.end_ns);
  EXPECT_LT(span.end_ns - span.start_ns, std::int64_t{60} * 1'000'000'000);
}

TEST_F(TraceObserverTest, ACallerThatIsNotSampledIsNotTracedWhateverTheRatio) {
  EXPECT_TRUE(SpansOf(1, kNotSampled).empty());
}

TEST_F(TraceObserverTest, WithoutATraceTheRatioDecides) {
  EXPECT_TRUE(SpansOf(0, "").empty());
  for (const char* traceparent :
       {"", "00-00000000000000000000000000000000-00f067aa0ba902b7-01", "x"}) {
    const auto spans = SpansOf(1, traceparent);
    ASSERT_EQ(spans.size(), 1U) << traceparent;
    EXPECT_EQ(spans.front().parent_span_id, "") << traceparent;
    EXPECT_THAT(spans.front().trace_id, MatchesRegex("[0-9a-f]{32}"));
    EXPECT_NE(spans.front().trace_id, std::string(32, '0'));
  }
}

TEST_F(TraceObserverTest, TheRatioIsAShare) {
  rpc::TraceObserver observer(sink_, entropy_, 0.5);
  InProcess service("rules", {.observers = {&observer}});
  for (int i = 0; i < 400; ++i) {
    GetDecision(service.api().incidents(), "");
  }
  const std::size_t spans = sink_.Take().size();
  EXPECT_GT(spans, 100U);  // ten standard deviations
  EXPECT_LT(spans, 300U);
}

TEST(TraceOptionsTest, EverythingThatIsWrongIsNamedAtOnce) {
  const Outcome outcome =
      RunProgram("kulanzd", {"--store", "memory", "--otlp-endpoint", "http://user:pw@x:4318",
                             "--otlp-service-name", std::string(101, 'x'), "--trace-ratio", "1.5"});
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_THAT(outcome.output, AllOf(HasSubstr("--otlp-endpoint"), HasSubstr("--otlp-service-name"),
                                    HasSubstr("--trace-ratio"), Not(HasSubstr("user:pw"))));
}

TEST(TraceOptionsTest, CredentialsDoNotGoInTheClear) {
  const auto check = [](const std::string& endpoint) {
    std::vector<std::string> arguments = {"--store", "memory", "--otlp-headers-file", "/no/such",
                                          "--check-config"};
    if (!endpoint.empty()) {
      arguments.insert(arguments.end(), {"--otlp-endpoint", endpoint});
    }
    return RunProgram("kulanzd", arguments);
  };
  EXPECT_THAT(check("http://collector:4318").output,
              HasSubstr("--otlp-endpoint: must be https:// for --otlp-headers-file"));
  EXPECT_THAT(check("").output, HasSubstr("--otlp-headers-file needs --otlp-endpoint"));
  EXPECT_EQ(check("https://collector:4318").exit_code, 0);
  EXPECT_EQ(check("http://127.0.0.1").exit_code, 0);
}

class TracingTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (const std::string missing = OtlpReceiver::Missing(); !missing.empty()) {
      GTEST_SKIP() << missing;
    }
    receiver_.emplace();
    CopyRules("rules", directory_.path() + "/rules");
  }
  void Serve(const std::string& endpoint, const std::vector<std::string>& more = {}) {
    std::vector<std::string> arguments = {"--store",
                                          "memory",
                                          "--data",
                                          directory_.path(),
                                          "--rules",
                                          directory_.path() + "/rules",
                                          "--no-deliveries",
                                          "--otlp-endpoint",
                                          endpoint,
                                          "--otlp-service-name",
                                          "shop-kulanz",
                                          "--trace-ratio",
                                          "0",
                                          "--drain-wait",
                                          "0s"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    server_ = std::make_unique<ServerProcess>(arguments);
    ASSERT_TRUE(server_->AwaitServing());
  }
  v1::IncidentService::Stub& incidents() { return server_->api().incidents(); }
  double Handled(const std::string& result) const {
    const auto page = command::FetchMetrics(server_->metrics());
    if (!page.ok()) {
      return -1;
    }
    for (const command::Sample& sample : *page) {
      if (sample.name == "kulanz_spans_total" && sample.labels.at("result") == result) {
        return sample.value;
      }
    }
    return -1;
  }
  // How long it takes.
  std::chrono::steady_clock::duration Stop() {
    const auto begin = std::chrono::steady_clock::now();
    server_->HangUp();
    server_->Signal(SIGTERM);
    EXPECT_EQ(server_->AwaitExit(std::chrono::seconds{60}), 0);
    return std::chrono::steady_clock::now() - begin;
  }

  const TemporaryDirectory directory_;
  std::optional<OtlpReceiver> receiver_;
  std::unique_ptr<ServerProcess> server_;
};

TEST_F(TracingTest, AClientsTraceGoesOnInTheServer) {
  Serve(receiver_->endpoint());
  Api& api = server_->api();
  ASSERT_TRUE(api.Upsert(ACustomer()).ok());
  grpc::ClientContext context;
  context.AddMetadata("traceparent", kSampled);
  v1::ReportIncidentRequest request;
  *request.mutable_incident() = LateDelivery("I-1");
  v1::ReportIncidentResponse response;
  ASSERT_TRUE(incidents().ReportIncident(&context, request, &response).ok());
  EXPECT_EQ(GetDecision(incidents(), kNotSampled), "NOT_FOUND/DECISION_NOT_FOUND");
  EXPECT_TRUE(Eventually([&] { return receiver_->Received().spans >= 1; }));
  Stop();
  EXPECT_EQ(receiver_->Received().spans, 1U) << "one call of three was sampled";
  EXPECT_EQ(receiver_->Refused(), "0 ");
  const std::string spans = receiver_->Command("spans");
  EXPECT_THAT(spans,
              AllOf(HasSubstr(std::string(R"("traceId":")") + kTrace + "\""),
                    HasSubstr(std::string(R"("parentSpanId":")") + kParent + "\""),
                    HasSubstr(R"("name":"kulanz.v1.IncidentService/ReportIncident")"),
                    HasSubstr(R"({"key":"rpc.grpc.status_code","value":{"intValue":"0"}})")));
  for (const std::string& secret :
       {std::string("I-1"), std::string("C-1"), response.decision().voucher().code()}) {
    EXPECT_THAT(spans, Not(HasSubstr(secret)));
  }
  EXPECT_THAT(receiver_->Command("resource"), HasSubstr(R"("service.name":"shop-kulanz")"));
}

TEST_F(TracingTest, TheReceiverIsShownItsCredentialsAndNobodyElseIs) {
  const std::string file = directory_.path() + "/headers";
  const std::string token = "5b1c0d6ea2b94a77";
  std::ofstream(file) << "Authorization: Bearer " << token << "\n";
  Serve(receiver_->endpoint(), {"--otlp-headers-file", file, "--log-level", "debug"});
  EXPECT_EQ(GetDecision(incidents(), kSampled), "NOT_FOUND/DECISION_NOT_FOUND");
  EXPECT_TRUE(Eventually([&] { return receiver_->Received().spans == 1; }));
  EXPECT_EQ(receiver_->Command("header authorization"), "Bearer " + token);
  std::ofstream(file) << token << "\n";
  EXPECT_EQ(GetDecision(incidents(), kSampled), "NOT_FOUND/DECISION_NOT_FOUND");
  EXPECT_TRUE(Eventually([&] { return server_->log().find("OTLP_HEADERS") != std::string::npos; }));
  Stop();
  EXPECT_THAT(server_->log(), Not(HasSubstr(token)));
  EXPECT_THAT(receiver_->Command("spans"), Not(HasSubstr(token)));
}

TEST_F(TracingTest, WithoutAReceiverCallsGoOnAndWhatIsLostIsCounted) {
  Serve("http://127.0.0.1:" + std::to_string(1));
  for (int i = 0; i < 50; ++i) {
    ASSERT_EQ(GetDecision(incidents(), kSampled), "NOT_FOUND/DECISION_NOT_FOUND");
  }
  EXPECT_TRUE(Eventually([&] { return Handled("given_up") > 0; }));
  EXPECT_EQ(Handled("exported"), 0);
  EXPECT_THAT(server_->log(), HasSubstr("traces_not_sent"));
  Stop();
}

TEST_F(TracingTest, AReceiverThatSaysNothingDoesNotHoldUpTheEnd) {
  receiver_->Command("silent");
  Serve(receiver_->endpoint());
  for (int i = 0; i < 600; ++i) {
    ASSERT_EQ(GetDecision(incidents(), kSampled), "NOT_FOUND/DECISION_NOT_FOUND");
  }
  EXPECT_TRUE(Eventually([&] { return receiver_->Command("attempts") != "0"; }));
  EXPECT_LT(Stop(), std::chrono::seconds(20)) << "within the grace that a cluster gives by default";
}

}  // namespace
}  // namespace kulanz::e2e
