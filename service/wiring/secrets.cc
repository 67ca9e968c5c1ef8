#include "service/wiring/secrets.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include "service/base/check.h"

namespace kulanz::wiring {
namespace {

using adapters::SecretFile;

constexpr std::string_view kRecordId = "record";
constexpr std::string_view kLookupId = "lookup";
constexpr std::string_view kPoolId = "pool";
constexpr std::string_view kFirstCodeId = "c1";

constexpr std::array kPurposes = {SecretPurpose::kRecords, SecretPurpose::kLookups,
                                  SecretPurpose::kPools, SecretPurpose::kCodes};

Status Refused(std::string_view reason, const std::string& why) {
  return Status(Code::kFailedPrecondition, reason, why);
}

std::string File(const SecretFile& file) { return file.id + ".secret"; }

bool IsOf(std::string_view id, std::string_view family) {
  return id == family ||
         (id.starts_with(family) && id.size() > family.size() && id[family.size()] == '-');
}

// Those of one purpose, by the time from which they are used.
std::vector<const SecretFile*> Of(SecretPurpose purpose, const std::vector<SecretFile>& files) {
  std::vector<const SecretFile*> found;
  for (const SecretFile& file : files) {
    if (PurposeOf(file.id) == purpose) {
      found.push_back(&file);
    }
  }
  std::sort(found.begin(), found.end(), [](const SecretFile* a, const SecretFile* b) {
    return std::pair(a->used_from, std::string_view(a->id)) <
           std::pair(b->used_from, std::string_view(b->id));
  });
  return found;
}

Status ValidateOrder(const std::vector<const SecretFile*>& secrets) {
  for (std::size_t i = 1; i < secrets.size(); ++i) {
    const SecretFile& before = *secrets[i - 1];
    const SecretFile& next = *secrets[i];
    if (before.used_from == next.used_from) {
      return Refused("SECRET_DUPLICATE",
                     File(before) + " and " + File(next) + " are used from the same time on" +
                         (next.used_from == kMinInstant
                              ? std::string("; give the new one a line 'used_from: ...'")
                              : ", " + FormatInstant(next.used_from)));
    }
    if (!next.follows.empty() && next.follows != before.id) {
      return Refused("SECRET_GAP", File(next) + " follows " + next.follows +
                                       ".secret, which is not there; put it back, or remove " +
                                       File(before) +
                                       " and all that are older as well, if nothing needs them");
    }
  }
  return Status::Ok();
}

std::vector<app::DatedKey> KeysOf(SecretPurpose purpose, const std::vector<SecretFile>& files) {
  std::vector<app::DatedKey> keys;
  for (const SecretFile* file : Of(purpose, files)) {
    keys.push_back({file->id, file->used_from, HmacKey(file->bytes)});
  }
  return keys;
}

std::vector<app::PoolKey> PoolKeysOf(const std::vector<SecretFile>& files) {
  std::vector<app::PoolKey> keys;
  for (const SecretFile* file : Of(SecretPurpose::kPools, files)) {
    keys.push_back(app::MakePoolKey(file->id, file->used_from, file->bytes));
  }
  return keys;
}

std::vector<KnownSecret> Known(const std::vector<SecretFile>& files) {
  std::vector<KnownSecret> known;
  for (const SecretFile& file : files) {
    known.push_back({file.id, file.used_from, Sha256(file.bytes)});
  }
  return known;
}

}  // namespace

SecretPurpose PurposeOf(std::string_view id) {
  return IsOf(id, kRecordId)   ? SecretPurpose::kRecords
         : IsOf(id, kLookupId) ? SecretPurpose::kLookups
         : IsOf(id, kPoolId)   ? SecretPurpose::kPools
                               : SecretPurpose::kCodes;
}

std::string_view NameOf(SecretPurpose purpose) {
  switch (purpose) {
    case SecretPurpose::kRecords:
      return "records";
    case SecretPurpose::kLookups:
      return "lookups";
    case SecretPurpose::kPools:
      return "pools";
    case SecretPurpose::kCodes:
      break;
  }
  return "codes";
}

Status ValidateSecrets(const std::vector<SecretFile>& files) {
  for (std::size_t i = 0; i < files.size(); ++i) {
    for (std::size_t j = i + 1; j < files.size(); ++j) {
      if (ConstantTimeEquals(files[i].bytes, files[j].bytes)) {
        return Refused("SECRET_DUPLICATE",
                       File(files[i]) + " and " + File(files[j]) + " hold the same secret");
      }
    }
  }
  for (const SecretPurpose purpose : kPurposes) {
    const std::vector<const SecretFile*> secrets = Of(purpose, files);
    if (secrets.empty() && purpose != SecretPurpose::kPools) {
      const std::string example(purpose == SecretPurpose::kRecords   ? kRecordId
                                : purpose == SecretPurpose::kLookups ? kLookupId
                                                                     : kFirstCodeId);
      return Refused("SECRET_MISSING",
                     "there is no secret for " + std::string(NameOf(purpose)) + ", such as " +
                         example +
                         ".secret; put the secrets of this installation there (for a new "
                         "installation, 'kulanz secrets init' makes them)");
    }
    KULANZ_RETURN_IF_ERROR(ValidateOrder(secrets));
  }
  return Status::Ok();
}

Secrets::Secrets(const std::vector<SecretFile>& files)
    : codec(
          (KULANZ_CHECK(ValidateSecrets(files).ok(), "secrets are looked at before they are used"),
           KeysOf(SecretPurpose::kRecords, files))),
      vouchers(KeysOf(SecretPurpose::kCodes, files), KeysOf(SecretPurpose::kLookups, files)),
      pools(PoolKeysOf(files)),
      known_(Known(files)) {}

Result<std::size_t> Secrets::TakeOver(const std::vector<SecretFile>& files, Instant now) {
  KULANZ_RETURN_IF_ERROR(ValidateSecrets(files));
  const std::lock_guard lock(mutex_);
  std::vector<KnownSecret> next = Known(files);
  for (const KnownSecret& before : known_) {
    const auto same = std::find_if(next.begin(), next.end(), [&before](const KnownSecret& secret) {
      return secret.id == before.id;
    });
    if (same == next.end()) {
      return Refused("SECRET_REMOVED", before.id +
                                           ".secret is in use and is not there any more; put it "
                                           "back (an old one is retired at a restart)");
    }
    if (same->fingerprint != before.fingerprint || same->used_from != before.used_from) {
      return Refused("SECRET_CHANGED", before.id +
                                           ".secret has changed; put it back as it was, and add a "
                                           "file with another name to rotate");
    }
  }
  std::size_t added = 0;
  for (const KnownSecret& secret : next) {
    const bool is_new = std::none_of(known_.begin(), known_.end(), [&](const KnownSecret& before) {
      return before.id == secret.id;
    });
    if (is_new && secret.used_from <= now) {
      return Refused("SECRET_LATE",
                     secret.id +
                         ".secret is new, but its used_from is not in the future; give it a "
                         "later one, so that every server has it by then");
    }
    added += is_new ? 1 : 0;
  }
  if (added > 0) {
    vouchers.Replace(KeysOf(SecretPurpose::kCodes, files), KeysOf(SecretPurpose::kLookups, files));
    codec.Replace(KeysOf(SecretPurpose::kRecords, files));
    pools.Replace(PoolKeysOf(files));
    known_ = std::move(next);
  }
  return added;
}

std::vector<KnownSecret> Secrets::known() const {
  const std::lock_guard lock(mutex_);
  return known_;
}

Status CreateSecrets(const std::string& directory, ports::Entropy& entropy) {
  for (const std::string_view id : {kRecordId, kLookupId, kFirstCodeId, kPoolId}) {
    const Result<bool> created =
        adapters::CreateSecretFileIfMissing(directory, {.id = std::string(id)}, entropy);
    if (!created.ok()) {
      return created.status();
    }
  }
  return Status::Ok();
}

Result<std::unique_ptr<Secrets>> LoadSecrets(const std::string& directory) {
  KULANZ_ASSIGN_OR_RETURN(const std::vector<SecretFile> files,
                          adapters::ReadSecretFiles(directory));
  if (const Status valid = ValidateSecrets(files); !valid.ok()) {
    return Status(valid.code(), valid.reason(), directory + ": " + valid.message());
  }
  return std::make_unique<Secrets>(files);
}

}  // namespace kulanz::wiring
