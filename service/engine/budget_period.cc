#include "service/engine/budget_period.h"

#include <algorithm>
#include <array>
#include <chrono>

#include "service/base/check.h"

namespace kulanz::engine {

Date PeriodStart(policy::Every every, Date day) {
  const std::chrono::year_month_day ymd(day);
  const auto first_of = [&ymd](unsigned month) {
    return Date(ymd.year() / std::chrono::month(month) / 1);
  };
  const auto month = static_cast<unsigned>(ymd.month());
  switch (every) {
    case policy::Every::kDay:
      return day;
    case policy::Every::kWeek:
      return day - std::chrono::days(std::chrono::weekday(day).iso_encoding() - 1);
    case policy::Every::kMonth:
      return first_of(month);
    case policy::Every::kQuarter:
      return first_of((month - 1) / 3 * 3 + 1);
    case policy::Every::kYear:
      return first_of(1);
    case policy::Every::kOnce:
      return Date{};
  }
  return Date{};
}

Date NextPeriodStart(policy::Every every, Date day) {
  KULANZ_CHECK(every != policy::Every::kOnce, "a period that is the only one has no next");
  // No period is longer than 366 days, and none but the day and the week has fewer than 28.
  constexpr std::array<int, 5> kShortest = {1, 7, 28, 90, 365};
  const Date start = PeriodStart(every, day);
  Date next = start + std::chrono::days(kShortest.at(static_cast<std::size_t>(every)));
  while (PeriodStart(every, next) == start) {
    next += std::chrono::days(1);
  }
  return next;
}

BudgetPeriod PeriodOf(const policy::Policy& policy, Instant occurred_at) {
  KULANZ_CHECK(policy.budget.has_value(), "only a policy with a budget has a budget period");
  const policy::Budget& budget = *policy.budget;
  return {.name = budget.name,
          .starts = PeriodStart(budget.every, policy.zone.DateAt(occurred_at)),
          .zone = policy.zone_name,
          .cap = budget.amount};
}

bool IsExhausted(const std::vector<ExhaustedBudget>& exhausted, const BudgetPeriod& period,
                 Money amount) {
  const auto says_so = [&](const ExhaustedBudget& entry) {
    return entry.budget.name == period.name && entry.budget.starts == period.starts &&
           entry.budget.zone == period.zone &&
           entry.amount.Compare(amount) != std::partial_ordering::greater &&
           entry.amount.currency() == amount.currency();
  };
  return amount.Compare(period.cap) == std::partial_ordering::greater ||
         std::any_of(exhausted.begin(), exhausted.end(), says_so);
}

}  // namespace kulanz::engine
