#include <prometheus/exposer.h>

#include <exception>
#include <utility>

#include "service/adapters/prometheus/metric_catalog.h"
#include "service/adapters/prometheus/process_metrics.h"
#include "service/adapters/prometheus/prometheus_telemetry.h"

namespace kulanz::adapters {
namespace {

class ProcessCollectable final : public prometheus::Collectable {
 public:
  std::vector<prometheus::MetricFamily> Collect() const override { return CollectProcessMetrics(); }
};

}  // namespace

struct MetricsServer::Impl {
  explicit Impl(const std::string& address) : exposer(address) {}
  // The exposer holds both weakly; declared before it, they outlive its threads.
  std::shared_ptr<MetricCatalog> catalog;
  std::shared_ptr<ProcessCollectable> process = std::make_shared<ProcessCollectable>();
  prometheus::Exposer exposer;
};

Result<std::unique_ptr<MetricsServer>> MetricsServer::Start(const std::string& address,
                                                            const PrometheusTelemetry& telemetry) {
  try {
    auto impl = std::make_unique<Impl>(address);
    impl->catalog = telemetry.catalog_;
    impl->exposer.RegisterCollectable(impl->catalog);
    impl->exposer.RegisterCollectable(impl->process);
    return std::unique_ptr<MetricsServer>(new MetricsServer(std::move(impl)));
  } catch (const std::exception& failure) {  // civetweb's, whose text names no cause
    return Status(
               Code::kFailedPrecondition, "METRICS_ADDRESS",
               "cannot serve metrics on " + address + ": is the address right, and the port free?")
        .WithMetadata("address", address)
        .WithMetadata("cause", failure.what());
  }
}

MetricsServer::MetricsServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
MetricsServer::~MetricsServer() = default;

std::uint16_t MetricsServer::port() const {
  const std::vector<int> ports = impl_->exposer.GetListeningPorts();
  return ports.empty() ? 0 : static_cast<std::uint16_t>(ports.front());
}

}  // namespace kulanz::adapters
