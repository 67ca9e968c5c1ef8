#include "service/app/voucher_secrets.h"

#include <algorithm>
#include <utility>

#include "service/base/check.h"

namespace kulanz::app {
namespace {

VoucherCode CodeFrom(const HmacKey& key, const IncidentId& incident, std::uint32_t revision,
                     ports::PartitionId partition, CodeForm form) {
  if (form.issue != 0 || form.is_long) {
    const std::string suffix = '\0' + std::to_string(revision) + '\0' + std::to_string(form.issue);
    return VoucherCode::Make(
        partition.number,
        key.Sign({std::string_view("kulanz/voucher/v3\0", 18), incident.text(), suffix}),
        form.is_long ? VoucherCode::Length::kLong : VoucherCode::Length::kShort);
  }
  if (revision == 0) {
    return VoucherCode::Make(
        partition.number, key.Sign({std::string_view("kulanz/voucher/v1\0", 18), incident.text()}));
  }
  // Ids hold no control characters, so nothing but this incident and revision gives this text.
  const std::string suffix = '\0' + std::to_string(revision);
  return VoucherCode::Make(partition.number, key.Sign({std::string_view("kulanz/voucher/v2\0", 18),
                                                       incident.text(), suffix}));
}

ports::KeyHash LookupHash(const HmacKey& key, const VoucherCode& code) {
  const Sha256Digest mac = key.Sign({code.canonical()});
  ports::KeyHash hash;
  std::copy_n(mac.begin(), hash.size(), hash.begin());
  return hash;
}

std::vector<DatedKey> FromEver(HmacKey key) {
  std::vector<DatedKey> keys;
  keys.push_back({"lookup", kMinInstant, std::move(key)});
  return keys;
}

}  // namespace

VoucherSecrets::VoucherSecrets(std::vector<CodeSecret> code_secrets,
                               std::vector<DatedKey> lookup_secrets)
    : rings_(std::make_unique<Published<Rings>>(
          Rings{KeyRing(std::move(code_secrets)), KeyRing(std::move(lookup_secrets))})) {}

VoucherSecrets::VoucherSecrets(std::vector<CodeSecret> code_secrets, HmacKey lookup)
    : VoucherSecrets(std::move(code_secrets), FromEver(std::move(lookup))) {}

void VoucherSecrets::Replace(std::vector<CodeSecret> code_secrets,
                             std::vector<DatedKey> lookup_secrets) {
  KULANZ_CHECK(lookup_secrets.size() <= ports::kReadKeysMax, "a code is looked up in one read");
  rings_->Replace(Rings{KeyRing(std::move(code_secrets)), KeyRing(std::move(lookup_secrets))});
}

Result<DerivedCode> VoucherSecrets::Derive(const IncidentId& incident, std::uint32_t revision,
                                           Instant occurred_at, ports::PartitionId partition,
                                           CodeForm form) const {
  const Rings& rings = rings_->Current();
  const DatedKey* const secret = rings.codes.At(occurred_at);
  const DatedKey* const lookup = rings.lookups.At(occurred_at);
  if (secret == nullptr || lookup == nullptr) {
    return Status(Code::kInternal, "SECRET_MISSING",
                  "no secret is loaded for voucher codes of incidents of " +
                      FormatInstant(occurred_at) + "; an operator must put it back");
  }
  VoucherCode code = CodeFrom(secret->key, incident, revision, partition, form);
  const ports::KeyHash voucher = LookupHash(lookup->key, code);
  return DerivedCode{std::move(code), secret->id, voucher};
}

Result<VoucherCode> VoucherSecrets::DeriveAgain(const ports::Key& voucher,
                                                const std::string& secret_id,
                                                const IncidentId& incident, std::uint32_t revision,
                                                CodeForm form) const {
  const Rings& rings = rings_->Current();
  const DatedKey* const secret = rings.codes.Find(secret_id);
  if (secret == nullptr) {
    return Status(Code::kInternal, "SECRET_MISSING",
                  "the secret '" + secret_id +
                      "' that made this voucher's code is not loaded; an operator must put it back")
        .WithMetadata("secretId", secret_id);
  }
  VoucherCode code = CodeFrom(secret->key, incident, revision, voucher.partition, form);
  const auto& lookups = rings.lookups.keys();
  const bool is_stored_here = std::any_of(
      lookups.begin(), lookups.end(),
      [&](const DatedKey& lookup) { return LookupHash(lookup.key, code) == voucher.hash; });
  if (!is_stored_here) {
    return Status(Code::kInternal, "SECRET_MISMATCH",
                  "the secret '" + secret_id +
                      "' is not the one that made this voucher's code, or the lookup secret under "
                      "which it is stored is not loaded; an operator must put the right one back")
        .WithMetadata("secretId", secret_id);
  }
  return code;
}

std::vector<ports::KeyHash> VoucherSecrets::LookupHashes(const VoucherCode& code) const {
  const auto& lookups = rings_->Current().lookups.keys();
  std::vector<ports::KeyHash> hashes;
  hashes.reserve(lookups.size());
  for (auto lookup = lookups.rbegin(); lookup != lookups.rend(); ++lookup) {
    hashes.push_back(LookupHash(lookup->key, code));
  }
  return hashes;
}

}  // namespace kulanz::app
