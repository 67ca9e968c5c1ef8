#include "service/domain/voucher_life.h"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

namespace kulanz {
namespace {

bool IsHeld(const Reservation& reservation) { return reservation.state == ReservationState::kHeld; }

// When something last ended: what it freed after the voucher's end expires then.
Instant LastEnd(const VoucherLife& life, Instant at_least) {
  Instant last = at_least;
  for (const Reservation& reservation : life.reservations) {
    if (!IsHeld(reservation)) {
      last = std::max(last, reservation.ended_at);
    }
  }
  return last;
}

void ExpireFree(VoucherLife& life, Instant until) {
  const std::int64_t free = FreeMinorUnits(life);
  if (life.state != VoucherState::kIssued || free <= 0) {
    return;
  }
  life.remaining_minor_units -= free;
  life.voided_minor_units += free;
  if (life.remaining_minor_units == 0) {
    life.state = VoucherState::kExpired;
  }
  AddEvent(life, {VoucherEventKind::kExpired, LastEnd(life, until), free, {}, {}});
}

void ForgetEndedReservations(VoucherLife& life) {
  auto ended = static_cast<std::size_t>(
      std::count_if(life.reservations.begin(), life.reservations.end(),
                    [](const Reservation& reservation) { return !IsHeld(reservation); }));
  for (auto at = life.reservations.begin(); ended > kReservationsEndedMax;) {
    if (IsHeld(*at)) {
      ++at;
    } else {
      at = life.reservations.erase(at);
      --ended;
    }
  }
}

std::int64_t Redeemed(const VoucherLife& life) {
  std::int64_t sum = 0;
  for (const Redemption& redemption : life.redemptions) {
    sum += redemption.reversed_at ? 0 : redemption.amount.minor_units();
  }
  return sum;
}

template <typename Items>
bool HasDoubles(const Items& items) {
  std::set<std::string_view> ids;
  return std::any_of(items.begin(), items.end(),
                     [&ids](const auto& item) { return !ids.insert(item.id.text()).second; });
}

}  // namespace

std::string_view VoucherStateName(VoucherState state) {
  constexpr std::array<std::string_view, 5> kNames = {"issued", "redeemed", "revoked", "expired",
                                                      "reissued"};
  return kNames.at(static_cast<std::size_t>(state));
}

std::string_view ReservationStateName(ReservationState state) {
  constexpr std::array<std::string_view, 4> kNames = {"held", "used", "released", "lapsed"};
  return kNames.at(static_cast<std::size_t>(state));
}

std::string_view VoucherEventKindName(VoucherEventKind kind) {
  constexpr std::array<std::string_view, 8> kNames = {
      "issued", "reserved", "released", "redeemed", "reversed", "revoked", "reissued", "expired"};
  return kNames.at(static_cast<std::size_t>(kind));
}

VoucherLife NewVoucherLife(const VoucherTerms& terms) {
  VoucherLife life;
  life.remaining_minor_units = terms.amount.minor_units();
  return life;
}

Instant UsableUntil(const VoucherTerms& terms, const VoucherLife& life) {
  return std::max(terms.valid_until, life.extended_until.value_or(terms.valid_until));
}

std::int64_t HeldMinorUnits(const VoucherLife& life) {
  std::int64_t sum = 0;
  for (const Reservation& reservation : life.reservations) {
    sum += IsHeld(reservation) ? reservation.minor_units : 0;
  }
  return sum;
}

std::int64_t FreeMinorUnits(const VoucherLife& life) {
  return life.remaining_minor_units - HeldMinorUnits(life);
}

VoucherView ViewOf(const VoucherLife& life) {
  switch (life.state) {
    case VoucherState::kIssued:
      return FreeMinorUnits(life) == 0 ? VoucherView::kReserved : VoucherView::kIssued;
    case VoucherState::kRedeemed:
      return VoucherView::kRedeemed;
    case VoucherState::kRevoked:
      return VoucherView::kRevoked;
    case VoucherState::kExpired:
      return VoucherView::kExpired;
    case VoucherState::kReissued:
      break;
  }
  return VoucherView::kReissued;
}

const Redemption* FindRedemption(const VoucherLife& life, const RedemptionId& id) {
  const auto at = std::find_if(life.redemptions.begin(), life.redemptions.end(),
                               [&id](const Redemption& redemption) { return redemption.id == id; });
  return at == life.redemptions.end() ? nullptr : &*at;
}

const Reservation* FindReservation(const VoucherLife& life, const ReservationId& id) {
  const auto at =
      std::find_if(life.reservations.begin(), life.reservations.end(),
                   [&id](const Reservation& reservation) { return reservation.id == id; });
  return at == life.reservations.end() ? nullptr : &*at;
}

void AddEvent(VoucherLife& life, VoucherEvent event) {
  life.events.push_back(std::move(event));
  while (life.events.size() > kVoucherEventsMax) {
    auto least = std::find_if(life.events.begin(), life.events.end(), [](const VoucherEvent& old) {
      return old.kind == VoucherEventKind::kReserved || old.kind == VoucherEventKind::kReleased;
    });
    life.events.erase(least == life.events.end() ? life.events.begin() : least);
    ++life.events_omitted;
  }
}

VoucherLife Settled(const VoucherTerms& terms, VoucherLife life, Instant now) {
  const Instant until = UsableUntil(terms, life);
  std::vector<Reservation*> lapsing;
  for (Reservation& reservation : life.reservations) {
    if (IsHeld(reservation) && reservation.expires_at < now) {
      lapsing.push_back(&reservation);
    }
  }
  std::stable_sort(lapsing.begin(), lapsing.end(), [](const Reservation* a, const Reservation* b) {
    return a->expires_at < b->expires_at;
  });
  for (Reservation* reservation : lapsing) {
    if (reservation->expires_at > until) {
      ExpireFree(life, until);
    }
    reservation->state = ReservationState::kLapsed;
    reservation->ended_at = reservation->expires_at;
    AddEvent(life, {VoucherEventKind::kReleased, reservation->ended_at, reservation->minor_units,
                    reservation->id.text(), reservation->order});
    if (reservation->expires_at > until) {
      ExpireFree(life, until);
    }
  }
  if (now > until) {
    ExpireFree(life, until);
  }
  ForgetEndedReservations(life);
  return life;
}

std::optional<Instant> NextSettlement(const VoucherTerms& terms, const VoucherLife& life) {
  std::optional<Instant> next;
  const auto consider = [&next](Instant at) { next = next ? std::min(*next, at) : at; };
  if (life.state == VoucherState::kIssued && FreeMinorUnits(life) > 0) {
    consider(UsableUntil(terms, life));
  }
  for (const Reservation& reservation : life.reservations) {
    if (IsHeld(reservation)) {
      consider(reservation.expires_at);
    }
  }
  return next;
}

std::vector<std::string> AuditVoucherLife(const VoucherTerms& terms, const VoucherLife& life) {
  std::vector<std::string> broken;
  const auto require = [&broken](bool holds, std::string_view rule) {
    if (!holds) {
      broken.emplace_back(rule);
    }
  };
  const std::int64_t held = HeldMinorUnits(life);
  require(life.remaining_minor_units >= 0, "what remains is not negative");
  require(life.voided_minor_units >= 0, "what is void is not negative");
  require(held <= life.remaining_minor_units, "no more is held than remains");
  require(terms.amount.minor_units() ==
              life.remaining_minor_units + life.voided_minor_units + Redeemed(life),
          "amount = remaining + void + redeemed");
  require((life.state == VoucherState::kIssued) == (life.remaining_minor_units > 0),
          "something remains in an issued voucher, and in no other");
  require((life.state == VoucherState::kRevoked) == life.revocation.has_value(),
          "a revoked voucher says why, and no other");
  require((life.state == VoucherState::kReissued) == life.reissue.has_value(),
          "a reissued voucher says why, and no other");
  require(life.state != VoucherState::kReissued || life.redemptions.empty(),
          "a reissued voucher has given its redemptions away");
  require(!HasDoubles(life.redemptions), "a redemption id stands once");
  require(!HasDoubles(life.reservations), "a reservation id stands once");
  require(std::all_of(life.redemptions.begin(), life.redemptions.end(),
                      [&terms](const Redemption& redemption) {
                        return redemption.amount.currency() == terms.amount.currency() &&
                               !redemption.amount.is_negative();
                      }),
          "a redemption takes money of the voucher's currency");
  require(std::all_of(life.reservations.begin(), life.reservations.end(),
                      [](const Reservation& reservation) { return reservation.minor_units > 0; }),
          "a reservation holds something");
  require(life.redemptions.size() <= kVoucherRedemptionsMax &&
              life.reservations.size() <= kReservationsHeldMax + kReservationsEndedMax &&
              life.events.size() <= kVoucherEventsMax,
          "its lists are within their limits");
  return broken;
}

}  // namespace kulanz
