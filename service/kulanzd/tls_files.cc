#include "service/kulanzd/tls_files.h"

#include <utility>

namespace kulanz::server {
namespace {

constexpr std::size_t kPemBytesMax = std::size_t{1}
                                     << 20;  // a bundle of all public authorities has 200 kB

}  // namespace

Result<std::unique_ptr<TlsFiles>> TlsFiles::Load(const TlsAccess& access,
                                                 std::function<Instant()> now,
                                                 ports::FileTelemetry& telemetry, ports::Log& log) {
  std::unique_ptr<TlsFiles> files(
      new TlsFiles({access.certificate_file, access.key_file, access.client_ca_file},
                   std::move(now), telemetry, log));
  KULANZ_ASSIGN_OR_RETURN(rpc::TlsMaterial material, files->Read());
  telemetry.FilesRead("tls", true);
  telemetry.CertificateServed(material.valid_from, material.valid_until);
  files->identity_ = std::make_shared<rpc::TlsIdentity>(std::move(material));
  return files;
}

Result<rpc::TlsMaterial> TlsFiles::Read() {
  std::vector<std::string> texts;
  stamps_.clear();
  for (const std::string& path : paths_) {
    stamps_.push_back(path.empty() ? adapters::FileStamp() : adapters::StampOf(path));
  }
  for (const std::string& path : paths_) {
    if (path.empty()) {
      texts.emplace_back();
      continue;
    }
    KULANZ_ASSIGN_OR_RETURN(std::string text, adapters::ReadSmallFile(path, kPemBytesMax));
    if (text.empty()) {  // No file at all would be another thing.
      return Status(Code::kInvalidArgument, "TLS_FILES", path + " is empty");
    }
    texts.push_back(std::move(text));
  }
  if (stamps_[1].others_may_read) {
    return Status(Code::kInvalidArgument, "TLS_FILES",
                  "the key " + paths_[1] + " may be read by others; chmod o-r");
  }
  return rpc::CheckTlsMaterial(std::move(texts[0]), std::move(texts[1]), std::move(texts[2]),
                               now_());
}

void TlsFiles::Tick() {
  bool changed = false;
  for (std::size_t i = 0; i < paths_.size(); ++i) {
    changed = changed || (!paths_[i].empty() && adapters::StampOf(paths_[i]) != stamps_[i]);
  }
  if (!changed) {
    return;
  }
  Result<rpc::TlsMaterial> material = Read();
  telemetry_.FilesRead("tls", material.ok());
  if (!material.ok()) {
    log_.Warning("tls_rejected", "the TLS files cannot be used as they are; what was active stays",
                 {{"reason", std::string(material.status().reason())},
                  {"why", material.status().message()}});
    return;
  }
  const std::shared_ptr<const rpc::TlsMaterial> served = identity_->Current().material;
  if (*material == *served) {
    return;
  }
  const Instant now = now_();
  if (material->valid_from > now && served->valid_from <= now && now < served->valid_until) {
    if (std::exchange(awaited_, material->valid_from) != material->valid_from) {
      log_.Info("tls_awaited",
                "the new certificate is not valid yet; until it is, what was active stays",
                {{"valid_from", FormatInstant(material->valid_from)}});
    }
    stamps_.front() = {};  // looked at again with every tick
    return;
  }
  const Instant until = material->valid_until;
  telemetry_.CertificateServed(material->valid_from, until);
  identity_->Replace(std::move(material).value());
  log_.Info("tls_replaced", "new connections get the new certificate",
            {{"valid_until", FormatInstant(until)}});
}

}  // namespace kulanz::server
