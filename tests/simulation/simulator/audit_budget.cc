// I4: a budget is never overspent, nothing of it leaks, and nobody is refused money that is there.
#include <chrono>
#include <map>

#include "tests/simulation/simulator/auditor.h"

namespace kulanz::simulation {
namespace {

// The calendar month, in which all incidents occur at noon.
std::chrono::year_month MonthOf(const Incident& incident) {
  const std::chrono::year_month_day day{
      std::chrono::floor<std::chrono::days>(incident.occurred_at)};
  return day.year() / day.month();
}

using Spent = std::map<std::chrono::year_month, std::int64_t>;

void Add(Spent& spent, const SeenDecision& seen) {
  if (IsBudgeted(ToFacts(seen.decision.incident).fault)) {
    spent[MonthOf(seen.decision.incident)] += seen.amount();
  }
}

Finding CheckProbes(const Evidence& evidence, Spent spent) {
  for (const ReportLog& probe : evidence.journal.probes) {
    if (probe.seen.empty()) {
      // Too old by now, as the clock has jumped; AuditErrors knows whether that is right.
      break;
    }
    Add(spent, probe.seen.back());
    if (probe.seen.back().amount() > 0) {
      continue;
    }
    const Incident& incident = probe.seen.back().decision.incident;
    const std::int64_t rest = kBudgetCap - spent[MonthOf(incident)];
    if (rest >= WorthOf(probe.facts)) {
      return Broken("I4", "",
                    "leaked: " + std::to_string(rest) + " of the budget are not to be had");
    }
  }
  for (const auto& [month, sum] : spent) {
    if (sum > kBudgetCap) {
      return Broken("I4", "", "overspent: " + std::to_string(sum));
    }
  }
  return std::nullopt;
}

}  // namespace

Finding AuditBudget(const Evidence& evidence) {
  Spent spent;
  for (const auto& [key, seen] : evidence.journal.decisions) {
    if (seen) {
      Add(spent, *seen);
    }
  }
  for (const auto& [key, seen] : evidence.journal.decisions) {
    if (!seen || seen->decision.reason != reason::kBudgetExhausted || !seen->decision.proposed) {
      continue;
    }
    const std::int64_t rest = kBudgetCap - spent[MonthOf(seen->decision.incident)];
    if (rest >= seen->decision.proposed->minor_units()) {
      return Broken("I4", IncidentName(key.first),
                    IncidentName(key.first) + " was refused although the budget had " +
                        std::to_string(rest) + " left");
    }
  }
  return CheckProbes(evidence, std::move(spent));
}

}  // namespace kulanz::simulation
