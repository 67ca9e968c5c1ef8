#include "service/app/vouchers.h"

#include <utility>

#include "service/app/voucher_change.h"

namespace kulanz::app {
namespace {

RedeemCommand CommandOf(const RedeemRequest& request) {
  RedeemCommand command;
  command.id = request.redemption;
  command.order = request.order;
  command.amount = request.amount;
  command.order_total = request.order_total;
  command.reservation = request.reservation;
  return command;
}

VoucherCall CallOf(RedeemRequest request) {
  VoucherCall call;
  call.reference.code = request.code;
  call.holder = request.customer;
  call.command = [command = CommandOf(request)](const VoucherFile&, Instant) { return command; };
  return call;
}

// A change that does not ask who the holder is.
VoucherCall CallOf(VoucherReference reference, VoucherCommand command) {
  VoucherCall call;
  call.reference = std::move(reference);
  call.command = [command = std::move(command)](const VoucherFile&, Instant) { return command; };
  return call;
}

}  // namespace

Vouchers::Vouchers(const Dependencies& dependencies, VoucherSettings settings)
    : dependencies_(dependencies), settings_(settings) {}

Task<Result<Voucher>> Vouchers::Get(VoucherReference reference, Deadline deadline) {
  const auto found = co_await FindVoucher(dependencies_, std::move(reference), deadline);
  if (!found.ok()) {
    co_return found.status();
  }
  co_return found->joined();
}

Task<Result<Voucher>> Vouchers::Get(std::string code, Deadline deadline) {
  return Get(VoucherReference{std::move(code), {}}, deadline);
}

Task<Result<Voucher>> Vouchers::Validate(RedeemRequest request, Deadline deadline) {
  auto changed = co_await TryOnVoucher(dependencies_, CallOf(std::move(request)), deadline);
  if (!changed.ok()) {
    co_return changed.status();
  }
  co_return changed->file.joined();
}

Task<Result<RedeemedVoucher>> Vouchers::Redeem(RedeemRequest request, Deadline deadline) {
  const RedemptionId id = request.redemption;
  auto changed = co_await ChangeVoucher(dependencies_, CallOf(std::move(request)), deadline);
  if (!changed.ok()) {
    co_return changed.status();
  }
  co_return RedeemedVoucher{changed->file.joined(), *FindRedemption(changed->change.life, id),
                            changed->change.replayed};
}

Task<Result<ReservedVoucher>> Vouchers::Reserve(ReserveRequest request, Deadline deadline) {
  const ReservationId id = request.command.id;
  VoucherCall call = CallOf(VoucherReference{std::move(request.code), {}}, request.command);
  call.holder = request.customer;
  auto changed = co_await ChangeVoucher(dependencies_, std::move(call), deadline);
  if (!changed.ok()) {
    co_return changed.status();
  }
  co_return ReservedVoucher{changed->file.joined(), *FindReservation(changed->change.life, id),
                            changed->change.replayed};
}

Task<Result<ReservedVoucher>> Vouchers::Release(VoucherReference reference,
                                                ReservationId reservation, Deadline deadline) {
  VoucherCall call = CallOf(std::move(reference), ReleaseCommand{reservation});
  auto changed = co_await ChangeVoucher(dependencies_, std::move(call), deadline);
  if (!changed.ok()) {
    co_return changed.status();
  }
  co_return ReservedVoucher{changed->file.joined(),
                            *FindReservation(changed->change.life, reservation),
                            changed->change.replayed};
}

Task<Result<ChangedState>> Vouchers::Revoke(VoucherReference reference, RevokeCommand command,
                                            Deadline deadline) {
  VoucherCall call = CallOf(std::move(reference), std::move(command));
  auto changed = co_await ChangeVoucher(dependencies_, std::move(call), deadline);
  if (!changed.ok()) {
    co_return changed.status();
  }
  co_return ChangedState{changed->file.joined(), changed->change.replayed};
}

}  // namespace kulanz::app
