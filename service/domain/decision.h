// Decision: the recorded answer to an incident, kept with its inputs, also for "no".
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "service/domain/channel.h"
#include "service/domain/decimal.h"
#include "service/domain/ids.h"
#include "service/domain/incident.h"
#include "service/domain/money.h"
#include "service/domain/time.h"

namespace kulanz {

// kApologised: a letter without money. The numbers are stored; add at the end only.
enum class Outcome : std::uint8_t { kGranted, kDenied, kReview, kApologised };
std::string_view OutcomeName(Outcome outcome);  // "granted", "denied", "review", "apologised"

// How bad the fault was, as the policy judges it. The numbers are stored; add at the end only.
enum class Severity : std::uint8_t { kMild, kSerious, kSevere };
std::string_view SeverityName(Severity severity);  // "mild", "serious", "severe"

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
// The pool of codes that the policy gives from has none left.
inline constexpr std::string_view kPoolEmpty = "POOL_EMPTY";
inline constexpr std::string_view kHistoryFull = "HISTORY_FULL";          // review
inline constexpr std::string_view kEvaluationError = "EVALUATION_ERROR";  // review
inline constexpr std::string_view kPolicyReview = "POLICY_REVIEW";  // the policy's mode is review
inline constexpr std::string_view kApologised = "APOLOGISED";       // a letter without money
inline constexpr std::string_view kApologyFatigue = "APOLOGY_FATIGUE";  // enough plain apologies
inline constexpr std::string_view kHoldout = "HOLDOUT";                 // in the control group
inline constexpr std::string_view kSevereFault = "SEVERE_FAULT";        // review
inline constexpr std::string_view kAmountAboveReview = "AMOUNT_ABOVE_REVIEW";  // review
// A breaker held what would have been given (review), or somebody dismissed it then (denied).
inline constexpr std::string_view kMassIncident = "MASS_INCIDENT";
inline constexpr std::string_view kNothingToAdd =
    "NOTHING_TO_ADD";  // a top-up that comes to no more
// Of an explanation only: with `choose: highest`, another policy is more generous.
inline constexpr std::string_view kNotHighest = "NOT_HIGHEST";

// Every token above: no exclusion may use one.
inline constexpr std::array kAll = {kGranted,           kNoPolicy,        kNotEligible,
                                    kNoGesture,         kCustomerBlocked, kAlreadyCompensated,
                                    kCustomerLimit,     kBudgetExhausted, kHistoryFull,
                                    kEvaluationError,   kPolicyReview,    kApologised,
                                    kApologyFatigue,    kHoldout,         kSevereFault,
                                    kAmountAboveReview, kNothingToAdd,    kNotHighest,
                                    kPoolEmpty,         kMassIncident};
}  // namespace reason

// How a granted voucher is to be made and told; copied from the policy at the time of the decision.
struct VoucherTerms {
  Money amount;
  Instant valid_until{};  // last instant; the end of a local day in `zone`
  std::string zone;       // IANA name of the policy's zone, in which the letter names the day
  std::string prefix;     // printed before the code, "SORRY"; may be empty
  std::optional<Money> minimum_order;
  bool transferable = false;
  bool stored_value = false;  // may be used in parts; otherwise once, as a whole
  // The pool of a shop's own coupon engine that the code was taken from; empty: the code is one of ours.
  std::string pool = {};
  friend bool operator==(const VoucherTerms&, const VoucherTerms&) = default;
};
// A code that anybody may use, or use in parts, is worth more guesses.
inline bool NeedsLongCode(const VoucherTerms& terms) {
  return terms.transferable || terms.stored_value;
}

// A span of the day in which no letter is sent: [from, until) on the clock, over midnight when `until` is
// not after `from`. Minutes since midnight, 0 to 1439.
struct QuietHours {
  std::chrono::minutes from{0};
  std::chrono::minutes until{0};
  std::string zone = {};  // IANA name of the policy's zone, for customers whose own is not known
  friend bool operator==(const QuietHours&, const QuietHours&) = default;
};

// A letter that follows the first one.
struct FollowUp {
  std::string message;  // name of the message
  Duration distance{0};
  friend bool operator==(const FollowUp&, const FollowUp&) = default;
};

struct DeliveryTerms {
  std::string message;    // name of the message, "late-delivery"
  std::string signed_by;  // key of the person who signs, "anna"
  Duration wait{0};       // from the decision to the first attempt
  std::optional<QuietHours> quiet_hours = std::nullopt;
  // Of letters with a voucher, and only while nothing of it was used.
  std::optional<FollowUp> reminder = std::nullopt;  // so long before the voucher's last instant
  std::optional<FollowUp> feedback = std::nullopt;  // so long after the letter was due
  // The channel that is tried first; nothing: the customer's own.
  std::optional<Channel> channel = std::nullopt;
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

// A policy's control group, and whether this customer is in it.
struct Holdout {
  Decimal share;  // percent(5) is 0.05
  bool held_out = false;
  friend bool operator==(const Holdout&, const Holdout&) = default;
};

// Which period of which budget paid. Zone and currency are those of the voucher; together they name it.
struct PayingBudget {
  std::string name;  // "logistics"
  Date starts{};     // first local day of the period; 1970-01-01: there is only one
  friend bool operator==(const PayingBudget&, const PayingBudget&) = default;
};

struct Decision {
  Incident incident;  // the inputs, as reported
  Outcome outcome = Outcome::kDenied;
  std::string reason;
  PolicyId policy;  // that answered, or whose reason it is; empty when none covers the incident
  PolicyRevision revision;  // of the policy set
  std::string department;   // of the policy
  Instant decided_at{};     // the store's time
  Severity severity = Severity::kMild;
  std::optional<VoucherTerms> voucher;    // granted only
  std::optional<PayingBudget> budget;     // granted by a policy with a budget
  std::optional<DeliveryTerms> delivery;  // granted and apologised only
  // What it would have given: of a review, a held-out customer, a denial by limits or budget, an apology
  // in place of what the budget could not pay.
  std::optional<Money> proposed;
  std::optional<Holdout> holdout;  // when the policy has a control group
  // Of a top-up: what earlier revisions of the incident gave. The voucher is the difference.
  std::optional<Money> given_before;
  std::string
      once_per;  // the value that later incidents are compared with; granted and apologised only
  // What later limits may count it under (engine/limit_keys.h), ascending; granted and apologised only.
  std::vector<std::uint64_t> limit_keys;
  std::vector<ShadowDecision> shadow;
  friend bool operator==(const Decision&, const Decision&) = default;
};

}  // namespace kulanz
