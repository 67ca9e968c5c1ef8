// PrometheusTelemetry: the telemetry port as Prometheus metrics, and the page to scrape them from.
//
//   PrometheusTelemetry telemetry({.version = "0.1.0", .revision = "fe26b74"});
//   KULANZ_ASSIGN_OR_RETURN(auto server, MetricsServer::Start("0.0.0.0:9464", telemetry));
//
// Names, help and labels are listed in metric_catalog.h and frozen by tests/golden/metrics.txt. Money in
// a metric is for charts, not for books: a double, in units of the currency, gone with the process.
//
// Thread-safety: any thread; recording takes no lock and does not allocate once a series exists.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "service/base/result.h"
#include "service/ports/file_telemetry.h"
#include "service/ports/serving_telemetry.h"
#include "service/ports/span_sink.h"
#include "service/ports/telemetry.h"

namespace kulanz::adapters {

struct BuildInfo {
  std::string version;   // "0.1.0"
  std::string revision;  // of the source; empty when unknown
};

class MetricCatalog;  // metric_catalog.h

class PrometheusTelemetry final : public ports::Telemetry {
 public:
  explicit PrometheusTelemetry(const BuildInfo& build);
  ~PrometheusTelemetry() override;

  // What became of spans, on the same page.
  ports::SpanTelemetry& spans();
  // What is told of files, likewise.
  ports::FileTelemetry& files();
  // What the border of the server tells, on the same page.
  ports::ServingTelemetry& serving();

  void DecisionMade(std::string_view policy, Outcome outcome, std::string_view reason) override;
  void ShadowDecisionMade(std::string_view policy, Outcome outcome,
                          std::string_view reason) override;
  void HoldoutDecisionMade(std::string_view policy, bool held_out) override;
  void DecisionReplayed() override;
  void TopUpGiven(std::string_view policy, Money amount) override;
  void IncidentWithdrawn(std::string_view policy) override;
  void VoucherIssued(std::string_view policy, Money amount) override;
  void VoucherRedeemed(std::string_view policy, Money amount) override;
  void VoucherValueMoved(std::string_view event, Money amount) override;
  void LiabilityObserved(Currency currency, std::int64_t minor_units) override;
  void DeliveryAttempted(std::string_view result, std::string_view reason) override;
  void MessengerCallFinished(std::string_view result, Seconds latency) override;
  void ApologyDelivered(Seconds since_decision, Seconds since_incident) override;
  void DeliveriesPaused(bool paused) override;
  void AgendaObserved(std::uint64_t entries, Seconds oldest_due) override;
  void EventTold(std::string_view type, std::string_view result) override;
  void OutboxObserved(std::uint64_t entries, Seconds oldest_due) override;
  void WebhookDisabled(std::string_view endpoint, bool disabled) override;
  void PolicySetReloaded(std::string_view result) override;
  void PolicySetActive(std::string_view revision, std::size_t policies) override;
  void SecretsReloaded(std::string_view result, std::size_t secrets) override;
  void RpcFinished(std::string_view method, std::string_view code, Seconds latency) override;
  void StoreCallFinished(std::string_view operation, std::string_view result,
                         Seconds latency) override;
  void StoreRolledBack() override;
  void BudgetLeaseChanged(std::string_view budget, std::string_view event) override;
  void BudgetsObserved(std::span<const ports::BudgetLevel> levels) override;
  void VoucherGuessed(std::string_view result, bool trusted_caller) override;
  void PoolsObserved(std::span<const ports::PoolLevel> levels) override;
  void BreakersObserved(std::span<const ports::BreakerLevel> levels) override;

  // What a scrape would get, without the metrics of the process and the exposer.
  std::string Text() const;

 private:
  friend class MetricsServer;
  std::shared_ptr<MetricCatalog> catalog_;
};

// Serves GET /metrics in the text format, over plain HTTP, on threads of its own: bind it to an address
// that only the monitoring reaches. Start() and the destructor by one owner; the destructor may take two
// seconds, as civetweb waits for its idle workers.
class MetricsServer {
 public:
  // `address`: "127.0.0.1:9464", "[::]:9464"; port 0 takes a free one, see port().
  //   FAILED_PRECONDITION / METRICS_ADDRESS   it cannot be bound
  static Result<std::unique_ptr<MetricsServer>> Start(const std::string& address,
                                                      const PrometheusTelemetry& telemetry);
  ~MetricsServer();
  MetricsServer(const MetricsServer&) = delete;
  MetricsServer& operator=(const MetricsServer&) = delete;

  std::uint16_t port() const;

 private:
  struct Impl;
  explicit MetricsServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace kulanz::adapters
