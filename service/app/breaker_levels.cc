#include "service/app/breaker_levels.h"

#include <algorithm>
#include <utility>

#include "service/app/held_cases.h"
#include "service/app/policy_holder.h"
#include "service/policy/breaker.h"
#include "service/policy/policy.h"
#include "service/ports/store.h"
#include "service/ports/telemetry.h"

namespace kulanz::app {

std::vector<std::string> BreakersOf(const policy::PolicySet& policies) {
  using policy::BreakerScope;
  std::vector<std::string> names;
  const policy::Breakers& breakers = policies.breakers();
  if (breakers.empty()) {
    return names;
  }
  for (const std::string_view type : policies.IncidentTypeNames()) {
    if (breakers.Find(BreakerScope::kType, type) != nullptr) {
      names.push_back(policy::BreakerName(BreakerScope::kType, type));
    }
  }
  for (const auto& policy : policies.policies()) {
    if (policy->mode != policy::Mode::kOff &&
        breakers.Find(BreakerScope::kPolicy, policy->id.text()) != nullptr) {
      names.push_back(policy::BreakerName(BreakerScope::kPolicy, policy->id.text()));
    }
  }
  return names;
}

Task<void> BreakerLevels::Count(Busy busy, Deadline deadline) {
  std::erase_if(held_, [&busy](const auto& held) { return !busy.contains(held.first); });
  for (const auto& [name, tripped] : busy) {
    const auto known = held_.find(name);
    const auto now = dependencies_.store.Now();
    if (!now || (known != held_.end() && *now >= known->second.counted_at &&
                 *now - known->second.counted_at < every_)) {
      continue;
    }
    std::string breaker = name;
    const auto cases = co_await CountHeld(dependencies_, std::move(breaker), deadline);
    if (cases.ok()) {
      held_[name] = {*cases, *now};
    }
  }
}

Task<void> BreakerLevels::Tell(Busy busy, Deadline deadline) {
  const auto policies = dependencies_.policies.Current();
  if (policies == nullptr) {
    co_return;
  }
  Busy all = busy;
  co_await Count(std::move(busy), deadline);
  for (std::string& name : BreakersOf(*policies)) {
    all.emplace(std::move(name), false);
  }
  std::vector<ports::BreakerLevel> levels;
  for (const auto& [name, tripped] : all) {
    const auto held = held_.find(name);
    levels.push_back({name, tripped, held == held_.end() ? 0 : held->second.cases});
  }
  dependencies_.telemetry.BreakersObserved(levels);
}

}  // namespace kulanz::app
