#include "service/kulanzd/secrets.h"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "service/adapters/system/secret_files.h"

namespace kulanz::server {
namespace {

constexpr std::string_view kRecordId = "record";
constexpr std::string_view kLookupId = "lookup";
constexpr std::string_view kFirstCodeId = "c1";

Status Missing(const std::string& directory, std::string_view what) {
  return Status(Code::kFailedPrecondition, "SECRET_MISSING",
                directory + " has no " + std::string(what) +
                    "; put the secrets of this installation there (a new installation with "
                    "--embedded makes its own)");
}

}  // namespace

Status CreateSecrets(const std::string& directory, ports::Entropy& entropy) {
  for (const std::string_view id : {kRecordId, kLookupId, kFirstCodeId}) {
    const Result<bool> created = adapters::CreateSecretFileIfMissing(directory, id, entropy);
    if (!created.ok()) {
      return created.status();
    }
  }
  return Status::Ok();
}

Result<std::unique_ptr<const Secrets>> LoadSecrets(const std::string& directory) {
  KULANZ_ASSIGN_OR_RETURN(std::vector<adapters::SecretFile> files,
                          adapters::ReadSecretFiles(directory));
  const auto take = [&](std::string_view id) -> const adapters::SecretFile* {
    const auto found =
        std::find_if(files.begin(), files.end(), [&](const auto& file) { return file.id == id; });
    return found == files.end() ? nullptr : &*found;
  };
  const adapters::SecretFile* record = take(kRecordId);
  const adapters::SecretFile* lookup = take(kLookupId);
  if (record == nullptr || lookup == nullptr) {
    return Missing(directory, record == nullptr ? "record.secret" : "lookup.secret");
  }
  std::vector<app::CodeSecret> codes;
  for (const adapters::SecretFile& file : files) {
    if (file.id != kRecordId && file.id != kLookupId) {
      codes.push_back({file.id, file.used_from, HmacKey(file.bytes)});
    }
  }
  if (codes.empty()) {
    return Missing(directory, "secret for voucher codes, such as c1.secret");
  }
  return std::make_unique<const Secrets>(
      Secrets{app::RecordCodec(HmacKey(record->bytes)),
              app::VoucherSecrets(std::move(codes), HmacKey(lookup->bytes))});
}

}  // namespace kulanz::server
