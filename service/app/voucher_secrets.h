// VoucherSecrets: derives voucher codes, and the hashes under which the store finds them.
//
// Deterministic: the code is HMAC(code secret, incident id and revision), so a retry gives the same code
// even after the store lost an acknowledged write, and a top-up a code of its own. Which secret is a question of the incident's time, not of now:
// each secret has the instant from which it is used; old ones are kept while their incidents may be
// repeated. The store holds only HMAC(lookup secret, code). Thread-safety: immutable.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "service/base/crypto.h"
#include "service/base/result.h"
#include "service/domain/ids.h"
#include "service/domain/time.h"
#include "service/domain/voucher_code.h"
#include "service/ports/store.h"

namespace kulanz::app {

struct CodeSecret {
  std::string id;       // names it in voucher records: [a-z0-9-]{1,16}
  Instant used_from{};  // incidents that occurred from here on
  HmacKey key;
};

struct DerivedCode {
  VoucherCode code;
  std::string secret_id;
};

class VoucherSecrets {
 public:
  // `code_secrets`: at least one (checked); the one with the earliest `used_from` also serves incidents
  // before it. `lookup`: for the stored hash of codes; changing it orphans all vouchers.
  VoucherSecrets(std::vector<CodeSecret> code_secrets, HmacKey lookup);

  DerivedCode Derive(const IncidentId& incident, std::uint32_t revision, Instant occurred_at,
                     ports::PartitionId partition) const;
  // With the secret that a voucher names. FAILED_PRECONDITION / SECRET_MISSING when it is not loaded:
  // never another code.
  Result<VoucherCode> DeriveWith(const std::string& secret_id, const IncidentId& incident,
                                 std::uint32_t revision, ports::PartitionId partition) const;

  ports::KeyHash LookupHash(const VoucherCode& code) const;

 private:
  std::vector<CodeSecret> code_secrets_;  // by used_from, ascending
  HmacKey lookup_;
};

}  // namespace kulanz::app
