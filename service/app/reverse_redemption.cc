// Vouchers::Reverse: the value of a cancelled order comes back, for a period of grace where its voucher has
// expired meanwhile.
#include <algorithm>
#include <utility>

#include "service/app/voucher_change.h"
#include "service/app/vouchers.h"
#include "service/base/time_zone.h"

namespace kulanz::app {
namespace {

// The end of the local day that is so many days after now's, in the zone in which the letter names days.
Instant GraceUntil(const VoucherTerms& terms, int days, Instant now) {
  const auto zone = TimeZone::Load(terms.zone);
  if (!zone) {
    return now + std::chrono::days{days};
  }
  const Date last = zone->DateAt(now) + std::chrono::days{days};
  return std::min(zone->EndOfDay(last) - Duration{1}, kMaxInstant);
}

}  // namespace

Task<Result<RedeemedVoucher>> Vouchers::Reverse(VoucherReference reference, RedemptionId redemption,
                                                OrderId order, Deadline deadline) {
  VoucherCall call;
  call.reference = std::move(reference);
  call.command = [&redemption, &order, days = settings_.reversal_grace_days](
                     const VoucherFile& file, Instant now) -> VoucherCommand {
    return ReverseCommand{redemption, order, GraceUntil(file.terms(), days, now)};
  };
  auto changed = co_await ChangeVoucher(dependencies_, std::move(call), deadline);
  if (!changed.ok()) {
    co_return changed.status();
  }
  co_return RedeemedVoucher{changed->file.joined(),
                            *FindRedemption(changed->change.life, redemption),
                            changed->change.replayed};
}

}  // namespace kulanz::app
