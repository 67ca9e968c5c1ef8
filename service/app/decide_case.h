// One attempt at a case: decided purely, paid for, and recorded in one transaction.
//
// Whoever decides (a report, or the release of what a breaker held) repeats it on fresh records when it was lost
// to a race. Thread-safety: any thread. References outlive the task.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "service/app/budget_ledger.h"
#include "service/app/case_file.h"
#include "service/app/decided_incident.h"
#include "service/app/dependencies.h"
#include "service/app/pool_shelves.h"
#include "service/base/result.h"
#include "service/base/task.h"
#include "service/engine/decide.h"
#include "service/policy/policy_set.h"

namespace kulanz::app {

// What is decided with: the policies and the time of the decision.
struct Admission {
  std::shared_ptr<const policy::PolicySet> policies;
  Instant now{};
};

// What was found not to be there while a case was being decided; empty at first.
struct Shortages {
  std::vector<engine::ExhaustedBudget> exhausted;
  std::vector<std::string> empty_pools;
};

// What is recorded together with a decision.
struct Means {
  std::unique_ptr<BudgetHold> hold;      // the money for it
  std::optional<ShelvedCode> pool_code;  // the code that it gives
  std::string held_by;                   // the breaker that holds it; empty: none does
};

// Done, or lost to a race, and the case file has the fresh records.
struct RaceLost {};
using Attempt = std::variant<DecidedIncident, RaceLost>;

// `file` has a customer; it and `shortages` outlive the facts.
engine::Facts FactsOf(const Incident& incident, const CaseFile& file, const Shortages& shortages,
                      Instant now);

// Decides on `file`, in place of its held decision when it has one, and otherwise unless a breaker holds it.
// Fails as Incidents::Report from its decision on.
Task<Result<Attempt>> DecideOnce(const Dependencies& dependencies, const Admission& admission,
                                 const Incident& incident, const CaseKeys& keys, CaseFile& file,
                                 Shortages& shortages, Deadline deadline);

// Commits `decision` with what belongs to it. Fails likewise.
Task<Result<Attempt>> RecordDecision(const Dependencies& dependencies, const CaseKeys& read_keys,
                                     CaseFile& file, Decision decision, Means means,
                                     Deadline deadline);

}  // namespace kulanz::app
