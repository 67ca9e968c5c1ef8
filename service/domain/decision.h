// Decision: the recorded answer to an incident, kept with its inputs, also for "no".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "service/domain/ids.h"
#include "service/domain/incident.h"
#include "service/domain/money.h"
#include "service/domain/time.h"

namespace kulanz {

enum class Outcome : std::uint8_t { kGranted, kDenied, kReview };
std::string_view OutcomeName(Outcome outcome);  // "granted", "denied", "review"

// Stable reason tokens; a policy's exclusions add their own (UPPER_SNAKE_CASE).
namespace reason {
inline constexpr std::string_view kGranted = "GRANTED";
inline constexpr std::string_view kNoPolicy = "NO_POLICY";        // none covers the type (now)
inline constexpr std::string_view kNotEligible = "NOT_ELIGIBLE";  // no policy's `eligible` held
inline constexpr std::string_view kNoGesture = "NO_GESTURE";      // no gesture row matched
inline constexpr std::string_view kCustomerBlocked = "CUSTOMER_BLOCKED";
inline constexpr std::string_view kAlreadyCompensated = "ALREADY_COMPENSATED";  // once_per
inline constexpr std::string_view kCustomerLimit = "CUSTOMER_LIMIT";
inline constexpr std::string_view kBudgetExhausted = "BUDGET_EXHAUSTED";
inline constexpr std::string_view kHistoryFull = "HISTORY_FULL";          // review
inline constexpr std::string_view kEvaluationError = "EVALUATION_ERROR";  // review
inline constexpr std::string_view kPolicyReview = "POLICY_REVIEW";  // the policy's mode is review
}  // namespace reason

// How a granted voucher is to be made and told; copied from the policy at the time of the decision.
struct VoucherTerms {
  Money amount;
  Instant valid_until{};  // last instant; the end of a local day in `zone`
  std::string zone;       // IANA name of the policy's zone, in which the letter names the day
  std::string prefix;     // printed before the code, "SORRY"; may be empty
  std::optional<Money> minimum_order;
  bool transferable = false;
  friend bool operator==(const VoucherTerms&, const VoucherTerms&) = default;
};

struct DeliveryTerms {
  std::string message;    // name of the message, "late-delivery"
  std::string signed_by;  // key of the person who signs, "anna"
  Duration wait{0};       // from the decision to the first attempt
  friend bool operator==(const DeliveryTerms&, const DeliveryTerms&) = default;
};

// What a policy in shadow mode would have done; never issued.
struct ShadowDecision {
  PolicyId policy;
  Outcome outcome = Outcome::kDenied;
  std::string reason;
  std::optional<Money> amount;
  friend bool operator==(const ShadowDecision&, const ShadowDecision&) = default;
};

struct Decision {
  Incident incident;  // the inputs, as reported
  Outcome outcome = Outcome::kDenied;
  std::string reason;
  PolicyId policy;  // that answered, or whose reason it is; empty when none covers the incident
  PolicyRevision revision;                // of the policy set
  std::string department;                 // of the policy
  Instant decided_at{};                   // the store's time
  std::optional<VoucherTerms> voucher;    // granted only
  std::optional<DeliveryTerms> delivery;  // granted only
  std::string once_per;  // the value that later incidents are compared with; granted only
  std::vector<ShadowDecision> shadow;
  friend bool operator==(const Decision&, const Decision&) = default;
};

}  // namespace kulanz
