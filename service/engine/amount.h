// The amount slot: where an exact calculation becomes money that is paid. The only place that rounds.
//
// Thread-safe.
#pragma once

#include <optional>

#include "service/domain/decimal.h"
#include "service/domain/money.h"
#include "service/policy/policy.h"

namespace kulanz::engine {

struct AmountBounds {
  std::optional<ExactMoney> at_least;
  std::optional<ExactMoney> at_most;
};

enum class AmountProblem : std::uint8_t { kNone, kCurrency, kRange };

struct SlotAmount {
  std::optional<Money> money;  // more than zero; nothing: the policy gives nothing here
  AmountProblem problem = AmountProblem::kNone;
};

// `exact`: what a gesture row came to. Nothing or less than nothing stays nothing. Otherwise at_most
// caps, at_least raises (or skips, as the rule says), and what is between is rounded by the rule. Bounds
// that are no whole minor units count as the nearest ones within: the result never leaves them. Bounds
// that exclude each other give nothing.
SlotAmount ResolveAmount(const policy::AmountRule& rule, Currency currency, const ExactMoney& exact,
                         const AmountBounds& bounds);

}  // namespace kulanz::engine
