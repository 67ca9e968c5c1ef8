#include "service/adapters/prometheus/serving_metrics.h"

#include <string>
#include <utility>

namespace kulanz::adapters {
namespace {

void AppendGauge(std::vector<prometheus::MetricFamily>& out, std::string name, std::string help,
                 const std::atomic<double>& value) {
  prometheus::MetricFamily& family = out.emplace_back();
  family.name = std::move(name);
  family.help = std::move(help);
  family.type = prometheus::MetricType::Gauge;
  family.metric.emplace_back().gauge.value = value.load(std::memory_order_relaxed);
}

}  // namespace

ServingMetrics::ServingMetrics()
    : calls_refused_({"kulanz_calls_refused_total",
                      "Calls that were told to come later, by reason: overloaded, or over_share: "
                      "their caller had more under way than its share.",
                      {"reason"}},
                     {}),
      connections_offered_({"kulanz_connections_offered_total",
                            "Who has connected: accepted, or closed at once for limit, "
                            "address_limit, no_descriptor.",
                            {"result"}},
                           {}),
      probes_({"kulanz_self_probes_total",
               "Connections of the server to itself: answered, or silent; then nobody new is "
               "served, and after three in a row it ends.",
               {"result"}},
              {}) {
  // rate() and alerts need a zero to count from.
  for (const std::string_view reason : {"overloaded", "over_share"}) {
    calls_refused_.At({reason});
  }
  for (const std::string_view result : {"accepted", "limit", "address_limit", "no_descriptor"}) {
    connections_offered_.At({result});
  }
  for (const std::string_view result : {"answered", "silent"}) {
    probes_.At({result});
  }
}

void ServingMetrics::CallRefused(std::string_view reason) { calls_refused_.At({reason}).Add(); }

void ServingMetrics::CallsObserved(std::uint32_t in_flight, std::uint32_t limit, Seconds usual) {
  calls_in_flight_.store(in_flight, std::memory_order_relaxed);
  calls_limit_.store(limit, std::memory_order_relaxed);
  calls_usual_seconds_.store(usual.count(), std::memory_order_relaxed);
}

void ServingMetrics::ConnectionOffered(std::string_view result) {
  connections_offered_.At({result}).Add();
}

void ServingMetrics::ConnectionsObserved(std::uint32_t open, std::uint32_t limit) {
  connections_.store(open, std::memory_order_relaxed);
  connections_limit_.store(limit, std::memory_order_relaxed);
}

void ServingMetrics::ServerProbed(std::string_view result) { probes_.At({result}).Add(); }

void ServingMetrics::Collect(std::vector<prometheus::MetricFamily>& out) const {
  out.push_back(calls_refused_.Collect());
  out.push_back(connections_offered_.Collect());
  out.push_back(probes_.Collect());
  AppendGauge(out, "kulanz_calls_in_flight", "Calls at work now.", calls_in_flight_);
  AppendGauge(out, "kulanz_calls_in_flight_limit",
              "How many may be, as found from how long they take.", calls_limit_);
  AppendGauge(out, "kulanz_call_usual_seconds",
              "How long half of the calls take when none has to wait.", calls_usual_seconds_);
  AppendGauge(out, "kulanz_connections", "Open connections of clients.", connections_);
  AppendGauge(out, "kulanz_connections_limit", "How many there may be.", connections_limit_);
}

}  // namespace kulanz::adapters
