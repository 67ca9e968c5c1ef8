// FileTelemetry: what a server tells about the files that it reads again while it runs.
//
// Port beside ports/telemetry.h, which is about the use-cases. Implemented by PrometheusTelemetry
// (adapters/prometheus) and by NullFileTelemetry below. Never a path or what is in a file.
// Thread-safety: any method from any thread; none blocks.
#pragma once

#include <string_view>

#include "service/domain/time.h"

namespace kulanz::ports {

class FileTelemetry {
 public:
  virtual ~FileTelemetry() = default;

  // Files were read. `files`: "policies", "secrets", "tls", "access" (the access file and the key sets that it
  // names). `usable`: what was read is what is served; if not, what was active before stays.
  virtual void FilesRead(std::string_view files, bool usable) = 0;
  // From when until when the certificate is valid that new connections get.
  virtual void CertificateServed(Instant valid_from, Instant valid_until) = 0;
};

class NullFileTelemetry final : public FileTelemetry {
 public:
  void FilesRead(std::string_view, bool) override {}
  void CertificateServed(Instant, Instant) override {}
};

}  // namespace kulanz::ports
