// Policy: one checked policy, ready to be evaluated by the engine.
//
// Expressions are compiled, names resolved, times turned into instants; nothing here can fail any more
// but an expression at run time. rules/README.md says what each part means to its author.
//
// Thread-safety: plain values, immutable within a PolicySet.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "service/base/time_zone.h"
#include "service/cel/program.h"
#include "service/domain/currency.h"
#include "service/domain/decimal.h"
#include "service/domain/decision.h"
#include "service/domain/ids.h"
#include "service/domain/incident.h"
#include "service/domain/money.h"
#include "service/domain/time.h"

namespace kulanz::policy {

struct IncidentType;

// enforce: gives. shadow: is evaluated and reported, never gives. review: what it would give goes to a
// person. off: is checked when loaded and then left alone.
enum class Mode : std::uint8_t { kEnforce, kShadow, kReview, kOff };
inline constexpr std::array<std::string_view, 4> kModeNames = {"enforce", "shadow", "review",
                                                               "off"};
inline std::string_view ModeName(Mode mode) {
  return kModeNames.at(static_cast<std::size_t>(mode));
}

// A policy's variables are few: their use is tracked in 64 bits.
inline constexpr std::size_t kVariablesMax = 64;

// A compiled expression; without a program when the policy does not have that part.
struct Expression {
  std::shared_ptr<const cel::Program> program;
  // The variables that must be in the frame before it is evaluated, one bit each, with those that they
  // need in turn.
  std::uint64_t variables = 0;
  explicit operator bool() const { return program != nullptr; }
};

struct Variable {
  std::string name;
  Expression value;  // needs only variables before it
  int slot = 0;
};

struct Exclusion {
  Expression when;
  std::string reason;
};

// The first row that matches says how bad the fault was; without one it was mild.
struct SeverityRow {
  Expression when;  // none: always
  kulanz::Severity is = kulanz::Severity::kMild;
};
inline constexpr std::array<std::string_view, 3> kSeverityNames = {"mild", "serious", "severe"};

struct GestureRow {
  Expression when;    // none: always
  Expression amount;  // none: a letter without money
  bool is_apology() const { return !amount; }
};

// What goes to a person instead of out.
struct ReviewRule {
  std::optional<kulanz::Severity> severity;  // from this one on
  std::optional<Money> above;                // all that the incident is given, over its revisions
};

enum class BelowMinimum : std::uint8_t { kRaise, kSkip };
struct AmountRule {
  Expression at_least;  // none: no minimum
  Expression at_most;   // none: no maximum
  BelowMinimum below_minimum = BelowMinimum::kRaise;
  Rounding round = Rounding::kHalfUp;
};

enum class Every : std::uint8_t { kDay, kWeek, kMonth, kQuarter, kYear, kOnce };
inline constexpr std::array<std::string_view, 6> kEveryNames = {"day",     "week", "month",
                                                                "quarter", "year", "once"};

// At most `vouchers` gestures, or gestures worth at most an amount: in any span of length `within`, or in
// each calendar period `every` of the policy's zone.
struct Limit {
  std::int64_t vouchers = 0;    // when there is no amount
  std::optional<Money> amount;  // counts gestures of its currency only
  Expression amount_now;        // an amount that the incident decides, instead of `amount`
  Duration within{0};           // when there is no `every`
  std::optional<Every> every;   // never kOnce
  // What gestures are counted together by; none: all of the customer. `order` needs no expression.
  bool per_order = false;
  Expression per;
  std::string per_text;  // as in the file, for limit keys and people; "customer", "order"
  std::optional<Reporter> reporter;  // binds and counts only incidents that this one reported
  bool own_gestures_only = false;    // count: policy

  bool is_amount() const { return amount || amount_now; }
  bool is_keyed() const { return per_order || per; }
};

// At most so many letters without money to one customer, of any policy.
struct Fatigue {
  std::int64_t plain_apologies = 0;
  Duration within{0};
};

enum class WhenExhausted : std::uint8_t { kDeny, kReview, kApologise };
struct Budget {
  std::string name;
  Money amount;
  Every every = Every::kMonth;
  WhenExhausted when_exhausted = WhenExhausted::kDeny;
};

// What happens when a pool of codes has none left: a denial, a review, or a code of our own.
enum class WhenEmpty : std::uint8_t { kDeny, kReview, kGenerate };

inline constexpr std::int64_t kPoolLowAtDefault = 100;
inline constexpr std::int64_t kPoolLowAtMax = 10'000'000;  // as many codes as a pool may have

struct VoucherRule {
  int valid_for_days = 0;
  std::string prefix;
  std::optional<Money> minimum_order;
  bool transferable = false;
  bool stored_value = false;  // `kind`: may be used in parts
  std::string pool;  // codes come from this pool of the shop's own engine; empty: we make them
  WhenEmpty when_empty = WhenEmpty::kDeny;
  std::int64_t low_at = kPoolLowAtDefault;  // operators are warned when so many codes are left
};

struct DeliveryRule {
  std::string message;
  std::string signed_by;
  Duration wait{0};
  std::optional<QuietHours> quiet_hours;
  std::optional<FollowUp> reminder;
  std::optional<FollowUp> feedback;
  std::optional<Channel> channel;  // nothing: the customer's own
  // The message for a severity, where it is not `message`; empty: it is.
  std::array<std::string, kSeverityNames.size()> message_by_severity;

  const std::string& MessageFor(kulanz::Severity severity) const {
    const std::string& special = message_by_severity.at(static_cast<std::size_t>(severity));
    return special.empty() ? message : special;
  }
};

struct Policy {
  PolicyId id;
  std::string file;  // where it was read from, "policies/late-delivery.yaml"
  std::string summary;
  std::string department;
  std::vector<const IncidentType*> incidents;
  std::int64_t priority = 0;
  Mode mode = Mode::kEnforce;
  Instant effective_from = kMinInstant;
  Instant effective_until = kMaxInstant;  // the last instant at which it holds
  TimeZone zone;
  std::string zone_name;
  std::optional<Currency> currency;  // always there in a PolicySet
  std::vector<Variable> variables;
  Expression eligible;  // none: everybody
  std::vector<Exclusion> exclude;
  std::vector<SeverityRow> severity;
  std::vector<GestureRow> gesture;
  AmountRule amount;
  ReviewRule review;
  Expression once_per;
  std::vector<Limit> limits;
  std::optional<Budget> budget;
  std::optional<Fatigue> fatigue;
  std::optional<Decimal> holdout;  // the share of customers that is a control group, 0 to 1
  VoucherRule voucher;
  DeliveryRule delivery;
};

// How far once_per looks around an incident: two years, longer than any order is talked about, so that
// a customer's history need not be kept for ever.
inline constexpr Duration kOncePerReach = std::chrono::hours(24 * 731);

}  // namespace kulanz::policy
