#include "service/adapters/prometheus/file_metrics.h"

#include <chrono>
#include <string>
#include <utility>

namespace kulanz::adapters {
namespace {

void AppendTimestamp(std::vector<prometheus::MetricFamily>& out, std::string name, std::string help,
                     Instant time) {
  prometheus::MetricFamily& family = out.emplace_back();
  family.name = std::move(name);
  family.help = std::move(help);
  family.type = prometheus::MetricType::Gauge;
  family.metric.emplace_back().gauge.value =
      std::chrono::duration<double>(time.time_since_epoch()).count();
}

}  // namespace

FileMetrics::FileMetrics()
    : rejected_({"kulanz_files_rejected",
                 "1 while the files as they are cannot be used: what is served is older than what "
                 "is on disk.",
                 {"files"}},
                {}) {}

void FileMetrics::FilesRead(std::string_view files, bool usable) {
  rejected_.At({files}).Set(usable ? 0 : 1);
}

void FileMetrics::CertificateServed(Instant valid_from, Instant valid_until) {
  const std::lock_guard lock(mutex_);
  certificate_ = {valid_from, valid_until};
}

void FileMetrics::Collect(std::vector<prometheus::MetricFamily>& out) const {
  out.push_back(rejected_.Collect());
  const std::lock_guard lock(mutex_);
  if (certificate_) {
    AppendTimestamp(out, "kulanz_tls_certificate_not_before_timestamp_seconds",
                    "From when the certificate is valid that new connections get.",
                    certificate_->from);
    AppendTimestamp(out, "kulanz_tls_certificate_not_after_timestamp_seconds",
                    "Until when the certificate is valid that new connections get.",
                    certificate_->until);
  }
}

}  // namespace kulanz::adapters
