// The code of a voucher, for its holder's eyes: derived again, or, of a pool, decrypted.
#pragma once

#include "service/app/dependencies.h"
#include "service/app/record_codec.h"
#include "service/base/result.h"
#include "service/domain/decision.h"
#include "service/domain/issued_code.h"
#include "service/ports/store.h"

namespace kulanz::app {

// `key`: the voucher's; `decision`: its.
//   INTERNAL / SECRET_MISSING, SECRET_MISMATCH   the secret that it needs is not loaded: never another code.
//   DATA_LOSS / RECORD_CORRUPT                   a pool's code does not open.
Result<IssuedCode> CodeOf(const Dependencies& dependencies, const ports::Key& key,
                          const StoredVoucher& voucher, const Decision& decision);

}  // namespace kulanz::app
