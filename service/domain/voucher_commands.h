// What callers do to a voucher: (terms, life, command, now) -> the next life, or a refusal. Pure.
//
// The one place that decides about a voucher's worth: the service, the tests and an auditor use it alike.
// Who may call, and whose voucher it is, is asked before. Each command has an id of its own, and repeating it
// is a success without effect (`replayed`); the same id with other content is ALREADY_EXISTS. A refusal has no
// effect. All refusals:
//
//   FAILED_PRECONDITION / VOUCHER_REDEEMED      nothing is left.
//   FAILED_PRECONDITION / VOUCHER_HELD          enough is left, but held for another order ("heldUntil").
//   FAILED_PRECONDITION / BALANCE_INSUFFICIENT  less is left than was asked for ("remaining").
//   FAILED_PRECONDITION / VOUCHER_EXPIRED, VOUCHER_REVOKED, VOUCHER_REISSUED
//   FAILED_PRECONDITION / VOUCHER_INDIVISIBLE   a part of a single-use voucher.
//   FAILED_PRECONDITION / ORDER_BELOW_MINIMUM, CURRENCY_MISMATCH, NOTHING_TO_REDEEM
//   FAILED_PRECONDITION / REDEMPTION_REVERSED   the id was reversed and redeems nothing ever again.
//   FAILED_PRECONDITION / RESERVATION_RELEASED, RESERVATION_USED
//   FAILED_PRECONDITION / TOO_MANY_REDEMPTIONS, TOO_MANY_RESERVATIONS
//   NOT_FOUND / RESERVATION_NOT_FOUND
//   ALREADY_EXISTS / REDEMPTION_CONFLICT, RESERVATION_CONFLICT, REVOCATION_CONFLICT, REISSUE_CONFLICT
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "service/base/result.h"
#include "service/domain/voucher_life.h"

namespace kulanz {

inline constexpr Duration kHoldDefault = std::chrono::minutes{30};
inline constexpr Duration kHoldMin = std::chrono::seconds{1};
inline constexpr Duration kHoldMax = std::chrono::days{7};

// Keeps worth for an order. Single use: the whole. Stored value: `amount`, or as much as the order can take.
struct ReserveCommand {
  ReservationId id;
  OrderId order;
  std::optional<Money> amount;
  std::optional<Money> order_total;  // needed where there is a minimum order
  Duration hold_for = kHoldDefault;
};
// Takes worth, from the order's own reservation where there is one, otherwise from what nobody holds. A
// reservation that has lapsed is no hindrance: what is free then is taken.
struct RedeemCommand {
  RedemptionId id;
  OrderId order;
  std::optional<Money> amount;  // as in ReserveCommand; from a reservation: what it held
  std::optional<Money>
      order_total;  // needed where there is a minimum order, unless it was reserved
  std::optional<ReservationId> reservation;
};
// Repeated, or after it lapsed: a success without effect.
struct ReleaseCommand {
  ReservationId id;
};
// The order was cancelled: its worth comes back. What has expired meanwhile stays expired, but what comes
// back may be used until `grace_until`. An id that was never redeemed is marked, so that a redemption that is
// still on its way finds it reversed.
struct ReverseCommand {
  RedemptionId id;
  OrderId order;
  Instant grace_until{};
};
// Ends it. What was redeemed stays redeemed.
struct RevokeCommand {
  RevocationId id;
  std::string reason;
};
// Ends it in favour of another one with the same life. Not while something is held.
struct ReissueCommand {
  ReissueId id;
  std::string reason;
};
// Nothing but what time has done.
struct SettleCommand {};

using VoucherCommand = std::variant<ReserveCommand, RedeemCommand, ReleaseCommand, ReverseCommand,
                                    RevokeCommand, ReissueCommand, SettleCommand>;

// What a change moved, each not negative, in minor units. The outstanding liability of all vouchers is what
// was issued less everything here, but `reversed`, which adds to it.
struct VoucherFlow {
  std::int64_t redeemed = 0;
  std::int64_t reversed = 0;
  std::int64_t revoked = 0;
  std::int64_t expired = 0;
  std::int64_t liability() const { return reversed - redeemed - revoked - expired; }
  friend bool operator==(const VoucherFlow&, const VoucherFlow&) = default;
};

struct VoucherChange {
  VoucherLife life;
  bool replayed = false;                 // the command had been done before
  VoucherFlow flow;                      // against the life before, time's part included
  std::optional<VoucherLife> successor;  // of a ReissueCommand: the life of the other voucher
  // Of the life before, whether this one differs (so that it is worth writing).
  bool changed = false;
};

Result<VoucherChange> Apply(const VoucherTerms& terms, const VoucherLife& life,
                            const VoucherCommand& command, Instant now);

}  // namespace kulanz
