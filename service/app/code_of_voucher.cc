#include "service/app/code_of_voucher.h"

#include "service/app/code_pools.h"
#include "service/app/voucher_secrets.h"

namespace kulanz::app {

Result<IssuedCode> CodeOf(const Dependencies& dependencies, const ports::Key& key,
                          const StoredVoucher& voucher, const Decision& decision) {
  if (voucher.pool_code.empty()) {
    KULANZ_ASSIGN_OR_RETURN(
        VoucherCode code,
        dependencies.secrets.DeriveAgain(key, voucher.secret_id, decision.incident.id,
                                         voucher.revision, {voucher.issue, voucher.long_code}));
    return IssuedCode(code);
  }
  if (dependencies.pools == nullptr || !decision.voucher) {
    return Status(Code::kInternal, "SECRET_MISSING",
                  "the voucher's code is one of a pool, and pools are not set up here");
  }
  KULANZ_ASSIGN_OR_RETURN(
      PoolCode code, dependencies.pools->cipher().Open(decision.voucher->pool, voucher.pool_code));
  return IssuedCode(std::move(code));
}

}  // namespace kulanz::app
