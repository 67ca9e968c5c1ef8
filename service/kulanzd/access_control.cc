#include "service/kulanzd/access_control.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "service/kulanzd/access_file.h"

namespace kulanz::server {
namespace {

Status Unknown(std::string_view reason, std::string message) {
  return Status(Code::kUnauthenticated, reason, std::move(message));
}

app::RoleSet RolesIn(const std::map<std::string, app::RoleSet>& known, const std::string& name) {
  const auto found = known.find(name);
  return found == known.end() ? app::RoleSet() : found->second;
}

Result<app::Caller> BySpiffeId(const AccessRules& rules, const rpc::Credentials& shown,
                               app::Caller caller) {
  // A SPIFFE id counts only where it is alone: a certificate with two could be read as either.
  if (shown.uris.size() != 1) {
    return Unknown("CERTIFICATE_AMBIGUOUS",
                   "the certificate has " + std::to_string(shown.uris.size()) +
                       " URI names; an identity (SPIFFE id) must be the only one");
  }
  caller.id = shown.uris.front();
  caller.roles = RolesIn(rules.spiffe_ids, shown.uris.front());
  return caller;
}

Result<app::Caller> ByName(const AccessRules& rules, const rpc::Credentials& shown,
                           app::Caller caller) {
  std::vector<std::string> names = shown.dns_names;
  if (names.empty() && !shown.common_name.empty()) {
    names.push_back(shown.common_name);
  }
  if (names.empty()) {
    return Unknown("CERTIFICATE_UNNAMED",
                   "the certificate has no SPIFFE id, no DNS name and no common name");
  }
  caller.id = "certificate:" + names.front();
  bool known = false;
  for (const std::string& name : names) {
    if (!rules.certificates.contains(name)) {
      continue;
    }
    if (std::exchange(known, true)) {
      return Unknown("CERTIFICATE_AMBIGUOUS",
                     "the certificate has the names of two callers that are known here");
    }
    caller.id = "certificate:" + name;
    caller.roles = RolesIn(rules.certificates, name);
  }
  return caller;
}

}  // namespace

Result<std::unique_ptr<AccessControl>> AccessControl::Load(const TlsAccess& access,
                                                           std::function<Instant()> now,
                                                           ports::FileTelemetry& telemetry,
                                                           ports::Log& log) {
  std::unique_ptr<AccessControl> control(new AccessControl(access, std::move(now), telemetry, log));
  KULANZ_ASSIGN_OR_RETURN(control->active_, control->Read(control->stamps_));
  telemetry.FilesRead("access", true);
  return control;
}

Result<std::shared_ptr<const AccessControl::Active>> AccessControl::Read(Stamps& stamps) const {
  stamps[path_] = adapters::StampOf(path_);
  KULANZ_ASSIGN_OR_RETURN(AccessRules rules, ReadAccessFile(path_));
  if (rules.knows_certificates() && !asks_for_certificates_) {
    return Status(Code::kFailedPrecondition, "ACCESS_FILE",
                  path_ + " knows callers by their certificates: that needs --tls-client-ca-file");
  }
  std::vector<jose::Issuer> issuers;
  for (const IssuerRules& issuer : rules.issuers) {
    stamps[issuer.keys] = adapters::StampOf(issuer.keys);
    KULANZ_ASSIGN_OR_RETURN(const std::string text,
                            adapters::ReadSmallFile(issuer.keys, jose::kKeySetBytesMax));
    Result<jose::KeySet> keys = jose::KeySet::Parse(text);
    if (!keys.ok()) {
      return Status(keys.status().code(), keys.status().reason(),
                    issuer.keys + ": " + keys.status().message());
    }
    issuers.push_back({.name = issuer.issuer,
                       .audiences = issuer.audiences,
                       .algorithms = issuer.algorithms,
                       .leeway = issuer.leeway,
                       .groups_at = issuer.groups_at,
                       .keys = std::move(keys).value()});
  }
  return std::make_shared<const Active>(std::move(rules), jose::TokenVerifier(std::move(issuers)));
}

void AccessControl::Tick() {
  const bool changed = std::any_of(stamps_.begin(), stamps_.end(), [](const auto& stamp) {
    return adapters::StampOf(stamp.first) != stamp.second;
  });
  if (!changed) {
    return;
  }
  Stamps stamps;
  Result<std::shared_ptr<const Active>> read = Read(stamps);
  telemetry_.FilesRead("access", read.ok());
  if (!read.ok()) {
    // Files that were not reached this time are looked at as before.
    for (const auto& [path, stamp] : stamps) {
      stamps_[path] = stamp;
    }
    log_.Error("access_rejected", "the access rules cannot be used; what was active stays",
               {{"file", path_},
                {"reason", std::string(read.status().reason())},
                {"why", read.status().message()}});
    return;
  }
  stamps_ = std::move(stamps);
  {
    const std::lock_guard lock(mutex_);
    active_ = std::move(read).value();
  }
  log_.Info("access_replaced", "the access rules or their keys have changed", {{"file", path_}});
}

Result<app::Caller> AccessControl::Identify(const rpc::Credentials& shown,
                                            app::Caller caller) const {
  const std::shared_ptr<const Active> active = Current();
  caller.authenticated = true;
  if (shown.authorization.size() > 1) {
    return Unknown("AUTHORIZATION_MALFORMED", "there is more than one authorization");
  }
  if (!shown.authorization.empty()) {
    return ByToken(*active, shown.authorization.front(), std::move(caller));
  }
  if (!shown.has_certificate) {
    return Unknown(
        "NO_CREDENTIALS",
        "this server wants to know who calls: send a bearer token in 'authorization', or "
        "a client certificate");
  }
  return shown.uris.empty() ? ByName(active->rules, shown, std::move(caller))
                            : BySpiffeId(active->rules, shown, std::move(caller));
}

Result<app::Caller> AccessControl::ByToken(const Active& active, const std::string& authorization,
                                           app::Caller caller) const {
  constexpr std::string_view kScheme = "bearer ";
  const bool is_bearer =
      authorization.size() > kScheme.size() &&
      std::equal(kScheme.begin(), kScheme.end(), authorization.begin(), [](char a, char b) {
        return a == (b >= 'A' && b <= 'Z' ? static_cast<char>(b - 'A' + 'a') : b);
      });
  if (!is_bearer) {
    return Unknown("AUTHORIZATION_MALFORMED", "authorization must be 'Bearer' and a token");
  }
  const std::string_view token = std::string_view(authorization).substr(kScheme.size());
  const Instant now = now_();
  if (auto known = active.cache.Find(token, now)) {
    caller.id = std::move(known->id);
    caller.roles = known->roles;
    return caller;
  }
  KULANZ_ASSIGN_OR_RETURN(const jose::TokenClaims claims, active.verifier.Verify(token, now));
  caller.id = "token:" + claims.issuer + "#" + claims.subject;
  for (const IssuerRules& issuer : active.rules.issuers) {
    if (issuer.issuer != claims.issuer) {
      continue;
    }
    caller.roles = RolesIn(issuer.subjects, claims.subject);
    for (const std::string& group : claims.groups) {
      caller.roles.Add(RolesIn(issuer.groups, group));
    }
  }
  active.cache.Put(token, {caller.id, caller.roles, now, claims.usable_until});
  return caller;
}

}  // namespace kulanz::server
