// VoucherFile: one voucher as stored, with its decision, found by its code or by its id.
//
// Thread-safety: any thread; reads only.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "service/app/dependencies.h"
#include "service/app/record_codec.h"
#include "service/base/result.h"
#include "service/base/task.h"
#include "service/domain/voucher.h"
#include "service/ports/store.h"

namespace kulanz::app {

// Exactly one of both.
struct VoucherReference {
  std::string code;  // as typed
  std::string id;    // Voucher::id
};

struct VoucherFile {
  ports::Key key;
  std::uint64_t version = 0;
  StoredVoucher stored;
  ports::Key decision_key;
  std::uint64_t decision_version = 0;
  StoredDecision decision;  // granted (checked)

  const VoucherTerms& terms() const { return *decision.decision.voucher; }
  Voucher joined() const { return Join(stored, decision.decision, key); }
};

// The one answer for whatever must not be told apart by someone who guesses.
Status NotRedeemable();

// A voucher with a code from a pool has an id, and no code of ours (code_pools.h).
//   NOT_FOUND / VOUCHER_NOT_REDEEMABLE     unreadable or unknown.
//   DATA_LOSS / DECISION_MISSING, RECORD_CORRUPT, and every failure of the store.
Task<Result<VoucherFile>> FindVoucher(const Dependencies& dependencies, VoucherReference reference,
                                      Deadline deadline);
Task<Result<VoucherFile>> ReadVoucherFile(const Dependencies& dependencies, ports::Key key,
                                          Deadline deadline);

// The voucher in whose favour others have ended; `file` itself when it was not reissued.
// DATA_LOSS / VOUCHER_MISSING.
Task<Result<VoucherFile>> FindCurrent(const Dependencies& dependencies, VoucherFile file,
                                      Deadline deadline);

}  // namespace kulanz::app
