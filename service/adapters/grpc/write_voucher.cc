// Vouchers as messages of the API, as they are at the store's time.
#include <string>
#include <utility>

#include "service/adapters/grpc/write_messages.h"

namespace kulanz::rpc {
namespace {

v1::VoucherState StateToProto(VoucherView view) {
  switch (view) {
    case VoucherView::kIssued:
      return v1::VOUCHER_STATE_ISSUED;
    case VoucherView::kReserved:
      return v1::VOUCHER_STATE_RESERVED;
    case VoucherView::kRedeemed:
      return v1::VOUCHER_STATE_REDEEMED;
    case VoucherView::kRevoked:
      return v1::VOUCHER_STATE_REVOKED;
    case VoucherView::kExpired:
      return v1::VOUCHER_STATE_EXPIRED;
    case VoucherView::kReissued:
      return v1::VOUCHER_STATE_REISSUED;
  }
  return v1::VOUCHER_STATE_UNSPECIFIED;
}

v1::ReservationState StateToProto(ReservationState state) {
  switch (state) {
    case ReservationState::kHeld:
      return v1::RESERVATION_STATE_HELD;
    case ReservationState::kUsed:
      return v1::RESERVATION_STATE_USED;
    case ReservationState::kReleased:
      return v1::RESERVATION_STATE_RELEASED;
    case ReservationState::kLapsed:
      return v1::RESERVATION_STATE_LAPSED;
  }
  return v1::RESERVATION_STATE_UNSPECIFIED;
}

v1::VoucherEventKind KindToProto(VoucherEventKind kind) {
  switch (kind) {
    case VoucherEventKind::kIssued:
      return v1::VOUCHER_EVENT_KIND_ISSUED;
    case VoucherEventKind::kReserved:
      return v1::VOUCHER_EVENT_KIND_RESERVED;
    case VoucherEventKind::kReleased:
      return v1::VOUCHER_EVENT_KIND_RELEASED;
    case VoucherEventKind::kRedeemed:
      return v1::VOUCHER_EVENT_KIND_REDEEMED;
    case VoucherEventKind::kReversed:
      return v1::VOUCHER_EVENT_KIND_REVERSED;
    case VoucherEventKind::kRevoked:
      return v1::VOUCHER_EVENT_KIND_REVOKED;
    case VoucherEventKind::kReissued:
      return v1::VOUCHER_EVENT_KIND_REISSUED;
    case VoucherEventKind::kExpired:
      return v1::VOUCHER_EVENT_KIND_EXPIRED;
  }
  return v1::VOUCHER_EVENT_KIND_UNSPECIFIED;
}

// An amount of the voucher's currency.
void WriteAmount(std::int64_t minor_units, const VoucherTerms& terms, google::type::Money& out) {
  if (const auto money = Money::FromMinorUnits(minor_units, terms.amount.currency())) {
    Write(*money, out);
  }
}

void WriteEvents(const Voucher& voucher, const VoucherLife& life, v1::Voucher& out) {
  v1::VoucherEvent& issued = *out.add_events();
  issued.set_kind(v1::VOUCHER_EVENT_KIND_ISSUED);
  Write(voucher.issued_at, *issued.mutable_occurred_at());
  Write(voucher.terms.amount, *issued.mutable_amount());
  for (const VoucherEvent& event : life.events) {
    v1::VoucherEvent& added = *out.add_events();
    added.set_kind(KindToProto(event.kind));
    Write(event.at, *added.mutable_occurred_at());
    WriteAmount(event.minor_units, voucher.terms, *added.mutable_amount());
    added.set_id(event.id);
    added.set_order_id(event.order.text());
  }
  out.set_events_omitted(life.events_omitted);
}

void WriteTerms(const Voucher& voucher, v1::Voucher& out) {
  Write(voucher.terms.amount, *out.mutable_amount());
  if (voucher.terms.minimum_order) {
    Write(*voucher.terms.minimum_order, *out.mutable_minimum_order());
  }
  Write(voucher.issued_at, *out.mutable_issued_at());
  Write(voucher.usable_until(), *out.mutable_valid_until());
  out.set_time_zone(voucher.terms.zone);
  out.set_transferable(voucher.terms.transferable);
  out.set_stored_value(voucher.terms.stored_value);
}

}  // namespace

void Write(const Voucher& voucher, std::optional<Instant> now, v1::Voucher& out) {
  const VoucherLife life = now ? Settled(voucher.terms, voucher.life, *now) : voucher.life;
  out.set_incident_id(voucher.incident.text());
  out.set_customer_id(voucher.customer.text());
  out.set_policy(voucher.policy.text());
  WriteTerms(voucher, out);
  WriteAmount(life.remaining_minor_units, voucher.terms, *out.mutable_remaining());
  WriteAmount(FreeMinorUnits(life), voucher.terms, *out.mutable_available());
  out.set_state(StateToProto(ViewOf(life)));
  for (const Redemption& redemption : life.redemptions) {
    Write(redemption, *out.add_redemptions());
  }
  for (const Reservation& reservation : life.reservations) {
    Write(reservation, voucher.terms.amount.currency(), *out.add_reservations());
  }
  WriteEvents(voucher, life, out);
  Write(voucher.delivery, *out.mutable_delivery());
  out.set_voucher_id(voucher.id);
  if (life.revocation) {
    out.set_revocation_reason(life.revocation->reason);
  }
  out.set_reissued_as(voucher.reissued_as);
  out.set_reissued_from(voucher.reissued_from);
}

void Write(const Redemption& redemption, v1::Redemption& out) {
  out.set_redemption_id(redemption.id.text());
  out.set_order_id(redemption.order.text());
  Write(redemption.amount, *out.mutable_amount());
  Write(redemption.at, *out.mutable_redeemed_at());
  if (redemption.reversed_at) {
    Write(*redemption.reversed_at, *out.mutable_reversed_at());
  }
}

void Write(const Reservation& reservation, Currency currency, v1::Reservation& out) {
  out.set_reservation_id(reservation.id.text());
  out.set_order_id(reservation.order.text());
  if (const auto amount = Money::FromMinorUnits(reservation.minor_units, currency)) {
    Write(*amount, *out.mutable_amount());
  }
  Write(reservation.made_at, *out.mutable_reserved_at());
  Write(reservation.expires_at, *out.mutable_expires_at());
  out.set_state(StateToProto(reservation.state));
}

}  // namespace kulanz::rpc
