// TlsFiles: the server's certificate, its key and the authorities of clients, as files that are read again when
// they change.
//
// Whoever replaces the files may do it one after the other: what does not fit together yet changes nothing, and
// is looked at again; a certificate that is not valid yet waits for its time while the old one is. Thread-safety: one
// owner.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "service/adapters/grpc/tls_identity.h"
#include "service/adapters/system/small_file.h"
#include "service/kulanzd/tls_access.h"
#include "service/ports/file_telemetry.h"
#include "service/ports/log.h"

namespace kulanz::server {

class TlsFiles {
 public:
  // INVALID_ARGUMENT / TLS_FILES, FAILED_PRECONDITION / FILE.
  static Result<std::unique_ptr<TlsFiles>> Load(const TlsAccess& access,
                                                std::function<Instant()> now,
                                                ports::FileTelemetry& telemetry, ports::Log& log);

  const std::shared_ptr<rpc::TlsIdentity>& identity() const { return identity_; }

  // Regularly.
  void Tick();

 private:
  TlsFiles(std::vector<std::string> paths, std::function<Instant()> now,
           ports::FileTelemetry& telemetry, ports::Log& log)
      : paths_(std::move(paths)), now_(std::move(now)), telemetry_(telemetry), log_(log) {}
  Result<rpc::TlsMaterial> Read();

  const std::vector<std::string> paths_;  // certificate, key, authorities (or empty)
  const std::function<Instant()> now_;
  ports::FileTelemetry& telemetry_;
  ports::Log& log_;
  std::vector<adapters::FileStamp> stamps_;  // as they were read last
  std::shared_ptr<rpc::TlsIdentity> identity_;
  std::optional<Instant> awaited_;  // when a certificate begins that is there before its time
};

}  // namespace kulanz::server
