#include "service/adapters/prometheus/prometheus_telemetry.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <thread>
#include <vector>

#include "tests/support/paths/paths.h"
#include "tests/support/status_matchers.h"

namespace kulanz::adapters {
namespace {

using kulanz::testing::StatusIs;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using Seconds = ports::Telemetry::Seconds;

Money Eur(std::string_view number) { return *Money::Parse(number, *Currency::FromCode("EUR")); }

// Everything once, so that each metric has a series to be seen in.
void RecordEverything(PrometheusTelemetry& telemetry) {
  telemetry.DecisionMade("late-delivery", Outcome::kGranted, "GRANTED");
  telemetry.DecisionMade("late-delivery", Outcome::kGranted, "GRANTED");
  telemetry.DecisionMade("", Outcome::kDenied, "NO_POLICY");
  telemetry.DecisionMade("late-delivery", Outcome::kApologised, "APOLOGISED");
  telemetry.DecisionMade("late-delivery", Outcome::kReview, "SEVERE_FAULT");
  telemetry.HoldoutDecisionMade("late-delivery", true);
  telemetry.HoldoutDecisionMade("late-delivery", false);
  telemetry.TopUpGiven("late-delivery", Eur("3.00"));
  telemetry.IncidentWithdrawn("late-delivery");
  telemetry.ShadowDecisionMade("late-delivery-2", Outcome::kReview, "POLICY_REVIEW");
  telemetry.DecisionReplayed();
  telemetry.VoucherIssued("late-delivery", Eur("12.50"));
  telemetry.VoucherIssued("late-delivery", Eur("0.10"));
  telemetry.VoucherIssued("late-delivery", *Money::Parse("700", *Currency::FromCode("JPY")));
  telemetry.VoucherRedeemed("late-delivery", Eur("12.50"));
  telemetry.VoucherValueMoved("expired", Eur("3.20"));
  telemetry.LiabilityObserved(*Currency::FromCode("EUR"), 123'450);
  telemetry.VoucherGuessed("typo", true);
  telemetry.VoucherGuessed("throttled", false);
  telemetry.PoolsObserved(std::array{ports::PoolLevel{"gone", 1, 2}});
  telemetry.PoolsObserved(std::array{ports::PoolLevel{"spring", 7, 100}});
  telemetry.BreakersObserved(std::array{ports::BreakerLevel{"type/gone", true}});
  telemetry.BreakersObserved(std::array{ports::BreakerLevel{"type/late_delivery", true, 1'204},
                                        ports::BreakerLevel{"policy/late-delivery", false}});
  telemetry.DeliveryAttempted("accepted", "");
  telemetry.DeliveryAttempted("undeliverable", "NO_ADDRESS");
  telemetry.MessengerCallFinished("accepted", Seconds{0.02});
  telemetry.ApologyDelivered(Seconds{0.7}, Seconds{86400.0 * 2});
  telemetry.DeliveriesPaused(true);
  telemetry.AgendaObserved(17, Seconds{2.5});
  telemetry.EventTold("voucher.redeemed", "accepted");
  telemetry.OutboxObserved(3, Seconds{0.5});
  telemetry.WebhookDisabled("events", true);
  telemetry.PolicySetReloaded("ok");
  telemetry.PolicySetActive(std::string(64, 'a'), 3);
  telemetry.PolicySetActive(std::string(64, 'b'), 4);
  telemetry.SecretsReloaded("ok", 3);
  telemetry.SecretsReloaded("rejected", 3);
  telemetry.RpcFinished("ReportIncident", "OK", Seconds{0.003});
  telemetry.RpcFinished("ReportIncident", "UNAVAILABLE", Seconds{45.0});
  telemetry.StoreCallFinished("commit", "ok", Seconds{0.0004});
  telemetry.StoreCallFinished("commit", "conflict", Seconds{-1.0});
  telemetry.StoreRolledBack();
  telemetry.BudgetLeaseChanged("apologies", "leased");
  telemetry.BudgetsObserved(std::array{ports::BudgetLevel{"gone", Eur("9"), Eur("1")}});
  telemetry.BudgetsObserved(
      std::array{ports::BudgetLevel{"apologies", Eur("500.00"), Eur("20.50")},
                 ports::BudgetLevel{"apologies", Eur("100.00"), Eur("0.25")}});
  telemetry.spans().SpansHandled("exported", 500);
  telemetry.spans().SpansHandled("queue_full", 3);
  telemetry.files().FilesRead("policies", true);
  telemetry.files().FilesRead("tls", false);
  telemetry.files().CertificateServed(Instant(std::chrono::seconds(1'790'000'000)),
                                      Instant(std::chrono::seconds(1'797'776'000)));
  ports::ServingTelemetry& serving = telemetry.serving();
  serving.CallRefused("over_share");
  serving.CallsObserved(12, 64, Seconds{0.0025});
  serving.ConnectionOffered("address_limit");
  serving.ConnectionsObserved(20, 4'000);
  serving.ServerProbed("answered");
}

// The page, with the compiler's version taken out.
std::string StableText(const PrometheusTelemetry& telemetry) {
  std::string text = telemetry.Text();
  const std::string before = "compiler=\"";
  const std::size_t begin = text.find(before) + before.size();
  return text.replace(begin, text.find('"', begin) - begin, "COMPILER");
}

TEST(PrometheusTelemetryTest, NamesHelpLabelsAndBucketsAreFrozen) {
  PrometheusTelemetry telemetry({"1.2.3", "abcdef0"});
  RecordEverything(telemetry);
  const std::string path = test::SourcePath("tests/golden/metrics.txt");
  const std::string text = StableText(telemetry);
  if (std::getenv("KULANZ_UPDATE_GOLDEN") != nullptr) std::ofstream(path) << text;
  std::ifstream file(path);
  const std::string golden{std::istreambuf_iterator<char>(file), {}};
  EXPECT_EQ(text, golden)
      << "dashboards and alerts read these names: if the change is meant, run this "
         "test with KULANZ_UPDATE_GOLDEN=1 and look at the difference";
}

TEST(PrometheusTelemetryTest, WhatShouldNeverHappenStartsAtZero) {
  const PrometheusTelemetry telemetry({"1", ""});
  EXPECT_THAT(telemetry.Text(),
              AllOf(HasSubstr("\nkulanz_store_rollbacks_total 0\n"),
                    HasSubstr("\nkulanz_decision_replays_total 0\n"),
                    HasSubstr("kulanz_policy_reloads_total{result=\"rejected\"} 0"),
                    Not(HasSubstr("kulanz_policy_set_info{"))));
}

TEST(PrometheusTelemetryTest, WithoutTlsThereIsNoCertificateThatCouldEnd) {
  PrometheusTelemetry telemetry({"1", ""});
  EXPECT_THAT(telemetry.Text(), Not(HasSubstr("kulanz_tls_certificate")));
  telemetry.files().CertificateServed(Instant{}, Instant(std::chrono::seconds(1'797'776'000)));
  EXPECT_THAT(telemetry.Text(),
              HasSubstr("\nkulanz_tls_certificate_not_after_timestamp_seconds 1797776000\n"));
}

TEST(PrometheusTelemetryTest, CentsAddUpExactly) {
  PrometheusTelemetry telemetry({"1", ""});
  for (int i = 0; i < 1000; ++i) telemetry.VoucherIssued("p", Eur("0.10"));
  telemetry.VoucherIssued("p", Eur("-5"));
  EXPECT_THAT(telemetry.Text(),
              HasSubstr("kulanz_issued_amount_total{policy=\"p\",currency=\"EUR\"} 100\n"));
}

TEST(PrometheusTelemetryTest, NothingStrangeGetsIntoALabel) {
  PrometheusTelemetry telemetry({"1", ""});
  telemetry.BudgetLeaseChanged("a\nb", "leased");
  telemetry.BudgetLeaseChanged("\xFF", "leased");
  telemetry.BudgetLeaseChanged(std::string(129, 'x'), "leased");
  telemetry.BudgetLeaseChanged("", "leased");
  telemetry.BudgetLeaseChanged("none", "leased");
  telemetry.BudgetLeaseChanged(std::string(128, 'x'), "leased");
  const std::string name = "kulanz_budget_lease_events_total";
  EXPECT_THAT(telemetry.Text(), AllOf(HasSubstr(name + R"({budget="invalid",event="leased"} 3)"),
                                      HasSubstr(name + R"({budget="none",event="leased"} 2)"),
                                      HasSubstr(name + R"({budget=")" + std::string(128, 'x') +
                                                R"(",event="leased"} 1)")));
}

TEST(PrometheusTelemetryTest, SeriesAreLimitedAndTheRestIsCountedTogether) {
  PrometheusTelemetry telemetry({"1", ""});
  for (int i = 0; i < 1100; ++i) telemetry.PolicySetReloaded("r" + std::to_string(i));
  // 1000 series: "ok" and "rejected" were there before.
  EXPECT_THAT(telemetry.Text(),
              AllOf(HasSubstr("kulanz_policy_reloads_total{result=\"r997\"} 1\n"),
                    Not(HasSubstr("result=\"r998\"")),
                    HasSubstr("kulanz_policy_reloads_total{result=\"other\"} 102\n")));
}

TEST(PrometheusTelemetryTest, NothingIsLostBetweenThreads) {
  PrometheusTelemetry telemetry({"1", ""});
  constexpr int kThreads = 8;
  constexpr int kTimes = 2000;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&telemetry, t] {
      for (int i = 0; i < kTimes; ++i) {
        telemetry.RpcFinished("ReportIncident", "OK", Seconds{0.5});
        telemetry.DecisionMade("p" + std::to_string(i % 50), Outcome::kGranted, "GRANTED");
        if (i % 500 == t) telemetry.Text();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(
      telemetry.Text(),
      AllOf(HasSubstr(
                "kulanz_rpc_duration_seconds_count{method=\"ReportIncident\",code=\"OK\"} 16000\n"),
            HasSubstr(
                "kulanz_rpc_duration_seconds_sum{method=\"ReportIncident\",code=\"OK\"} 8000\n"),
            HasSubstr("{policy=\"p49\",outcome=\"granted\",reason=\"GRANTED\"} 320\n")));
}

std::string Scrape(std::uint16_t port) {
  const int connection = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): how sockets are spoken to.
  EXPECT_EQ(connect(connection, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  const std::string request = "GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
  EXPECT_EQ(write(connection, request.data(), request.size()),
            static_cast<ssize_t>(request.size()));
  std::string answer;
  std::string buffer(65536, '\0');
  ssize_t got = 0;
  while ((got = read(connection, buffer.data(), buffer.size())) > 0) {
    answer.append(buffer, 0, static_cast<std::size_t>(got));
  }
  close(connection);
  return answer;
}

TEST(MetricsServerTest, ServesThePageOnAFreePort) {
  PrometheusTelemetry telemetry({"1", ""});
  ASSERT_OK_AND_ASSIGN(const auto server, MetricsServer::Start("127.0.0.1:0", telemetry));
  ASSERT_NE(server->port(), 0);
  telemetry.DecisionReplayed();
  EXPECT_THAT(Scrape(server->port()),
              AllOf(HasSubstr("HTTP/1.1 200"), HasSubstr("Content-Type: text/plain"),
                    HasSubstr("\nkulanz_decision_replays_total 1\n"),
                    HasSubstr("\nprocess_cpu_seconds_total "),
                    HasSubstr("\nprocess_resident_memory_bytes "),
                    HasSubstr("\nprocess_virtual_memory_bytes "),
                    HasSubstr("\nprocess_start_time_seconds 1"), HasSubstr("\nprocess_open_fds "),
                    HasSubstr("\nprocess_max_fds "), HasSubstr("\nprocess_threads ")));
}

TEST(MetricsServerTest, AnAddressInUseIsAnErrorNotACrash) {
  const PrometheusTelemetry telemetry({"1", ""});
  ASSERT_OK_AND_ASSIGN(const auto server, MetricsServer::Start("127.0.0.1:0", telemetry));
  const std::string address = "127.0.0.1:" + std::to_string(server->port());
  EXPECT_THAT(MetricsServer::Start(address, telemetry),
              StatusIs(Code::kFailedPrecondition, "METRICS_ADDRESS"));
  EXPECT_THAT(MetricsServer::Start("nonsense", telemetry),
              StatusIs(Code::kFailedPrecondition, "METRICS_ADDRESS"));
}

TEST(MetricsServerTest, TheServerOutlivesTheTelemetry) {
  auto telemetry = std::make_unique<PrometheusTelemetry>(BuildInfo{"1", ""});
  ASSERT_OK_AND_ASSIGN(const auto server, MetricsServer::Start("127.0.0.1:0", *telemetry));
  telemetry.reset();
  EXPECT_THAT(Scrape(server->port()), HasSubstr("kulanz_build_info{"));
}

}  // namespace
}  // namespace kulanz::adapters
