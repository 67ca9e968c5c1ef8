#include "service/engine/ask.h"

#include <utility>

#include "service/engine/amount.h"
#include "service/engine/clearance.h"

namespace kulanz::engine {
namespace {

using cel::Value;
using policy::Policy;

class Asking {
 public:
  Asking(const Policy& policy, const Facts& facts, bool explain, Scratch& scratch)
      : policy_(policy), facts_(facts), explain_(explain), evaluation_(policy, scratch, explain) {}

  // Whether it gives something; the answer says what, or why not.
  bool Run() { return IsInEffect() && IsEligible() && IsNotExcluded() && HasGesture(); }

  Answer& answer() { return answer_; }
  Evaluation& evaluation() { return evaluation_; }

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

  bool HasGesture() {
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
      return (row.is_apology() ? TakeApology() : TakeAmount(row)) && JudgeSeverity();
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

  bool TakeApology() {
    answer_.kind = AnswerKind::kDecided;
    if (explain_) {
      answer_.detail = evaluation_.detail() + (evaluation_.detail().empty() ? "" : ": ") +
                       "an apology without money";
    }
    return true;
  }

  // After the amount: nobody needs to know of a fault for which nothing is given.
  bool JudgeSeverity() {
    for (std::size_t i = 0; i < policy_.severity.size(); ++i) {
      const policy::SeverityRow& row = policy_.severity[i];
      const Value value = row.when ? evaluation_.Evaluate(row.when) : Value::Bool(true);
      if (value.is_error()) {
        answer_.step = {.name = "severity", .index = static_cast<int>(i)};
        return Fail();
      }
      if (value.is_true()) {
        answer_.severity = row.is;
        if (explain_) {
          answer_.detail += "; the fault is " + std::string(SeverityName(row.is)) + " (severity[" +
                            std::to_string(i) + "])";
        }
        return true;
      }
    }
    return true;
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
    answer_.kind = AnswerKind::kDecided;
    answer_.whole = slot.money;
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
  Asking asking(policy, facts, explain, scratch);
  if (asking.Run()) {
    Clear({.policy = policy, .facts = facts, .obey_mode = obey_mode, .explain = explain},
          asking.evaluation(), asking.answer());
  }
  return std::move(asking.answer());
}

Answer AskForGesture(const Policy& policy, const Facts& facts, bool explain, Scratch& scratch) {
  scratch.arena.Reset();
  Asking asking(policy, facts, explain, scratch);
  static_cast<void>(asking.Run());
  return std::move(asking.answer());
}

}  // namespace kulanz::engine
