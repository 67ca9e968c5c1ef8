// ServingMetrics: the serving telemetry port as Prometheus metrics; a part of PrometheusTelemetry's page.
//
// Thread-safety: any thread; recording takes no lock and does not allocate once a series exists.
#pragma once

#include <prometheus/metric_family.h>

#include <atomic>
#include <cstdint>
#include <string_view>
#include <vector>

#include "service/adapters/prometheus/cells.h"
#include "service/adapters/prometheus/series_family.h"
#include "service/ports/serving_telemetry.h"

namespace kulanz::adapters {

class ServingMetrics final : public ports::ServingTelemetry {
 public:
  ServingMetrics();

  void CallRefused(std::string_view reason) override;
  void CallsObserved(std::uint32_t in_flight, std::uint32_t limit, Seconds usual) override;
  void ConnectionOffered(std::string_view result) override;
  void ConnectionsObserved(std::uint32_t open, std::uint32_t limit) override;
  void ServerProbed(std::string_view result) override;

  // Appends all metrics.
  void Collect(std::vector<prometheus::MetricFamily>& out) const;

 private:
  SeriesFamily<CounterCell> calls_refused_;
  SeriesFamily<CounterCell> connections_offered_;
  SeriesFamily<CounterCell> probes_;
  std::atomic<double> calls_in_flight_{0};
  std::atomic<double> calls_limit_{0};
  std::atomic<double> calls_usual_seconds_{0};
  std::atomic<double> connections_{0};
  std::atomic<double> connections_limit_{0};
};

}  // namespace kulanz::adapters
