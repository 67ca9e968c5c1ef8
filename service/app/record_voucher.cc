// A voucher's life as a record.
#include <utility>

#include "kulanz/record/v1/record.pb.h"
#include "service/app/record_fields.h"

namespace kulanz::app {
namespace {

namespace pb = kulanz::record::v1;

void WriteReservation(const Reservation& reservation, pb::Reservation& out) {
  out.set_id(reservation.id.text());
  out.set_order(reservation.order.text());
  out.set_minor_units(reservation.minor_units);
  out.set_made_at_ms(ToMillis(reservation.made_at));
  out.set_expires_at_ms(ToMillis(reservation.expires_at));
  out.set_state(static_cast<std::uint32_t>(reservation.state));
  out.set_ended_at_ms(ToMillis(reservation.ended_at));
}

bool ReadReservation(const pb::Reservation& in, Reservation& reservation) {
  reservation = {ReservationId(in.id()),
                 OrderId(in.order()),
                 in.minor_units(),
                 InstantFromMillis(in.made_at_ms()),
                 InstantFromMillis(in.expires_at_ms()),
                 ReservationState::kHeld,
                 InstantFromMillis(in.ended_at_ms())};
  return ReadRecordEnum(in.state(), ReservationState::kLapsed, reservation.state);
}

void WriteRedemption(const Redemption& redemption, pb::Redemption& out) {
  out.set_id(redemption.id.text());
  out.set_order(redemption.order.text());
  WriteMoney(redemption.amount, *out.mutable_amount());
  out.set_at_ms(ToMillis(redemption.at));
  if (redemption.reversed_at) {
    out.set_reversed_at_ms(ToMillis(*redemption.reversed_at));
  }
}

bool ReadRedemptions(const pb::Voucher& in, VoucherLife& life) {
  for (const pb::Redemption& redemption : in.redemptions()) {
    const auto amount = ReadMoney(redemption.amount());
    if (!amount) {
      return false;
    }
    life.redemptions.push_back({RedemptionId(redemption.id()), OrderId(redemption.order()), *amount,
                                InstantFromMillis(redemption.at_ms()), std::nullopt});
    if (redemption.has_reversed_at_ms()) {
      life.redemptions.back().reversed_at = InstantFromMillis(redemption.reversed_at_ms());
    }
  }
  return true;
}

bool ReadVoucherEvents(const pb::Voucher& in, VoucherLife& life) {
  for (const pb::VoucherEvent& event : in.events()) {
    VoucherEvent& read = life.events.emplace_back();
    read.at = InstantFromMillis(event.at_ms());
    read.minor_units = event.minor_units();
    read.id = event.id();
    read.order = OrderId(event.order());
    if (!ReadRecordEnum(event.kind(), VoucherEventKind::kExpired, read.kind)) {
      return false;
    }
  }
  life.events_omitted = in.events_omitted();
  return true;
}

template <typename End>
void WriteEnd(const End& end, pb::VoucherEnd& out) {
  out.set_id(end.id.text());
  out.set_reason(end.reason);
  out.set_at_ms(ToMillis(end.at));
}

template <typename End>
End ReadEnd(const pb::VoucherEnd& in) {
  return {decltype(End::id)(in.id()), in.reason(), InstantFromMillis(in.at_ms())};
}

}  // namespace

void WriteVoucherLife(const VoucherLife& life, pb::Voucher& out) {
  out.set_state(static_cast<std::uint32_t>(life.state));
  out.set_remaining_minor_units(life.remaining_minor_units);
  out.set_voided_minor_units(life.voided_minor_units);
  if (life.extended_until) {
    out.set_extended_until_ms(ToMillis(*life.extended_until));
  }
  for (const Reservation& reservation : life.reservations) {
    WriteReservation(reservation, *out.add_reservations());
  }
  for (const Redemption& redemption : life.redemptions) {
    WriteRedemption(redemption, *out.add_redemptions());
  }
  for (const VoucherEvent& event : life.events) {
    pb::VoucherEvent& added = *out.add_events();
    added.set_kind(static_cast<std::uint32_t>(event.kind));
    added.set_at_ms(ToMillis(event.at));
    added.set_minor_units(event.minor_units);
    added.set_id(event.id);
    added.set_order(event.order.text());
  }
  out.set_events_omitted(life.events_omitted);
  if (life.revocation) {
    WriteEnd(*life.revocation, *out.mutable_revocation());
  }
  if (life.reissue) {
    WriteEnd(*life.reissue, *out.mutable_reissue());
  }
}

bool ReadVoucherLife(const pb::Voucher& in, VoucherLife& life) {
  life.remaining_minor_units = in.remaining_minor_units();
  life.voided_minor_units = in.voided_minor_units();
  if (in.has_extended_until_ms()) {
    life.extended_until = InstantFromMillis(in.extended_until_ms());
  }
  for (const pb::Reservation& reservation : in.reservations()) {
    if (!ReadReservation(reservation, life.reservations.emplace_back())) {
      return false;
    }
  }
  if (in.has_revocation()) {
    life.revocation = ReadEnd<Revocation>(in.revocation());
  }
  if (in.has_reissue()) {
    life.reissue = ReadEnd<Reissue>(in.reissue());
  }
  return ReadRecordEnum(in.state(), VoucherState::kReissued, life.state) &&
         ReadRedemptions(in, life) && ReadVoucherEvents(in, life);
}

}  // namespace kulanz::app
