#include "service/engine/ask.h"

#include <algorithm>
#include <utility>

#include "service/engine/amount.h"
#include "service/engine/budget_period.h"
#include "service/engine/windows.h"
#include "service/policy/scalars.h"

namespace kulanz::engine {
namespace {

using cel::Value;
using policy::Policy;

class Asking {
 public:
  Asking(const Policy& policy, const Facts& facts, bool explain, Scratch& scratch)
      : policy_(policy), facts_(facts), explain_(explain), evaluation_(policy, scratch, explain) {}

  Answer Run(bool obey_mode) {
    if (IsInEffect() && IsEligible() && IsNotExcluded() && ComesToAnAmount() && IsFirst() &&
        IsWithinLimits() && HistoryIsComplete() && IsWithinBudget()) {
      answer_.kind = AnswerKind::kDecided;
      Grant(obey_mode);
    }
    return std::move(answer_);
  }

 private:
  // Each looks at one part of the policy. False: the answer is final, and says why.

  bool IsInEffect() {
    answer_.step = {.name = "effective"};
    if (engine::IsInEffect(policy_, facts_)) {
      return true;
    }
    if (explain_) {
      answer_.detail = "in effect from " + FormatInstant(policy_.effective_from) + " to " +
                       FormatInstant(policy_.effective_until) + ", the incident is of " +
                       FormatInstant(facts_.incident.occurred_at);
    }
    return Stop(AnswerKind::kNotInEffect, reason::kNoPolicy);
  }

  bool IsEligible() {
    answer_.step = {.name = "eligible"};
    if (!policy_.eligible) {
      return true;
    }
    const Value value = evaluation_.Evaluate(policy_.eligible);
    if (value.is_true()) {
      return true;
    }
    return value.is_error() ? Fail()
                            : StopWithDetail(AnswerKind::kNotEligible, reason::kNotEligible);
  }

  bool IsNotExcluded() {
    for (std::size_t i = 0; i < policy_.exclude.size(); ++i) {
      answer_.step = {.name = "exclude", .index = static_cast<int>(i)};
      const Value value = evaluation_.Evaluate(policy_.exclude[i].when);
      if (value.is_error()) {
        return Fail();
      }
      if (value.is_true()) {
        return StopWithDetail(AnswerKind::kExcluded, policy_.exclude[i].reason);
      }
    }
    return true;
  }

  bool ComesToAnAmount() {
    for (std::size_t i = 0; i < policy_.gesture.size(); ++i) {
      const policy::GestureRow& row = policy_.gesture[i];
      answer_.step = {.name = "gesture", .index = static_cast<int>(i)};
      if (row.when) {
        const Value value = evaluation_.Evaluate(row.when);
        if (value.is_error()) {
          return Fail();
        }
        if (!value.is_true()) {
          NoteRow(i);
          continue;
        }
      }
      return TakeAmount(row);
    }
    answer_.step = {.name = "gesture"};
    return Stop(AnswerKind::kNoGesture, reason::kNoGesture);
  }

  // Why a row was passed over, for people.
  void NoteRow(std::size_t row) {
    constexpr std::size_t kRowsMax = 8;
    if (explain_ && row < kRowsMax) {
      answer_.detail += (row == 0 ? "" : "; ") + evaluation_.detail();
    } else if (explain_ && row == kRowsMax) {
      answer_.detail += "; ...";
    }
  }

  bool TakeAmount(const policy::GestureRow& row) {
    const policy::AmountRule& rule = policy_.amount;
    const Value value = evaluation_.Evaluate(row.amount);
    if (value.kind() != cel::Kind::kMoney) {
      return Fail();
    }
    if (explain_) {
      answer_.detail = evaluation_.detail();
    }
    AmountBounds bounds;
    if (!TakeBound(rule.at_least, bounds.at_least) || !TakeBound(rule.at_most, bounds.at_most)) {
      return false;
    }
    const SlotAmount slot = ResolveAmount(rule, *policy_.currency, value.as_money(), bounds);
    if (slot.problem != AmountProblem::kNone) {
      return FailWith(slot.problem == AmountProblem::kCurrency
                          ? "the amount is not in the policy's currency"
                          : "the amount is larger than money can be");
    }
    if (!slot.money) {
      return Stop(AnswerKind::kNoGesture, reason::kNoGesture);
    }
    answer_.amount = slot.money;
    if (explain_ && ExactMoney(*slot.money).amount != value.as_money().amount) {
      answer_.detail += ", and 'amount' makes it " + slot.money->ToString();
    }
    return true;
  }

  bool TakeBound(const policy::Expression& expression, std::optional<ExactMoney>& bound) {
    if (!expression) {
      return true;
    }
    const Value value = evaluation_.Evaluate(expression);
    if (value.kind() != cel::Kind::kMoney) {
      return Fail();
    }
    bound = value.as_money();
    return true;
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
          gesture.at - at <= policy::kOncePerReach && at - gesture.at <= policy::kOncePerReach) {
        if (explain_) {
          answer_.detail = "'" + std::string(key) + "' was compensated for incident " +
                           gesture.incident.text() + " of " + FormatInstant(gesture.at);
        }
        answer_.step = kStep;
        return Stop(AnswerKind::kDecided, reason::kAlreadyCompensated);
      }
    }
    answer_.once_per = key;
    return true;
  }

  bool IsWithinLimits() {
    for (std::size_t i = 0; i < policy_.limits.size(); ++i) {
      const policy::Limit& limit = policy_.limits[i];
      const Instant at = facts_.incident.occurred_at;
      if (WouldBreak(facts_.history, limit, policy_.id, at, *answer_.amount)) {
        answer_.step = {.name = "limits", .index = static_cast<int>(i)};
        answer_.detail = explain_ ? DescribeLimit(limit) : "";
        return Stop(AnswerKind::kDecided, reason::kCustomerLimit);
      }
    }
    return true;
  }

  std::string DescribeLimit(const policy::Limit& limit) const {
    const std::int64_t held =
        MostInAnyWindow(facts_.history, limit, policy_.id, facts_.incident.occurred_at);
    const std::string within = " within " + policy::DurationText(limit.within);
    if (!limit.amount) {
      return "at most " + std::to_string(limit.vouchers) + " vouchers" + within + ", and " +
             std::to_string(held) + " count already";
    }
    const std::optional<Money> sum =
        Money::FromMinorUnits(std::min(held, Money::kMaxMinorUnits), limit.amount->currency());
    return "at most " + limit.amount->ToString() + within + ", and " +
           (sum ? sum->ToString() : "more") + " count already; this would be " +
           answer_.amount->ToString() + " more";
  }

  bool HistoryIsComplete() {
    if (facts_.history.gestures.size() < kHistoryGesturesMax) {
      return true;
    }
    answer_.step = {.name = "history"};
    answer_.outcome = Outcome::kReview;
    return Stop(AnswerKind::kDecided, reason::kHistoryFull);
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
    if (policy_.budget->when_exhausted == policy::WhenExhausted::kReview) {
      answer_.outcome = Outcome::kReview;
    }
    return Stop(AnswerKind::kDecided, reason::kBudgetExhausted);
  }

  void Grant(bool obey_mode) {
    if (obey_mode && policy_.mode == policy::Mode::kReview) {
      answer_.step = {.name = "mode"};
      answer_.outcome = Outcome::kReview;
      answer_.reason = reason::kPolicyReview;
      answer_.budget.reset();
      return;
    }
    answer_.outcome = Outcome::kGranted;
    answer_.reason = reason::kGranted;
  }

  bool Stop(AnswerKind kind, std::string_view why) {
    answer_.kind = kind;
    answer_.reason = why;
    return false;
  }
  bool StopWithDetail(AnswerKind kind, std::string_view why) {
    if (explain_) {
      answer_.detail = evaluation_.detail();
    }
    return Stop(kind, why);
  }
  bool Fail() {
    answer_.outcome = Outcome::kReview;
    return StopWithDetail(AnswerKind::kDecided, reason::kEvaluationError);
  }
  bool FailWith(std::string_view why) {
    answer_.outcome = Outcome::kReview;
    if (explain_) {
      answer_.detail = evaluation_.detail() + "; " + std::string(why);
    }
    return Stop(AnswerKind::kDecided, reason::kEvaluationError);
  }

  const Policy& policy_;
  const Facts& facts_;
  bool explain_;
  Evaluation evaluation_;
  Answer answer_;
};

}  // namespace

Answer Ask(const Policy& policy, const Facts& facts, bool obey_mode, bool explain,
           Scratch& scratch) {
  scratch.arena.Reset();  // so that no policy's answer depends on who was asked before
  return Asking(policy, facts, explain, scratch).Run(obey_mode);
}

}  // namespace kulanz::engine
