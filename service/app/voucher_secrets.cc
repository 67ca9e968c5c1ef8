#include "service/app/voucher_secrets.h"

#include <algorithm>
#include <utility>

#include "service/base/check.h"

namespace kulanz::app {
namespace {

VoucherCode CodeFrom(const HmacKey& key, const IncidentId& incident, std::uint32_t revision,
                     ports::PartitionId partition) {
  if (revision == 0) {
    return VoucherCode::Make(
        partition.number, key.Sign({std::string_view("kulanz/voucher/v1\0", 18), incident.text()}));
  }
  // Ids hold no control characters, so nothing but this incident and revision gives this text.
  const std::string suffix = '\0' + std::to_string(revision);
  return VoucherCode::Make(partition.number, key.Sign({std::string_view("kulanz/voucher/v2\0", 18),
                                                       incident.text(), suffix}));
}

}  // namespace

VoucherSecrets::VoucherSecrets(std::vector<CodeSecret> code_secrets, HmacKey lookup)
    : code_secrets_(std::move(code_secrets)), lookup_(std::move(lookup)) {
  KULANZ_CHECK(!code_secrets_.empty(), "codes need a secret");
  std::sort(code_secrets_.begin(), code_secrets_.end(),
            [](const CodeSecret& a, const CodeSecret& b) {
              return std::pair(a.used_from, std::string_view(a.id)) <
                     std::pair(b.used_from, std::string_view(b.id));
            });
}

DerivedCode VoucherSecrets::Derive(const IncidentId& incident, std::uint32_t revision,
                                   Instant occurred_at, ports::PartitionId partition) const {
  const CodeSecret* secret = &code_secrets_.front();
  for (const CodeSecret& candidate : code_secrets_) {
    if (candidate.used_from <= occurred_at) {
      secret = &candidate;
    }
  }
  return {CodeFrom(secret->key, incident, revision, partition), secret->id};
}

Result<VoucherCode> VoucherSecrets::DeriveWith(const std::string& secret_id,
                                               const IncidentId& incident, std::uint32_t revision,
                                               ports::PartitionId partition) const {
  for (const CodeSecret& secret : code_secrets_) {
    if (secret.id == secret_id) {
      return CodeFrom(secret.key, incident, revision, partition);
    }
  }
  return Status(Code::kFailedPrecondition, "SECRET_MISSING",
                "the secret '" + secret_id + "' that made this voucher's code is not loaded")
      .WithMetadata("secretId", secret_id);
}

ports::KeyHash VoucherSecrets::LookupHash(const VoucherCode& code) const {
  const Sha256Digest mac = lookup_.Sign({code.canonical()});
  ports::KeyHash hash;
  std::copy_n(mac.begin(), hash.size(), hash.begin());
  return hash;
}

}  // namespace kulanz::app
