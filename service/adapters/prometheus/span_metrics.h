// SpanMetrics: what became of spans, as a Prometheus metric; a part of PrometheusTelemetry's page.
//
// Thread-safety: any thread.
#pragma once

#include <prometheus/metric_family.h>

#include <string_view>
#include <vector>

#include "service/adapters/prometheus/cells.h"
#include "service/adapters/prometheus/series_family.h"
#include "service/ports/span_sink.h"

namespace kulanz::adapters {

class SpanMetrics final : public ports::SpanTelemetry {
 public:
  SpanMetrics();
  void SpansHandled(std::string_view result, std::uint64_t count) override {
    spans_.At({result}).Add(count);
  }
  void Collect(std::vector<prometheus::MetricFamily>& out) const {
    out.push_back(spans_.Collect());
  }

 private:
  SeriesFamily<CounterCell> spans_;
};

}  // namespace kulanz::adapters
