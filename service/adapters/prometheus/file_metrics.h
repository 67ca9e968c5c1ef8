// FileMetrics: the file telemetry port as Prometheus metrics; a part of PrometheusTelemetry's page.
//
// Thread-safety: any thread.
#pragma once

#include <prometheus/metric_family.h>

#include <mutex>
#include <optional>
#include <string_view>
#include <vector>

#include "service/adapters/prometheus/cells.h"
#include "service/adapters/prometheus/series_family.h"
#include "service/ports/file_telemetry.h"

namespace kulanz::adapters {

class FileMetrics final : public ports::FileTelemetry {
 public:
  FileMetrics();

  void FilesRead(std::string_view files, bool usable) override;
  void CertificateServed(Instant valid_from, Instant valid_until) override;

  // Appends all metrics. Those of the certificate are left out while there is none.
  void Collect(std::vector<prometheus::MetricFamily>& out) const;

 private:
  struct Validity {
    Instant from;
    Instant until;
  };
  SeriesFamily<LevelCell> rejected_;
  mutable std::mutex mutex_;
  std::optional<Validity> certificate_;  // under mutex_
};

}  // namespace kulanz::adapters
