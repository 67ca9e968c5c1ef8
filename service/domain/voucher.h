// Voucher: a code worth money, from issue to its end. The record never holds the code itself.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "service/domain/decision.h"
#include "service/domain/ids.h"
#include "service/domain/money.h"
#include "service/domain/time.h"
#include "service/domain/voucher_life.h"

namespace kulanz {

// kCancelled: the incident was withdrawn, or the voucher revoked or reissued, before the letter was sent.
// The numbers are stored.
enum class DeliveryState : std::uint8_t { kPending, kSent, kDead, kCancelled };
std::string_view DeliveryStateName(DeliveryState state);  // "pending", "sent", "dead", "cancelled"

// How far the letter is. Attempts are counted before they are made, so a crash in one still counts.
struct DeliveryProgress {
  DeliveryState state = DeliveryState::kPending;
  std::uint32_t attempts = 0;
  Instant updated_at{};    // of the last attempt; before any, when the voucher was issued
  std::string last_error;  // reason token of the last failure; empty after success
  friend bool operator==(const DeliveryProgress&, const DeliveryProgress&) = default;
};

struct Voucher {
  IncidentId incident;
  CustomerId customer;  // the holder
  PolicyId policy;
  VoucherTerms terms;
  Instant issued_at{};
  VoucherState state = VoucherState::kIssued;
  Money remaining;
  std::string secret_id;  // which secret made the code (base for rotation)
  std::vector<Redemption> redemptions;
  DeliveryTerms delivery_terms;
  DeliveryProgress delivery;
  std::string id = {};           // names it without being worth anything (app/voucher_reference.h)
  VoucherLife life = {};         // `state`, `remaining` and `redemptions` again, and all the rest
  std::string reissued_as = {};  // the id of the voucher in its place
  std::string reissued_from = {};  // the id of the voucher whose place it took

  // The last instant at which it may be redeemed, and whether that has passed.
  Instant usable_until() const { return UsableUntil(terms, life); }
  bool ExpiredAt(Instant now) const { return now > usable_until(); }
  friend bool operator==(const Voucher&, const Voucher&) = default;
};

}  // namespace kulanz
