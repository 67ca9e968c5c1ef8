#include "service/engine/clearance.h"

#include <algorithm>
#include <utility>

#include "service/engine/budget_period.h"
#include "service/engine/holdout.h"
#include "service/engine/limit_keys.h"
#include "service/engine/windows.h"
#include "service/policy/incident_type.h"
#include "service/policy/scalars.h"

namespace kulanz::engine {
namespace {

using cel::Value;
using policy::Limit;
using policy::Policy;

class Clearance {
 public:
  Clearance(const ToClear& what, Evaluation& evaluation, Answer& answer)
      : policy_(what.policy),
        facts_(what.facts),
        obey_mode_(what.obey_mode),
        explain_(what.explain),
        evaluation_(evaluation),
        answer_(answer) {}

  void Run() {
    if (!answer_.whole) {
      if (AddsAnApology() && IsFirst() && IsNotTiring() && HistoryIsComplete() && IsMild() &&
          IsUnreviewed()) {
        Give(Outcome::kApologised, reason::kApologised);
      }
      return;
    }
    if (AddsMoney() && IsFirst() && IsWithinLimits() && HistoryIsComplete() && IsMild() &&
        IsModest() && IsNotHeldOut() && HasCode() && IsWithinBudget() && IsUnreviewed()) {
      const bool spare = !policy_.voucher.pool.empty() && !answer_.from_pool;
      Give(Outcome::kGranted, spare ? reason::kPoolEmpty : reason::kGranted);
    }
  }

 private:
  // Each looks at one part of the policy. False: the answer is final, and says why.

  bool AddsMoney() {
    answer_.amount = answer_.whole;
    if (!facts_.given_before || facts_.given_before->is_zero()) {
      return true;
    }
    answer_.amount = answer_.whole->Minus(*facts_.given_before);
    if (!answer_.amount) {
      return FailWith("top_up", "earlier reports of the incident gave " +
                                    facts_.given_before->ToString() +
                                    ", which is in another currency");
    }
    Note("; earlier reports of the incident gave " + facts_.given_before->ToString());
    if (answer_.amount->is_zero() || answer_.amount->is_negative()) {
      answer_.amount.reset();
      answer_.step = {.name = "top_up"};
      return Deny(reason::kNothingToAdd);
    }
    return true;
  }

  // One letter is enough for one incident.
  bool AddsAnApology() {
    const auto& gestures = facts_.history.gestures;
    const bool has_own = std::any_of(
        gestures.begin(), gestures.end(),
        [this](const GivenGesture& gesture) { return gesture.incident == facts_.incident.id; });
    if (!has_own && (!facts_.given_before || facts_.given_before->is_zero())) {
      return true;
    }
    answer_.step = {.name = "top_up"};
    Note("; earlier reports of the incident were answered already");
    return Deny(reason::kNothingToAdd);
  }

  bool IsFirst() {
    if (!policy_.once_per) {
      return true;
    }
    constexpr Step kStep{.name = "once_per"};
    const Value value = evaluation_.Evaluate(policy_.once_per);
    if (value.kind() != cel::Kind::kString) {
      answer_.step = kStep;
      return Fail();
    }
    const std::string_view key = value.as_string();
    if (key.empty()) {
      return true;
    }
    const Instant at = facts_.incident.occurred_at;
    for (const GivenGesture& gesture : facts_.history.gestures) {
      if (gesture.once_per == key && gesture.policy == policy_.id &&
          gesture.incident != facts_.incident.id && gesture.at - at <= policy::kOncePerReach &&
          at - gesture.at <= policy::kOncePerReach) {
        if (explain_) {
          answer_.detail = "'" + std::string(key) + "' was compensated for incident " +
                           gesture.incident.text() + " of " + FormatInstant(gesture.at);
        }
        answer_.step = kStep;
        return Deny(reason::kAlreadyCompensated);
      }
    }
    answer_.once_per = key;
    return true;
  }

  bool IsWithinLimits() {
    for (std::size_t i = 0; i < policy_.limits.size(); ++i) {
      if (!IsWithin(policy_.limits[i], {.name = "limits", .index = static_cast<int>(i)})) {
        return false;
      }
    }
    return true;
  }

  bool IsWithin(const Limit& limit, Step step) {
    if (limit.reporter && *limit.reporter != facts_.incident.reporter) {
      return true;
    }
    Tally tally{.incident = &facts_.incident.id, .reporter = limit.reporter};
    tally.policy = limit.own_gestures_only ? &policy_.id : nullptr;
    std::string_view value;
    if (limit.is_keyed()) {
      const std::optional<std::string_view> found = KeyValue(limit, step);
      if (!found || found->empty()) {
        return found.has_value();  // nothing to count by: nothing to count
      }
      value = *found;
      tally.key = LimitKey(limit.per_text, value);
      answer_.limit_keys.push_back(*tally.key);
    }
    std::int64_t most = limit.vouchers;
    std::int64_t weight = 1;
    if (limit.is_amount()) {
      const std::optional<Money> amount = limit.amount ? limit.amount : AmountNow(limit, step);
      if (!amount) {
        return false;
      }
      tally.unit = Tally::Unit::kMinorUnits;
      tally.currency = amount->currency();
      most = amount->minor_units();
      weight = answer_.amount->minor_units();
    }
    const std::int64_t held = Held(limit, tally);
    if (held <= most - weight) {
      return true;
    }
    answer_.step = step;
    if (explain_) {
      answer_.detail = DescribeLimit(limit, value, most, held);
    }
    return Deny(reason::kCustomerLimit);
  }

  // Empty: the incident has none. Nothing: it could not be found out.
  std::optional<std::string_view> KeyValue(const Limit& limit, Step step) {
    if (limit.per_order) {
      return facts_.incident.order ? facts_.incident.order->id.text() : std::string_view{};
    }
    const Value value = evaluation_.Evaluate(limit.per);
    if (value.kind() != cel::Kind::kString) {
      answer_.step = step;
      Fail();
      return std::nullopt;
    }
    return value.as_string();
  }

  std::optional<Money> AmountNow(const Limit& limit, Step step) {
    const Value value = evaluation_.Evaluate(limit.amount_now);
    if (value.kind() != cel::Kind::kMoney) {
      answer_.step = step;
      Fail();
      return std::nullopt;
    }
    const std::optional<Money> amount = value.as_money().ToMoney(Rounding::kFloor);
    if (!amount || amount->currency() != answer_.amount->currency()) {
      FailWith(step, evaluation_.detail() + (amount ? "; it is not in the policy's currency"
                                                    : "; it is larger than money can be"));
      return std::nullopt;
    }
    return amount;
  }

  std::int64_t Held(const Limit& limit, const Tally& tally) const {
    const Instant at = facts_.incident.occurred_at;
    if (!limit.every) {
      return MostInAnyWindow(facts_.history, tally, limit.within, at);
    }
    const Date day = policy_.zone.DateAt(at);
    return HeldBetween(facts_.history, tally,
                       policy_.zone.InstantOf(PeriodStart(*limit.every, day)),
                       policy_.zone.InstantOf(NextPeriodStart(*limit.every, day)));
  }

  std::string DescribeLimit(const Limit& limit, std::string_view value, std::int64_t most,
                            std::int64_t held) const {
    const auto amount = [this](std::int64_t minor_units) {
      const std::optional<Money> money = Money::FromMinorUnits(
          std::min(minor_units, Money::kMaxMinorUnits), answer_.amount->currency());
      return money ? money->ToString() : std::string("more");
    };
    std::string per;
    if (limit.is_keyed()) {
      per = " per " + limit.per_text + " ('" + std::string(value) + "')";
    }
    if (limit.reporter) {
      per += " reported by the " +
             std::string(policy::kReporterNames.at(static_cast<std::size_t>(*limit.reporter)));
    }
    per +=
        limit.every
            ? " in a " + std::string(policy::kEveryNames.at(static_cast<std::size_t>(*limit.every)))
            : " within " + policy::DurationText(limit.within);
    if (!limit.is_amount()) {
      return "at most " + std::to_string(most) + " vouchers" + per + ", and " +
             std::to_string(held) + " count already";
    }
    return "at most " + amount(most) + per + ", and " + amount(held) +
           " count already; this would be " + answer_.amount->ToString() + " more";
  }

  bool IsNotTiring() {
    if (!policy_.fatigue) {
      return true;
    }
    const Tally tally{.unit = Tally::Unit::kPlainApologies, .incident = &facts_.incident.id};
    const std::int64_t held = MostInAnyWindow(facts_.history, tally, policy_.fatigue->within,
                                              facts_.incident.occurred_at);
    if (held < policy_.fatigue->plain_apologies) {
      return true;
    }
    answer_.step = {.name = "fatigue"};
    Note("; at most " + std::to_string(policy_.fatigue->plain_apologies) +
         " apologies without money within " + policy::DurationText(policy_.fatigue->within) +
         ", and " + std::to_string(held) + " count already");
    return Deny(reason::kApologyFatigue);
  }

  bool HistoryIsComplete() {
    if (facts_.history.gestures.size() < kHistoryGesturesMax) {
      return true;
    }
    return Review({.name = "history"}, reason::kHistoryFull);
  }

  bool IsMild() {
    const policy::ReviewRule& rule = policy_.review;
    if (!rule.severity || answer_.severity < *rule.severity) {
      return true;
    }
    Note("; from " + std::string(SeverityName(*rule.severity)) + " on a person decides");
    return Review({.name = "review"}, reason::kSevereFault);
  }

  bool IsModest() {
    const policy::ReviewRule& rule = policy_.review;
    if (!rule.above || answer_.whole->Compare(*rule.above) != std::partial_ordering::greater) {
      return true;
    }
    Note("; above " + rule.above->ToString() + " a person decides");
    return Review({.name = "review"}, reason::kAmountAboveReview);
  }

  bool IsNotHeldOut() {
    if (!policy_.holdout || !IsHeldOut(policy_.id, facts_.customer.id, *policy_.holdout)) {
      return true;
    }
    answer_.step = {.name = "holdout"};
    Note("; the customer is in the control group, " + policy_.holdout->ToString() +
         " of all customers");
    return Deny(reason::kHoldout);
  }

  bool HasCode() {
    const std::string& pool = policy_.voucher.pool;
    const auto& empty = facts_.empty_pools;
    answer_.from_pool = !pool.empty() && std::find(empty.begin(), empty.end(), pool) == empty.end();
    if (pool.empty() || answer_.from_pool) {
      return true;
    }
    Note("; the pool '" + pool + "' has no code left");
    if (policy_.voucher.when_empty == policy::WhenEmpty::kGenerate) {
      return true;
    }
    answer_.step = {.name = "pool"};
    return policy_.voucher.when_empty == policy::WhenEmpty::kReview
               ? Review(answer_.step, reason::kPoolEmpty)
               : Deny(reason::kPoolEmpty);
  }

  bool IsWithinBudget() {
    if (!policy_.budget) {
      return true;
    }
    BudgetPeriod period = PeriodOf(policy_, facts_.incident.occurred_at);
    if (!IsExhausted(facts_.exhausted, period, *answer_.amount)) {
      answer_.budget = std::move(period);
      return true;
    }
    answer_.step = {.name = "budget"};
    if (explain_) {
      answer_.detail = "budget " + period.name + " of " + period.cap.ToString() + ", period from " +
                       FormatDate(period.starts) + ", has less than " + answer_.amount->ToString() +
                       " left";
    }
    switch (policy_.budget->when_exhausted) {
      case policy::WhenExhausted::kDeny:
        return Deny(reason::kBudgetExhausted);
      case policy::WhenExhausted::kReview:
        return Review(answer_.step, reason::kBudgetExhausted);
      case policy::WhenExhausted::kApologise:
        // A top-up has had its letter; it gets no second one without money.
        if (facts_.given_before && !facts_.given_before->is_zero()) {
          return Deny(reason::kBudgetExhausted);
        }
        if (IsNotTiring() && IsUnreviewed()) {
          Note("; an apology without money instead");
          Give(Outcome::kApologised, reason::kBudgetExhausted);
        }
        return false;
    }
    return false;
  }

  bool IsUnreviewed() {
    if (!obey_mode_ || policy_.mode != policy::Mode::kReview) {
      return true;
    }
    return Review({.name = "mode"}, reason::kPolicyReview);
  }

  void Give(Outcome outcome, std::string_view why) {
    answer_.outcome = outcome;
    answer_.reason = why;
    if (facts_.incident.order && !facts_.incident.order->id.empty()) {
      answer_.limit_keys.push_back(LimitKey(kPerOrder, facts_.incident.order->id.text()));
    }
    std::vector<std::uint64_t>& keys = answer_.limit_keys;
    std::sort(keys.begin(), keys.end());
    keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  }

  bool Deny(std::string_view why) {
    answer_.outcome = Outcome::kDenied;
    answer_.reason = why;
    return false;
  }
  bool Review(Step step, std::string_view why) {
    answer_.step = step;
    answer_.outcome = Outcome::kReview;
    answer_.reason = why;
    answer_.budget.reset();
    return false;
  }
  bool Fail() {
    if (explain_) {
      answer_.detail = evaluation_.detail();
    }
    return Review(answer_.step, reason::kEvaluationError);
  }
  bool FailWith(Step step, std::string why) {
    if (explain_) {
      answer_.detail = std::move(why);
    }
    return Review(step, reason::kEvaluationError);
  }
  bool FailWith(const char* step, std::string why) {
    return FailWith(Step{.name = step}, std::move(why));
  }
  void Note(const std::string& more) {
    if (explain_) {
      answer_.detail += more;
    }
  }

  const Policy& policy_;
  const Facts& facts_;
  bool obey_mode_;
  bool explain_;
  Evaluation& evaluation_;
  Answer& answer_;
};

}  // namespace

void Clear(const ToClear& what, Evaluation& evaluation, Answer& answer) {
  Clearance(what, evaluation, answer).Run();
}

}  // namespace kulanz::engine
