// Which period of a budget or a limit an incident falls into, by the calendar of the policy's zone.
//
// Thread-safe.
#pragma once

#include "service/domain/time.h"
#include "service/engine/decide.h"
#include "service/policy/policy.h"

namespace kulanz::engine {

// The first day of the period of `day`: the day itself, its Monday, the first of its month, quarter or
// year; 1970-01-01 for a budget that has only one period.
Date PeriodStart(policy::Every every, Date day);
// The first day of the period after that of `day`; `every` is not kOnce.
Date NextPeriodStart(policy::Every every, Date day);

// Of a policy with a budget.
BudgetPeriod PeriodOf(const policy::Policy& policy, Instant occurred_at);

// Whether `exhausted` says that `amount` cannot be paid from `period`.
bool IsExhausted(const std::vector<ExhaustedBudget>& exhausted, const BudgetPeriod& period,
                 Money amount);

}  // namespace kulanz::engine
