// VoucherSecrets: derives voucher codes, and the hashes under which the store finds them.
//
// Deterministic: the code is HMAC(code secret, incident id and revision), so a retry gives the same code
// even after the store lost an acknowledged write, and a top-up a code of its own. Which secret is a
// question of the incident's time, not of now: each secret has the instant from which it is used; old
// ones are kept while their incidents may be repeated. The store holds only HMAC(lookup secret, code),
// whose secret is chosen by the incident's time as well; whoever only has a code looks under all of them.
//
// A secret that is missing never leads to another code: the answer is INTERNAL / SECRET_MISSING (the
// incident may well have been decided), until somebody puts the secret back.
//
// Thread-safety: any method from any thread, Replace beside all others.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "service/app/key_ring.h"
#include "service/app/published.h"
#include "service/base/crypto.h"
#include "service/base/result.h"
#include "service/domain/ids.h"
#include "service/domain/time.h"
#include "service/domain/voucher_code.h"
#include "service/ports/store.h"

namespace kulanz::app {

using CodeSecret = DatedKey;

// Which of an incident's codes: short or long, and the how manyth.
struct CodeForm {
  std::uint32_t issue = 0;  // 0: the first; grows with each reissue
  bool is_long = false;     // for vouchers that anybody may use, or use in parts
};

struct DerivedCode {
  VoucherCode code;
  std::string secret_id;
  ports::KeyHash voucher{};  // under which the voucher of this code is stored
};

class VoucherSecrets {
 public:
  VoucherSecrets(std::vector<CodeSecret> code_secrets, std::vector<DatedKey> lookup_secrets);
  // With one lookup secret, from ever.
  VoucherSecrets(std::vector<CodeSecret> code_secrets, HmacKey lookup);

  // From now on these. What they leave out is SECRET_MISSING; see kulanzd/secret_reloader.h for what keeps
  // that from happening.
  void Replace(std::vector<CodeSecret> code_secrets, std::vector<DatedKey> lookup_secrets);

  // INTERNAL / SECRET_MISSING when no secret is known for that time.
  Result<DerivedCode> Derive(const IncidentId& incident, std::uint32_t revision,
                             Instant occurred_at, ports::PartitionId partition,
                             CodeForm form = {}) const;
  // The code of a stored voucher again, with the secret that it names.
  //   INTERNAL / SECRET_MISSING    that secret is not loaded
  //   INTERNAL / SECRET_MISMATCH   the secrets give another code than the one this voucher is stored under:
  //                                a file was replaced by one with other content
  Result<VoucherCode> DeriveAgain(const ports::Key& voucher, const std::string& secret_id,
                                  const IncidentId& incident, std::uint32_t revision,
                                  CodeForm form = {}) const;

  // Where a voucher with this code may be stored, the newest secret first; at most
  // ports::kReadKeysMax.
  std::vector<ports::KeyHash> LookupHashes(const VoucherCode& code) const;

 private:
  struct Rings {
    KeyRing codes;
    KeyRing lookups;
  };
  std::unique_ptr<Published<Rings>> rings_;
};

}  // namespace kulanz::app
