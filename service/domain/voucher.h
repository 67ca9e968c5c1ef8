// Voucher: a code worth money, from issue to redemption. The record never holds the code itself.
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

namespace kulanz {

enum class VoucherState : std::uint8_t { kIssued, kRedeemed, kRevoked };
std::string_view VoucherStateName(VoucherState state);  // "issued", "redeemed", "revoked"

struct Redemption {
  RedemptionId id;  // chosen by the shop; repeating it is a success, not a second redemption
  OrderId order;
  Money amount;
  Instant at{};
  friend bool operator==(const Redemption&, const Redemption&) = default;
};

// kCancelled: the incident was withdrawn before the letter was sent. The numbers are stored.
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

  // Past its last instant. Expiry is computed, not stored.
  bool ExpiredAt(Instant now) const { return now > terms.valid_until; }
  friend bool operator==(const Voucher&, const Voucher&) = default;
};

}  // namespace kulanz
