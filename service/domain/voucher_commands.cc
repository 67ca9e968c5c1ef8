#include "service/domain/voucher_commands.h"

#include <algorithm>
#include <string_view>
#include <utility>

namespace kulanz {
namespace {

Status Refused(std::string_view reason, std::string message) {
  return {Code::kFailedPrecondition, reason, std::move(message)};
}

Status IdConflict(std::string_view reason, std::string_view what, const std::string& id,
                  std::string_view key) {
  return Status(Code::kAlreadyExists, reason,
                std::string(what) + " '" + id + "' was made with other content before")
      .WithMetadata(std::string(key), id);
}

// One command on one life; `life_` was settled and is changed in place.
class Execution {
 public:
  Execution(const VoucherTerms& terms, VoucherLife life, Instant now)
      : terms_(terms), life_(std::move(life)), now_(now) {}

  Status operator()(const ReserveCommand& command) {
    if (const Reservation* known = FindReservation(life_, command.id)) {
      const bool same = known->order == command.order &&
                        known->expires_at - known->made_at == command.hold_for &&
                        (!command.amount || command.amount == AmountOf(known->minor_units));
      return same ? Replay()
                  : IdConflict("RESERVATION_CONFLICT", "reservation", command.id.text(),
                               "reservationId");
    }
    KULANZ_RETURN_IF_ERROR(CheckOpen());
    if (now_ > UsableUntil(terms_, life_)) {
      return Expired();
    }
    KULANZ_RETURN_IF_ERROR(CheckOrder(command.amount, command.order_total, false));
    KULANZ_ASSIGN_OR_RETURN(const std::int64_t wanted,
                            Wanted(command.amount, command.order_total, nullptr));
    const auto held = std::count_if(life_.reservations.begin(), life_.reservations.end(),
                                    [](const Reservation& reservation) {
                                      return reservation.state == ReservationState::kHeld;
                                    });
    if (static_cast<std::size_t>(held) >= kReservationsHeldMax) {
      return Refused("TOO_MANY_RESERVATIONS", "the voucher is held for " + std::to_string(held) +
                                                  " orders; no more are possible");
    }
    life_.reservations.push_back({command.id, command.order, wanted, now_,
                                  std::min(now_ + command.hold_for, kMaxInstant),
                                  ReservationState::kHeld, Instant{}});
    Happened(VoucherEventKind::kReserved, wanted, command.id.text(), command.order);
    return Status::Ok();
  }

  Status operator()(const RedeemCommand& command) {
    if (const Redemption* known = FindRedemption(life_, command.id)) {
      return Repeat(*known, command);
    }
    KULANZ_RETURN_IF_ERROR(CheckOpen());
    KULANZ_ASSIGN_OR_RETURN(Reservation * own, OwnReservation(command));
    if (own == nullptr && now_ > UsableUntil(terms_, life_)) {
      return Expired();
    }
    KULANZ_RETURN_IF_ERROR(CheckOrder(command.amount, command.order_total, own != nullptr));
    KULANZ_ASSIGN_OR_RETURN(const std::int64_t wanted,
                            Wanted(command.amount, command.order_total, own));
    KULANZ_RETURN_IF_ERROR(CheckRoomForRedemption());
    if (own != nullptr) {
      own->state = ReservationState::kUsed;
      own->ended_at = now_;
    }
    life_.remaining_minor_units -= wanted;
    if (life_.remaining_minor_units == 0) {
      life_.state = VoucherState::kRedeemed;
    }
    life_.redemptions.push_back({command.id, command.order, AmountOf(wanted), now_, std::nullopt});
    flow_.redeemed += wanted;
    Happened(VoucherEventKind::kRedeemed, wanted, command.id.text(), command.order);
    return Status::Ok();
  }

  Status operator()(const ReleaseCommand& command) {
    const auto at = std::find_if(
        life_.reservations.begin(), life_.reservations.end(),
        [&command](const Reservation& reservation) { return reservation.id == command.id; });
    if (at == life_.reservations.end()) {
      return {Code::kNotFound, "RESERVATION_NOT_FOUND", "the voucher has no such reservation"};
    }
    switch (at->state) {
      case ReservationState::kReleased:
      case ReservationState::kLapsed:
        return Replay();
      case ReservationState::kUsed:
        return Refused("RESERVATION_USED", "the reservation was redeemed; reverse the redemption");
      case ReservationState::kHeld:
        break;
    }
    Release(*at);
    return Status::Ok();
  }

  Status operator()(const ReverseCommand& command) {
    const auto at = std::find_if(
        life_.redemptions.begin(), life_.redemptions.end(),
        [&command](const Redemption& redemption) { return redemption.id == command.id; });
    if (at != life_.redemptions.end()) {
      if (at->order != command.order) {
        return IdConflict("REDEMPTION_CONFLICT", "redemption", command.id.text(), "redemptionId");
      }
      if (at->reversed_at) {
        return Replay();
      }
    }
    if (life_.state == VoucherState::kRevoked || life_.state == VoucherState::kReissued) {
      return CheckOpen();
    }
    if (at == life_.redemptions.end()) {
      KULANZ_RETURN_IF_ERROR(CheckRoomForRedemption());
      life_.redemptions.push_back({command.id, command.order, AmountOf(0), now_, now_});
      Happened(VoucherEventKind::kReversed, 0, command.id.text(), command.order);
      return Status::Ok();
    }
    const std::int64_t back = at->amount.minor_units();
    at->reversed_at = now_;
    life_.remaining_minor_units += back;
    life_.state = back > 0 ? VoucherState::kIssued : life_.state;
    if (now_ > UsableUntil(terms_, life_) && command.grace_until > now_) {
      life_.extended_until = command.grace_until;
    }
    flow_.reversed += back;
    Happened(VoucherEventKind::kReversed, back, command.id.text(), command.order);
    return Status::Ok();
  }

  Status operator()(const RevokeCommand& command) {
    if (life_.revocation && life_.revocation->id == command.id) {
      return life_.revocation->reason == command.reason
                 ? Replay()
                 : IdConflict("REVOCATION_CONFLICT", "revocation", command.id.text(),
                              "revocationId");
    }
    KULANZ_RETURN_IF_ERROR(CheckOpen());
    ReleaseAll();
    const std::int64_t rest = std::exchange(life_.remaining_minor_units, 0);
    life_.voided_minor_units += rest;
    life_.state = VoucherState::kRevoked;
    life_.revocation = Revocation{command.id, command.reason, now_};
    flow_.revoked += rest;
    Happened(VoucherEventKind::kRevoked, rest, command.id.text(), OrderId());
    return Status::Ok();
  }

  Status operator()(const ReissueCommand& command) {
    if (life_.reissue && life_.reissue->id == command.id) {
      return life_.reissue->reason == command.reason
                 ? Replay()
                 : IdConflict("REISSUE_CONFLICT", "reissue", command.id.text(), "reissueId");
    }
    KULANZ_RETURN_IF_ERROR(CheckOpen());
    if (HeldMinorUnits(life_) > 0) {
      return Held();
    }
    Happened(VoucherEventKind::kReissued, life_.remaining_minor_units, command.id.text(),
             OrderId());
    successor_ = life_;
    VoucherLife old;
    old.state = VoucherState::kReissued;
    old.voided_minor_units = terms_.amount.minor_units();
    old.events.push_back(life_.events.back());
    old.reissue = Reissue{command.id, command.reason, now_};
    life_ = std::move(old);
    return Status::Ok();
  }

  Status operator()(const SettleCommand&) { return Status::Ok(); }

  VoucherChange Finish(const VoucherLife& before, const VoucherLife& settled) && {
    VoucherChange change;
    change.replayed = replayed_;
    change.flow = flow_;
    change.successor = std::move(successor_);
    // What a command freed after the end expires in the same step.
    change.life = Settled(terms_, std::move(life_), now_);
    if (!change.successor) {
      const std::int64_t revoked = flow_.revoked;
      change.flow.expired = change.life.voided_minor_units - before.voided_minor_units - revoked;
    } else {
      change.flow.expired = settled.voided_minor_units - before.voided_minor_units;
    }
    change.changed = change.life != before;
    return change;
  }

 private:
  Money AmountOf(std::int64_t minor_units) const {
    return Money::FromMinorUnits(minor_units, terms_.amount.currency()).value_or(terms_.amount);
  }

  void Happened(VoucherEventKind kind, std::int64_t minor_units, std::string id, OrderId order) {
    AddEvent(life_, {kind, now_, minor_units, std::move(id), std::move(order)});
  }

  Status Replay() {
    replayed_ = true;
    return Status::Ok();
  }

  Status Repeat(const Redemption& known, const RedeemCommand& command) {
    if (known.order != command.order ||
        (!known.reversed_at && command.amount && *command.amount != known.amount)) {
      return IdConflict("REDEMPTION_CONFLICT", "redemption", command.id.text(), "redemptionId");
    }
    return known.reversed_at ? Refused("REDEMPTION_REVERSED",
                                       "this redemption was reversed; a new one needs an "
                                       "id of its own")
                             : Replay();
  }

  Status Expired() const {
    const std::string until = FormatInstant(UsableUntil(terms_, life_));
    return Refused("VOUCHER_EXPIRED", "the voucher was valid until " + until)
        .WithMetadata("validUntil", until);
  }

  // The state alone refuses whatever is new.
  Status CheckOpen() const {
    switch (life_.state) {
      case VoucherState::kIssued:
        return Status::Ok();
      case VoucherState::kRedeemed:
        return Refused("VOUCHER_REDEEMED", "the voucher has been redeemed");
      case VoucherState::kRevoked:
        return Refused("VOUCHER_REVOKED", "the voucher was revoked");
      case VoucherState::kReissued:
        return Refused("VOUCHER_REISSUED", "another voucher took its place");
      case VoucherState::kExpired:
        break;
    }
    return Expired();
  }

  Status CheckOrder(const std::optional<Money>& amount, const std::optional<Money>& total,
                    bool reserved) const {
    const Currency currency = terms_.amount.currency();
    if ((total && total->currency() != currency) || (amount && amount->currency() != currency)) {
      return Refused("CURRENCY_MISMATCH", "the voucher is in " + std::string(currency.code()));
    }
    if (!terms_.minimum_order || (reserved && !total)) {
      return Status::Ok();
    }
    if (total && total->Compare(*terms_.minimum_order) >= 0) {
      return Status::Ok();
    }
    return Refused("ORDER_BELOW_MINIMUM",
                   "the voucher needs an order of at least " + terms_.minimum_order->ToString())
        .WithMetadata("minimumOrder", terms_.minimum_order->ToString());
  }

  Status CheckRoomForRedemption() const {
    return life_.redemptions.size() < kVoucherRedemptionsMax
               ? Status::Ok()
               : Refused("TOO_MANY_REDEMPTIONS",
                         "the voucher was redeemed and reversed so often "
                         "that a person has to look");
  }

  // Enough is left, but not free.
  Status Held() const {
    Instant until = now_;
    for (const Reservation& reservation : life_.reservations) {
      if (reservation.state == ReservationState::kHeld) {
        until = std::max(until, reservation.expires_at);
      }
    }
    return Refused("VOUCHER_HELD", "the voucher is held for another order")
        .WithMetadata("heldUntil", FormatInstant(until));
  }

  // The reservation that a redemption uses up: the one it names, or one that its order has.
  Result<Reservation*> OwnReservation(const RedeemCommand& command) {
    for (Reservation& reservation : life_.reservations) {
      const bool held = reservation.state == ReservationState::kHeld;
      if (!command.reservation && held && reservation.order == command.order) {
        return &reservation;
      }
      if (!command.reservation || reservation.id != *command.reservation) {
        continue;
      }
      if (reservation.order != command.order) {
        return Held();
      }
      if (reservation.state == ReservationState::kReleased) {
        return Refused("RESERVATION_RELEASED", "the reservation was released before");
      }
      if (reservation.state == ReservationState::kUsed) {
        return Refused("RESERVATION_USED", "the reservation was redeemed under another id");
      }
      return held ? &reservation : nullptr;
    }
    if (command.reservation) {
      return Status(Code::kNotFound, "RESERVATION_NOT_FOUND",
                    "the voucher has no such reservation");
    }
    return nullptr;
  }

  // How much is to be held or taken, of what others have not held.
  Result<std::int64_t> Wanted(const std::optional<Money>& amount, const std::optional<Money>& total,
                              const Reservation* own) const {
    const std::int64_t available = FreeMinorUnits(life_) + (own != nullptr ? own->minor_units : 0);
    const std::int64_t remaining = life_.remaining_minor_units;
    if (!terms_.stored_value) {
      if (amount && amount->minor_units() != remaining) {
        return Refused("VOUCHER_INDIVISIBLE",
                       "the voucher is used once and as a whole: " + AmountOf(remaining).ToString())
            .WithMetadata("remaining", AmountOf(remaining).ToString());
      }
      return available == remaining ? Result<std::int64_t>(remaining) : Held();
    }
    if (available == 0) {
      return Held();
    }
    std::int64_t wanted = own != nullptr ? own->minor_units : available;
    if (amount) {
      wanted = amount->minor_units();
    } else if (total) {
      wanted = std::min(wanted, total->minor_units());
    }
    if (wanted <= 0) {
      return Refused("NOTHING_TO_REDEEM", "an order of nothing needs no voucher");
    }
    if (wanted > remaining) {
      return Refused("BALANCE_INSUFFICIENT", "the voucher has " + AmountOf(remaining).ToString())
          .WithMetadata("remaining", AmountOf(remaining).ToString());
    }
    return wanted <= available ? Result<std::int64_t>(wanted) : Held();
  }

  void Release(Reservation& reservation) {
    reservation.state = ReservationState::kReleased;
    reservation.ended_at = now_;
    Happened(VoucherEventKind::kReleased, reservation.minor_units, reservation.id.text(),
             reservation.order);
  }
  void ReleaseAll() {
    for (Reservation& reservation : life_.reservations) {
      if (reservation.state == ReservationState::kHeld) {
        Release(reservation);
      }
    }
  }

  const VoucherTerms& terms_;
  VoucherLife life_;
  const Instant now_;
  bool replayed_ = false;
  VoucherFlow flow_;
  std::optional<VoucherLife> successor_;
};

}  // namespace

Result<VoucherChange> Apply(const VoucherTerms& terms, const VoucherLife& life,
                            const VoucherCommand& command, Instant now) {
  const VoucherLife settled = Settled(terms, life, now);
  Execution execution(terms, settled, now);
  KULANZ_RETURN_IF_ERROR(std::visit(execution, command));
  return std::move(execution).Finish(life, settled);
}

}  // namespace kulanz
