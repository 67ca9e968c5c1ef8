#include "service/engine/amount.h"

namespace kulanz::engine {
namespace {

SlotAmount Problem(AmountProblem problem) { return {.money = {}, .problem = problem}; }

}  // namespace

SlotAmount ResolveAmount(const policy::AmountRule& rule, Currency currency, const ExactMoney& exact,
                         const AmountBounds& bounds) {
  if (exact.currency != currency || (bounds.at_least && bounds.at_least->currency != currency) ||
      (bounds.at_most && bounds.at_most->currency != currency)) {
    return Problem(AmountProblem::kCurrency);
  }
  if (exact.amount.is_negative() || exact.amount.is_zero()) {
    return {};
  }
  std::optional<Money> low;
  std::optional<Money> high;
  if (bounds.at_least && !(low = bounds.at_least->ToMoney(Rounding::kCeiling))) {
    return Problem(AmountProblem::kRange);
  }
  if (bounds.at_most && !(high = bounds.at_most->ToMoney(Rounding::kFloor))) {
    return Problem(AmountProblem::kRange);
  }
  if (low && high && low->minor_units() > high->minor_units()) {
    return {};
  }
  std::optional<Money> money;
  if (high && exact.amount > ExactMoney(*high).amount) {
    money = high;
  } else if (low && exact.amount < ExactMoney(*low).amount) {
    if (rule.below_minimum == policy::BelowMinimum::kSkip) {
      return {};
    }
    money = low;
  } else {
    money = exact.ToMoney(rule.round);
  }
  if (!money) {
    return Problem(AmountProblem::kRange);
  }
  if (money->is_zero() || money->is_negative()) {
    return {};
  }
  return {.money = money};
}

}  // namespace kulanz::engine
