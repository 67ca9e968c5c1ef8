#include "service/app/budget_watch.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "service/app/record_budget.h"
#include "service/engine/budget_period.h"
#include "service/policy/policy.h"

namespace kulanz::app {

std::vector<engine::BudgetPeriod> BudgetsOf(const policy::PolicySet& policies, Instant now) {
  std::map<std::string, engine::BudgetPeriod> periods;  // by their names
  for (const auto& policy : policies.policies()) {
    if (!policy->budget || policy->mode == policy::Mode::kOff) {
      continue;
    }
    engine::BudgetPeriod period = engine::PeriodOf(*policy, now);
    const auto [known, is_new] = periods.try_emplace(PeriodName(period), period);
    if (!is_new) {
      known->second.cap = std::max(known->second.cap, period.cap, [](Money a, Money b) {
        return a.minor_units() < b.minor_units();
      });
    }
  }
  std::vector<engine::BudgetPeriod> budgets;
  for (auto& [name, period] : periods) {
    budgets.push_back(std::move(period));
  }
  return budgets;
}

Task<bool> BudgetWatch::Observe() {
  const auto policies = ports_.policies.Current();
  const std::optional<Instant> now = ports_.store.Now();
  if (policies == nullptr || !now) {
    co_return false;
  }
  const std::vector<engine::BudgetPeriod> budgets = BudgetsOf(*policies, *now);
  std::vector<ports::BudgetLevel> levels;
  for (const engine::BudgetPeriod& budget : budgets) {
    const ports::Key key = ports_.keys.Budget(PeriodName(budget));
    std::vector<ports::Key> keys = {key};
    const auto records = co_await ports_.store.Read(
        std::move(keys), ports_.scheduler.Now() + settings_.store_timeout);
    if (!records.ok()) {
      co_return false;  // Not one timeout after the other.
    }
    const auto record = DecodeBudget(ports_.codec, key, records->front().value);
    if (!record.ok()) {
      continue;  // a grant from it tells, as DATA_LOSS
    }
    const Currency currency = budget.cap.currency();
    const std::int64_t left =
        std::max<std::int64_t>(0, budget.cap.minor_units() - record->SpentAtLeast());
    levels.push_back({budget.name, budget.cap, *Money::FromMinorUnits(left, currency)});
  }
  ports_.telemetry.BudgetsObserved(levels);
  co_return true;
}

Task<void> BudgetWatch::Run() {
  bool told = false;
  while (!ports_.scheduler.stopping()) {
    told = co_await Observe() || told;
    co_await ports_.scheduler.Sleep(told ? settings_.every : settings_.retry);
  }
}

}  // namespace kulanz::app
