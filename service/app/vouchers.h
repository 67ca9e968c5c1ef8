// Vouchers: look them up by code, by id or by customer, and lead them through their life.
//
// A code that cannot be read, is unknown, or belongs to someone else gives the same answer,
// NOT_FOUND / VOUCHER_NOT_REDEEMABLE, so that guessing teaches nothing. What each change refuses stands at
// domain/voucher_commands.h; beyond that UNAVAILABLE / CONTENTION, and every failure of the store. Every
// change may be repeated with the same id. Thread-safety: any thread.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "service/app/dependencies.h"
#include "service/app/voucher_file.h"
#include "service/base/result.h"
#include "service/base/task.h"
#include "service/domain/issued_code.h"
#include "service/domain/voucher.h"
#include "service/domain/voucher_commands.h"

namespace kulanz::app {

struct RedeemRequest {
  std::string code;         // as typed
  CustomerId customer;      // who redeems; must be the holder unless the voucher is transferable
  RedemptionId redemption;  // chosen by the shop, one per intent; repeat it on a retry
  OrderId order;
  std::optional<Money> order_total;  // needed when the voucher has a minimum order
  std::optional<Money> amount = std::nullopt;
  std::optional<ReservationId> reservation = std::nullopt;
};

struct RedeemedVoucher {
  Voucher voucher;
  Redemption redemption;
  bool replayed = false;  // this redemption id had been recorded before
};

struct ReserveRequest {
  std::string code;
  CustomerId customer;
  ReserveCommand command;
};

struct ReservedVoucher {
  Voucher voucher;
  Reservation reservation;
  bool replayed = false;
};

struct ChangedState {
  Voucher voucher;
  bool replayed = false;
};

struct ReissuedVoucher {
  Voucher voucher;  // the new one
  IssuedCode code;
  bool replayed = false;
};

struct VoucherPage {
  std::vector<Voucher> vouchers;
  std::string next_page_token;  // empty: the last page
};

inline constexpr std::uint32_t kVoucherPageDefault = 50;
inline constexpr std::uint32_t kVoucherPageMax = 100;
inline constexpr std::uint32_t kReissuesMax = 16;

struct VoucherSettings {
  int reversal_grace_days = 14;  // 0 to 366; see ReverseRedemption
};

class Vouchers {
 public:
  explicit Vouchers(const Dependencies& dependencies, VoucherSettings settings = {});

  // For support and checkout pages.
  Task<Result<Voucher>> Get(VoucherReference reference, Deadline deadline);
  Task<Result<Voucher>> Get(std::string code, Deadline deadline);

  // A customer's, the one of the latest incident first. `states`: as the API shows them, of the numbers of
  // its enum; empty: all. INVALID_ARGUMENT / INVALID_PAGE_TOKEN.
  Task<Result<VoucherPage>> List(CustomerId customer, std::set<VoucherView> states,
                                 std::uint32_t page_size, std::string page_token,
                                 Deadline deadline);

  // What Redeem would answer, without effect. `redemption` may be empty.
  Task<Result<Voucher>> Validate(RedeemRequest request, Deadline deadline);
  Task<Result<RedeemedVoucher>> Redeem(RedeemRequest request, Deadline deadline);

  Task<Result<ReservedVoucher>> Reserve(ReserveRequest request, Deadline deadline);
  Task<Result<ReservedVoucher>> Release(VoucherReference reference, ReservationId reservation,
                                        Deadline deadline);

  Task<Result<RedeemedVoucher>> Reverse(VoucherReference reference, RedemptionId redemption,
                                        OrderId order, Deadline deadline);
  Task<Result<ChangedState>> Revoke(VoucherReference reference, RevokeCommand command,
                                    Deadline deadline);
  // A voucher with a code from a pool gets another one of that pool, in the same transaction.
  // FAILED_PRECONDITION / TOO_MANY_REISSUES, POOL_EMPTY, POOLS_NOT_SET_UP.
  Task<Result<ReissuedVoucher>> Reissue(VoucherReference reference, ReissueCommand command,
                                        Deadline deadline);

 private:
  const Dependencies& dependencies_;
  const VoucherSettings settings_;
};

}  // namespace kulanz::app
