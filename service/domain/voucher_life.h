// VoucherLife: what changes in a voucher from issue to its end, and what time alone does to it.
//
// A voucher's worth goes four ways: it remains, it is taken by redemptions, or it is void (expired, revoked
// or moved to another voucher). At every moment
//
//   amount = remaining + voided + the redemptions that were not reversed
//
// and the sum of what is held for orders is at most what remains. AuditVoucherLife says where a life breaks
// this. voucher_commands.h has the changes that callers make. Amounts are whole minor units of the terms'
// currency. Plain values and pure functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "service/domain/decision.h"
#include "service/domain/ids.h"
#include "service/domain/money.h"
#include "service/domain/time.h"

namespace kulanz {

// kRedeemed: nothing remains, the last of it was redeemed. kReissued: another voucher took its place.
// The numbers are stored; add at the end only.
enum class VoucherState : std::uint8_t { kIssued, kRedeemed, kRevoked, kExpired, kReissued };
std::string_view VoucherStateName(VoucherState state);  // "issued", "redeemed", ...

// One use of a voucher. Its id is the shop's; repeating it is a success, not a second redemption.
struct Redemption {
  RedemptionId id;
  OrderId order;
  Money amount;
  Instant at{};
  // The order was cancelled and the amount went back. The id stays, so that it never redeems again; one that
  // was cancelled before it was ever redeemed stands here with an amount of nothing.
  std::optional<Instant> reversed_at = std::nullopt;
  friend bool operator==(const Redemption&, const Redemption&) = default;
};

// kHeld: until `expires_at`. The numbers are stored; add at the end only.
enum class ReservationState : std::uint8_t { kHeld, kUsed, kReleased, kLapsed };
std::string_view ReservationStateName(ReservationState state);  // "held", "used", ...

// Worth that is kept for one order. It outlives the voucher's last instant: who paid at 23:59 may still use
// what was held.
struct Reservation {
  ReservationId id;  // the shop's
  OrderId order;
  std::int64_t minor_units = 0;
  Instant made_at{};
  Instant expires_at{};  // the last instant at which it holds
  ReservationState state = ReservationState::kHeld;
  Instant ended_at{};  // unless it is held
  friend bool operator==(const Reservation&, const Reservation&) = default;
};

// The numbers are stored; add at the end only.
enum class VoucherEventKind : std::uint8_t {
  kIssued,
  kReserved,
  kReleased,  // by the shop, by a redemption of less, or by time
  kRedeemed,
  kReversed,
  kRevoked,
  kReissued,
  kExpired,
};
std::string_view VoucherEventKindName(VoucherEventKind kind);  // "issued", "reserved", ...

struct VoucherEvent {
  VoucherEventKind kind = VoucherEventKind::kIssued;
  Instant at{};
  std::int64_t minor_units = 0;  // what it moved or held
  std::string id;  // of the reservation, redemption, revocation or reissue; may be empty
  OrderId order;   // may be empty
  friend bool operator==(const VoucherEvent&, const VoucherEvent&) = default;
};

struct Revocation {
  RevocationId id;
  std::string reason;  // for people
  Instant at{};
  friend bool operator==(const Revocation&, const Revocation&) = default;
};

// In the old voucher: that and why another one took its place.
struct Reissue {
  ReissueId id;
  std::string reason;  // for people
  Instant at{};
  friend bool operator==(const Reissue&, const Reissue&) = default;
};

// A record must stay below the store's 64 kB with ids of 128 bytes; a test encodes the largest.
inline constexpr std::size_t kVoucherRedemptionsMax = 64;   // reversed ones count
inline constexpr std::size_t kReservationsHeldMax = 8;      // orders at once on one stored value
inline constexpr std::size_t kReservationsEndedMax = 16;    // remembered; the oldest is forgotten
inline constexpr std::size_t kVoucherEventsMax = 48;        // see AddEvent
inline constexpr std::size_t kVoucherReasonBytesMax = 512;  // of a revocation or reissue

struct VoucherLife {
  VoucherState state = VoucherState::kIssued;
  std::int64_t remaining_minor_units = 0;
  std::int64_t voided_minor_units = 0;  // expired, revoked, moved
  // Later than the terms say: a reversal came after the end.
  std::optional<Instant> extended_until;
  std::vector<Reservation> reservations;  // oldest first
  std::vector<Redemption> redemptions;    // oldest first
  // All but kIssued, which is the decision's; oldest first. Past kVoucherEventsMax the oldest reserved or
  // released one goes first, then the oldest: what money needs stands in the lists above.
  std::vector<VoucherEvent> events;
  std::uint32_t events_omitted = 0;
  std::optional<Revocation> revocation;
  std::optional<Reissue> reissue;
  friend bool operator==(const VoucherLife&, const VoucherLife&) = default;
};

// A state as people see it: an issued voucher of which all is held is reserved.
enum class VoucherView : std::uint8_t {
  kIssued,
  kReserved,
  kRedeemed,
  kRevoked,
  kExpired,
  kReissued
};

// Of a voucher that was just issued.
VoucherLife NewVoucherLife(const VoucherTerms& terms);

// The last instant at which it may be redeemed without a reservation.
Instant UsableUntil(const VoucherTerms& terms, const VoucherLife& life);

// What is held for orders, and what may be redeemed or held by another.
std::int64_t HeldMinorUnits(const VoucherLife& life);
std::int64_t FreeMinorUnits(const VoucherLife& life);

VoucherView ViewOf(const VoucherLife& life);

const Redemption* FindRedemption(const VoucherLife& life, const RedemptionId& id);
const Reservation* FindReservation(const VoucherLife& life, const ReservationId& id);

void AddEvent(VoucherLife& life, VoucherEvent event);

// The life at `now`: reservations past their end have lapsed, and what nobody held at the last instant has
// expired. It makes no difference whether, when or how often it was settled before, so nothing depends on
// the agenda.
VoucherLife Settled(const VoucherTerms& terms, VoucherLife life, Instant now);

// When time will next change the life, if nobody does before: after this instant. Nothing: never.
std::optional<Instant> NextSettlement(const VoucherTerms& terms, const VoucherLife& life);

// Every rule above that the life breaks, in words; empty when it is sound.
std::vector<std::string> AuditVoucherLife(const VoucherTerms& terms, const VoucherLife& life);

}  // namespace kulanz
