// Secrets: the keys that Kulanz works with, from the files of one directory.
//
//   record.secret, record-*.secret    seal what is stored (RecordCodec)
//   lookup.secret, lookup-*.secret    find vouchers by their code (VoucherSecrets)
//   pool.secret, pool-*.secret        encrypt the codes of pools (PoolCipher); needed only with pools. The first
//                                     one also names codes and stays for ever
//   any other                         make voucher codes (VoucherSecrets)
//
// Of each purpose there may be many, used one after the other, each from its `used_from` on; the file format
// is adapters/system/secret_files.h. To rotate a secret, add a file whose time is still to come: it must be
// on every server by then (README.md, "Secrets"). Old files stay as long as anything that they made is
// needed.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "service/adapters/system/secret_files.h"
#include "service/app/pool_cipher.h"
#include "service/app/record_codec.h"
#include "service/app/voucher_secrets.h"
#include "service/base/crypto.h"
#include "service/base/result.h"
#include "service/ports/entropy.h"

namespace kulanz::wiring {

enum class SecretPurpose : std::uint8_t { kRecords, kLookups, kPools, kCodes };
SecretPurpose PurposeOf(std::string_view id);
// "records", "lookups", "pools", "codes".
std::string_view NameOf(SecretPurpose purpose);

// OK when these files work together. FAILED_PRECONDITION /
//   SECRET_MISSING      a purpose has none
//   SECRET_DUPLICATE    two files hold the same secret, or two of a purpose begin at the same time
//   SECRET_GAP          a file follows one that is not there, although an older one is: an incident of that
//                       time would get another code
Status ValidateSecrets(const std::vector<adapters::SecretFile>& files);

// One known secret, without its bytes.
struct KnownSecret {
  std::string id;
  Instant used_from{};
  Sha256Digest fingerprint{};
};

// Thread-safety: any method from any thread.
class Secrets {
 public:
  // `files` are valid (checked).
  explicit Secrets(const std::vector<adapters::SecretFile>& files);

  app::RecordCodec codec;
  app::VoucherSecrets vouchers;
  app::PoolCipher pools;

  // Takes over a changed directory while requests are served; `now` is the store's. How many secrets are
  // new. Nothing changes when it fails: as ValidateSecrets, and FAILED_PRECONDITION /
  //   SECRET_REMOVED   one that is in use is not there any more
  //   SECRET_CHANGED   one has other content or another time than before
  //   SECRET_LATE      a new one's time is not in the future: other servers may have used another secret
  //                    for the same incidents already
  Result<std::size_t> TakeOver(const std::vector<adapters::SecretFile>& files, Instant now);
  std::vector<KnownSecret> known() const;

 private:
  mutable std::mutex mutex_;
  std::vector<KnownSecret> known_;  // by id
};

// Creates the files that a new installation needs, where they are missing; existing ones stay.
Status CreateSecrets(const std::string& directory, ports::Entropy& entropy);

// The failures of ValidateSecrets and ReadSecretFiles.
Result<std::unique_ptr<Secrets>> LoadSecrets(const std::string& directory);

}  // namespace kulanz::wiring
