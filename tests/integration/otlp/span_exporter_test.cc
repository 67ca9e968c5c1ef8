// Traces, to a receiver that knows OpenTelemetry's schema: batches, what is tried again, what is lost, and the end.

#include "service/adapters/otlp/span_exporter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "service/ports/log.h"
#include "tests/support/eventually.h"
#include "tests/support/otlp/otlp_receiver.h"

namespace kulanz::adapters {
namespace {

using kulanz::testing::Eventually;
using kulanz::testing::OtlpReceiver;
using std::chrono::steady_clock;
using ::testing::HasSubstr;

class Counts final : public ports::SpanTelemetry {
 public:
  void SpansHandled(std::string_view result, std::uint64_t count) override {
    const std::lock_guard lock(mutex_);
    counts_[std::string(result)] += count;
  }
  std::uint64_t Of(const std::string& result) {
    const std::lock_guard lock(mutex_);
    return counts_[result];
  }

 private:
  std::mutex mutex_;
  std::map<std::string, std::uint64_t> counts_;
};

ports::Span ASpan() {
  return {.trace_id = "4bf92f3577b34da6a3ce929d0e0e4736",
          .span_id = "00f067aa0ba902b7",
          .service = "kulanz.v1.IncidentService",
          .method = "ReportIncident",
          .start_ns = 1'797'776'000'000'000'000,
          .end_ns = 1'797'776'000'001'000'000};
}

class SpanExporterTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (const std::string missing = OtlpReceiver::Missing(); !missing.empty()) {
      GTEST_SKIP() << missing;
    }
    receiver_.emplace();
    options_.endpoint.url = receiver_->endpoint() + "/v1/traces";
    options_.delay = Duration{20};
    options_.backoff = Duration{10};
  }
  void Start() {
    auto exporter = SpanExporter::Start(options_, counts_, log_);
    ASSERT_TRUE(exporter.ok()) << exporter.status().ToString();
    exporter_ = *std::move(exporter);
  }
  void Send(int spans) {
    for (int i = 0; i < spans; ++i) {
      exporter_->Ended(ASpan());
    }
  }

  // As a mounted Secret is replaced: whole.
  void WriteHeaders(const std::string& text) {
    const std::string path = ::testing::TempDir() + "otlp-headers-" + std::to_string(getpid());
    std::ofstream(path + ".new") << text;
    std::filesystem::rename(path + ".new", path);
    options_.endpoint.headers_file = path;
  }
  void TearDown() override { std::filesystem::remove(options_.endpoint.headers_file); }

  std::optional<OtlpReceiver> receiver_;
  SpanExporterOptions options_;
  Counts counts_;
  ports::NullLog log_;
  std::unique_ptr<SpanExporter> exporter_;  // last: it uses all above
};

TEST_F(SpanExporterTest, SpansComeInBatchesThatTheSchemaKnows) {
  options_.batch_max = 100;
  options_.delay = Duration{60'000};
  Start();
  Send(250);
  EXPECT_TRUE(Eventually([&] { return receiver_->Received().spans == 200; }))
      << "full batches do not wait";
  exporter_->Drain(Duration{30'000});
  EXPECT_EQ(receiver_->Received().spans, 250U) << "the end does not wait either";
  EXPECT_EQ(receiver_->Received().requests, 3U);
  EXPECT_EQ(receiver_->Refused(), "0 ");
  EXPECT_EQ(counts_.Of("exported"), 250U);
  EXPECT_THAT(receiver_->Command("resource"), HasSubstr(R"("service.name":"kulanz")"));
  Send(1);
  EXPECT_EQ(counts_.Of("given_up"), 1U) << "after the end";
}

TEST_F(SpanExporterTest, WhatMayBeTriedAgainIsTriedAgain) {
  options_.attempts_max = 12;  // 40 seconds
  Start();
  for (const char* status : {"429", "502", "503", "504"}) {
    const std::size_t before = receiver_->Received().spans;
    const int attempts = std::stoi(receiver_->Command("attempts"));
    receiver_->Command(std::string("answer ") + status);
    Send(1);
    EXPECT_TRUE(Eventually([&] { return std::stoi(receiver_->Command("attempts")) > attempts; }));
    receiver_->Command("answer 200");
    EXPECT_TRUE(Eventually([&] { return receiver_->Received().spans == before + 1; })) << status;
  }
  EXPECT_EQ(counts_.Of("rejected"), 0U);
}

TEST_F(SpanExporterTest, WhatMustNotBeTriedAgainIsNot) {
  Start();
  for (const char* status : {"400", "401", "404", "413", "500", "302"}) {
    receiver_->Command(std::string("answer ") + status);
    const std::uint64_t before = counts_.Of("rejected");
    const int attempts = std::stoi(receiver_->Command("attempts"));
    Send(1);
    EXPECT_TRUE(Eventually([&] { return counts_.Of("rejected") == before + 1; })) << status;
    EXPECT_EQ(std::stoi(receiver_->Command("attempts")), attempts + 1) << status;
  }
}

TEST_F(SpanExporterTest, ItGivesUpAfterSomeAttempts) {
  options_.attempts_max = 3;
  receiver_->Command("answer 503");
  Start();
  Send(1);
  EXPECT_TRUE(Eventually([&] { return counts_.Of("given_up") == 1; }));
  EXPECT_EQ(receiver_->Command("attempts"), "3");
}

TEST_F(SpanExporterTest, RetryAfterIsHeeded) {
  options_.attempts_max = 2;
  receiver_->Command("answer 503 1");
  const auto begin = steady_clock::now();
  Start();
  Send(1);
  EXPECT_TRUE(Eventually([&] { return counts_.Of("given_up") == 1; }));
  EXPECT_GE(steady_clock::now() - begin, std::chrono::seconds(1)) << "and not the 10 ms of ours";
}

TEST_F(SpanExporterTest, HeadersAreThoseOfTheFileAsItIsNow) {
  options_.attempts_max = 2;
  WriteHeaders("Authorization: Bearer first\nX-Scope-OrgID: shop\n");
  Start();
  Send(1);
  EXPECT_TRUE(Eventually([&] { return counts_.Of("exported") == 1; }));
  EXPECT_EQ(receiver_->Command("header authorization"), "Bearer first");
  EXPECT_EQ(receiver_->Command("header x-scope-orgid"), "shop");
  WriteHeaders("Authorization: Bearer second\n");
  Send(1);
  EXPECT_TRUE(Eventually([&] { return counts_.Of("exported") == 2; }));
  EXPECT_EQ(receiver_->Command("header authorization"), "Bearer second");
  EXPECT_EQ(receiver_->Command("header x-scope-orgid"), "-") << "it is not there any more";
  WriteHeaders("no header\n");
  Send(1);
  EXPECT_TRUE(Eventually([&] { return counts_.Of("given_up") == 1; }));
  EXPECT_EQ(receiver_->Command("attempts"), "2") << "nothing is sent without what belongs to it";
  WriteHeaders("Authorization: Bearer third\n");
  Send(1);
  EXPECT_TRUE(Eventually([&] { return counts_.Of("exported") == 3; }));
  EXPECT_EQ(receiver_->Command("header authorization"), "Bearer third");
  EXPECT_EQ(receiver_->Refused(), "0 ");
}

TEST_F(SpanExporterTest, WithoutItsHeadersItDoesNotStart) {
  WriteHeaders("no header\n");
  const auto exporter = SpanExporter::Start(options_, counts_, log_);
  EXPECT_EQ(exporter.status().reason(), "OTLP_HEADERS");
}

TEST_F(SpanExporterTest, WhatTheReceiverRejectsOfABatchIsCounted) {
  options_.batch_max = 10;
  options_.delay = Duration{60'000};
  receiver_->Command("partial 4");
  Start();
  Send(10);
  EXPECT_TRUE(Eventually([&] { return counts_.Of("rejected") == 4; }));
  EXPECT_EQ(counts_.Of("exported"), 6U);
}

TEST_F(SpanExporterTest, AReceiverThatSaysNothingHoldsUpNobody) {
  options_.queue_max = 64;
  options_.batch_max = 16;
  options_.delay = Duration{60'000};  // the first batch is a full one
  options_.endpoint.timeout = Duration{60'000};
  receiver_->Command("silent");
  Start();
  Send(16);
  EXPECT_TRUE(Eventually([&] { return receiver_->Command("attempts") == "1"; }));
  const auto begin = steady_clock::now();
  std::vector<std::thread> callers;
  for (int i = 0; i < 4; ++i) {
    callers.emplace_back([&] { Send(1'000); });
  }
  for (std::thread& caller : callers) {
    caller.join();
  }
  EXPECT_LT(steady_clock::now() - begin, std::chrono::seconds(30)) << "the request takes 60";
  EXPECT_EQ(counts_.Of("queue_full"), 4'000U - 64U);
  const auto stop = steady_clock::now();
  exporter_->Drain(Duration{100});
  EXPECT_LT(steady_clock::now() - stop, std::chrono::seconds(30)) << "nor does the end wait for it";
  EXPECT_EQ(counts_.Of("given_up"), 64U + 16U) << "none is lost without being counted";
  EXPECT_EQ(counts_.Of("exported"), 0U);
}

TEST(SpanExporterEndTest, ItEndsWithoutAnybodyToSendTo) {
  Counts counts;
  ports::NullLog log;
  SpanExporterOptions options;
  options.endpoint.url = "http://127.0.0.1:" + std::to_string(1) + "/v1/traces";
  options.delay = Duration{60'000};
  auto exporter = SpanExporter::Start(options, counts, log);
  ASSERT_TRUE(exporter.ok());
  (*exporter)->Ended(ASpan());
  (*exporter)->Drain(Duration{5'000});
  EXPECT_EQ(counts.Of("given_up"), 1U);
}

}  // namespace
}  // namespace kulanz::adapters
