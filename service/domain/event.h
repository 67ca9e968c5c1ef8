// Event: something that has happened to an incident, a voucher or a breaker, for whoever else has to know.
//
// Plain values. No event holds a voucher's code, and nothing personal but the customer's id.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "service/domain/ids.h"
#include "service/domain/money.h"
#include "service/domain/time.h"

namespace kulanz {

// The numbers are stored; add at the end only, and to kEventTypeNames.
enum class EventType : std::uint8_t {
  kDecisionGranted,
  kDecisionDenied,
  kDecisionReview,  // a person has to look
  kDecisionApologised,
  kIncidentWithdrawn,
  kVoucherIssued,
  kVoucherReserved,
  kVoucherReleased,
  kVoucherRedeemed,
  kVoucherReversed,
  kVoucherRevoked,
  kVoucherReissued,
  kVoucherExpired,
  kBreakerTripped,  // too much at once: a person has to look
  kBreakerReleased,
};
inline constexpr std::array<std::string_view, 15> kEventTypeNames = {
    "decision.granted",   "decision.denied",  "decision.review",  "decision.apologised",
    "incident.withdrawn", "voucher.issued",   "voucher.reserved", "voucher.released",
    "voucher.redeemed",   "voucher.reversed", "voucher.revoked",  "voucher.reissued",
    "voucher.expired",    "breaker.tripped",  "breaker.released"};
constexpr std::string_view EventTypeName(EventType type) {
  return kEventTypeNames.at(static_cast<std::size_t>(type));
}
// Nothing for a name that there is not.
std::optional<EventType> EventTypeFrom(std::string_view name);

// Which types are told.
class EventTypes {
 public:
  static constexpr EventTypes All() {
    EventTypes types;
    types.bits_ = (1U << kEventTypeNames.size()) - 1;
    return types;
  }
  // Holds and their ends are many, and money moves with none of them.
  static constexpr EventTypes Default() {
    EventTypes types = All();
    types.Remove(EventType::kVoucherReserved);
    types.Remove(EventType::kVoucherReleased);
    return types;
  }
  constexpr void Add(EventType type) { bits_ |= Bit(type); }
  constexpr void Remove(EventType type) { bits_ &= ~Bit(type); }
  constexpr bool Has(EventType type) const { return (bits_ & Bit(type)) != 0; }
  constexpr bool empty() const { return bits_ == 0; }
  friend bool operator==(const EventTypes&, const EventTypes&) = default;

 private:
  static constexpr std::uint32_t Bit(EventType type) {
    return 1U << static_cast<std::uint32_t>(type);
  }
  std::uint32_t bits_ = 0;
};

struct Event {
  std::string id;  // "evt_" and 32 hexadecimal digits: the same however often it is told
  EventType type = EventType::kDecisionGranted;
  Instant at{};  // the store's time
  // Of every event but those of breakers.
  CustomerId customer;
  IncidentId incident;
  std::uint32_t revision = 0;  // of the incident
  std::string incident_type;
  PolicyId policy;     // may be empty
  std::string reason;  // of a decision: its token
  // Of a decision: what is given, or would have been. Of a voucher: what was issued, held, redeemed, ...
  // Of a breaker that tripped: what was given within its window, with what was too much.
  std::optional<Money> amount;
  // Of vouchers.
  std::string voucher_id;
  std::optional<Money> remaining;  // after the transaction
  std::optional<Instant> valid_until;
  std::string
      operation_id;  // the caller's: of the reservation, redemption, revocation, reissue or release
  OrderId order;     // may be empty
  std::string reissued_as;  // the id of the voucher in its place
  // Of breakers.
  std::string breaker;           // "type/late_delivery", "policy/late-delivery"
  std::int64_t gestures = 0;     // that tripped it, as `amount`
  std::uint32_t per_minute = 0;  // of a release: cases
  bool dismissed = false;        // of a release: they are denied
  friend bool operator==(const Event&, const Event&) = default;
};

}  // namespace kulanz
