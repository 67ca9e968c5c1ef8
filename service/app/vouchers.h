// Vouchers: look one up by its code, ask whether it would be accepted, redeem it.
//
// A code that cannot be read, is unknown, or belongs to someone else gives the same answer,
// NOT_FOUND / VOUCHER_NOT_REDEEMABLE, so that guessing teaches nothing. Thread-safety: any thread.
#pragma once

#include <optional>
#include <string>

#include "service/app/dependencies.h"
#include "service/base/result.h"
#include "service/base/task.h"
#include "service/domain/voucher.h"
#include "service/domain/voucher_code.h"

namespace kulanz::app {

struct RedeemRequest {
  std::string code;         // as typed
  CustomerId customer;      // who redeems; must be the holder unless the voucher is transferable
  RedemptionId redemption;  // chosen by the shop, one per intent; repeat it on a retry
  OrderId order;
  std::optional<Money> order_total;  // needed when the voucher has a minimum order
};

struct RedeemedVoucher {
  Voucher voucher;
  Redemption redemption;
  bool replayed = false;  // this redemption id had been recorded before
};

class Vouchers {
 public:
  explicit Vouchers(const Dependencies& dependencies);

  // For support and checkout pages. NOT_FOUND / VOUCHER_NOT_REDEEMABLE.
  Task<Result<Voucher>> Get(std::string code, Deadline deadline);

  // What Redeem would answer, without effect. `redemption` may be empty.
  Task<Result<Voucher>> Validate(RedeemRequest request, Deadline deadline);

  // Single use: the whole amount, once.
  //   NOT_FOUND / VOUCHER_NOT_REDEEMABLE          unreadable, unknown, not the holder.
  //   FAILED_PRECONDITION / VOUCHER_EXPIRED, VOUCHER_REDEEMED, VOUCHER_REVOKED   (to the holder)
  //   FAILED_PRECONDITION / ORDER_BELOW_MINIMUM, CURRENCY_MISMATCH
  //   ALREADY_EXISTS / REDEMPTION_CONFLICT        the redemption id was used with another order.
  Task<Result<RedeemedVoucher>> Redeem(RedeemRequest request, Deadline deadline);

 private:
  const Dependencies& dependencies_;
};

}  // namespace kulanz::app
