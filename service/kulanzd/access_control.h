// AccessControl: who calls, by the access file and the key sets that it names.
//
//   with a bearer token      its issuer's rules decide, also where there is a certificate beside it
//   with a certificate       its SPIFFE id, which must be its only URI name; without URI names its DNS names, or
//                            the subject's CN where it has none of these either
//   with neither             UNAUTHENTICATED / NO_CREDENTIALS
//
// Who proves an identity that has no role is authenticated, and may call nothing. Files are read again when
// they change; what cannot be used changes nothing and is logged.
//
// Thread-safety: Identify and takes_tokens from any thread; the others by one owner.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "service/adapters/grpc/call_steps.h"
#include "service/adapters/jose/token_verifier.h"
#include "service/adapters/system/small_file.h"
#include "service/kulanzd/access_rules.h"
#include "service/kulanzd/tls_access.h"
#include "service/kulanzd/token_cache.h"
#include "service/ports/file_telemetry.h"
#include "service/ports/log.h"

namespace kulanz::server {

class AccessControl final : public rpc::Identification {
 public:
  // `now`: the time that tokens are judged by. As ReadAccessFile; FAILED_PRECONDITION / ACCESS_FILE where it knows
  // certificates that `access` lets nobody show; for a key set INVALID_ARGUMENT / KEY_SET or
  // FAILED_PRECONDITION / FILE.
  static Result<std::unique_ptr<AccessControl>> Load(const TlsAccess& access,
                                                     std::function<Instant()> now,
                                                     ports::FileTelemetry& telemetry,
                                                     ports::Log& log);

  // UNAUTHENTICATED / NO_CREDENTIALS, AUTHORIZATION_MALFORMED, CERTIFICATE_AMBIGUOUS, CERTIFICATE_UNNAMED, and as
  // TokenVerifier::Verify.
  Result<app::Caller> Identify(const rpc::Credentials& shown, app::Caller caller) const override;

  // Whether callers may come with a token instead of a certificate, by the rules as they are now.
  bool takes_tokens() const { return !Current()->rules.issuers.empty(); }

  // Looks whether a file has changed, and takes over what can be used. Regularly.
  void Tick();

 private:
  struct Active {
    Active(AccessRules the_rules, jose::TokenVerifier the_verifier)
        : rules(std::move(the_rules)), verifier(std::move(the_verifier)) {}
    AccessRules rules;
    jose::TokenVerifier verifier;
    mutable TokenCache cache;
  };
  using Stamps = std::map<std::string, adapters::FileStamp>;

  AccessControl(const TlsAccess& access, std::function<Instant()> now,
                ports::FileTelemetry& telemetry, ports::Log& log)
      : path_(access.access_file),
        asks_for_certificates_(!access.client_ca_file.empty()),
        now_(std::move(now)),
        telemetry_(telemetry),
        log_(log) {}
  // Notes in `stamps` each file that it looks at, before it is read.
  Result<std::shared_ptr<const Active>> Read(Stamps& stamps) const;
  std::shared_ptr<const Active> Current() const {
    const std::lock_guard lock(mutex_);
    return active_;
  }
  Result<app::Caller> ByToken(const Active& active, const std::string& authorization,
                              app::Caller caller) const;

  const std::string path_;
  const bool asks_for_certificates_;
  const std::function<Instant()> now_;
  ports::FileTelemetry& telemetry_;
  ports::Log& log_;
  Stamps stamps_;  // of the files as they were read last, whether they could be used or not
  mutable std::mutex mutex_;
  std::shared_ptr<const Active> active_;  // under mutex_
};

}  // namespace kulanz::server
