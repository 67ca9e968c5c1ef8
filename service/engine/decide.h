// decide(): what an incident gets, and why. A pure function of its arguments.
//
// The same function serves the server, the dry run, the policy tests and the back-test; nothing here
// reads a clock, a store or a file. Thread-safe. Never throws.
//
// The order of things:
//  1. A blocked customer gets nothing (CUSTOMER_BLOCKED).
//  2. The policies of the incident's type are asked by priority, then id; those that are off or not in
//     effect at the incident's time are passed over. The first one that is eligible, not excluded and
//     has a row that gives something answers; no other is asked. With
//     `choose: highest` all are asked what they give, and the most generous one answers.
//  3. Of the answer: what earlier reports of the incident gave is taken off (NOTHING_TO_ADD), once_per
//     (ALREADY_COMPENSATED), limits (CUSTOMER_LIMIT), the length of the history (HISTORY_FULL, review), the
//     severity and the amount (SEVERE_FAULT, AMOUNT_ABOVE_REVIEW, review), the control group (HOLDOUT), the
//     pool of codes (POOL_EMPTY, denied, review or a code of ours), the budget (BUDGET_EXHAUSTED, denied,
//     review or an apology), and the mode (POLICY_REVIEW, review), in this order. A letter without
//     money (APOLOGISED) passes fatigue (APOLOGY_FATIGUE) in place of limits, and needs neither amount,
//     control group, pool nor budget.
//  4. When none answers, the denial names the most that was found out: an exclusion's reason, else
//     NO_GESTURE, else NOT_ELIGIBLE, else NO_POLICY.
//  5. An expression that fails sends the incident to review (EVALUATION_ERROR) in the name of its policy.
// Policies in shadow mode go through the same, each as if it were alone, and change nothing.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "service/domain/customer.h"
#include "service/domain/decision.h"
#include "service/domain/history.h"
#include "service/domain/incident.h"
#include "service/policy/policy_set.h"

namespace kulanz::engine {

// One period of a budget: what a grant must be paid from before it is a grant.
struct BudgetPeriod {
  std::string name;  // "logistics"
  Date starts{};     // first local day of the period, in the policy's zone; 1970-01-01 for "once"
  std::string zone;  // IANA name; periods of one name in two zones are different budgets
  Money cap;
  friend bool operator==(const BudgetPeriod&, const BudgetPeriod&) = default;
};

// A budget that is known to have less than `amount` left.
struct ExhaustedBudget {
  BudgetPeriod budget;
  Money amount;
};

// What the caller knows. `incident` has passed policy::ValidateIncident.
struct Facts {
  const Incident& incident;
  const Customer& customer;
  const History& history;
  // Budgets that have refused while this incident was being decided; empty at first.
  const std::vector<ExhaustedBudget>& exhausted;
  Instant now;  // the decision's time; validity of the voucher and `now` in expressions
  // What earlier revisions of this incident gave, when it is reported again with a higher one.
  std::optional<Money> given_before = std::nullopt;
  // Pools of codes that were found empty while this incident was being decided.
  std::span<const std::string> empty_pools = {};
};

struct Verdict {
  Decision decision;
  // Set on a grant under a budget: the caller must take the amount from it in the same transaction that
  // records the decision, or decide again with the budget in `exhausted`.
  std::optional<BudgetPeriod> budget;
  // A grant whose terms name a pool (VoucherTerms::pool): likewise for a code of it, or decide again with
  // the pool in `empty_pools`.
};

// Asks only those policies that can say other than "no" to facts that they insist on (policy/guard_index.h).
Verdict Decide(const policy::PolicySet& policies, const Facts& facts);
// The same verdict, always, without that shortcut: what it is tested and measured against.
Verdict DecideByAskingAll(const policy::PolicySet& policies, const Facts& facts);

// How far a policy got: "effective", "eligible", "exclude[0]", "gesture[2]", "severity[0]", "top_up",
// "once_per", "limits[0]", "fatigue", "history", "review", "holdout", "pool",
// "budget", "mode".
struct Step {
  const char* name = "";  // static
  int index = -1;         // of the entry in the policy's list; negative: the part has no list
  std::string ToString() const;
};

// One line of an explanation. Valid as long as the policy set.
struct PolicyTrace {
  const policy::Policy* policy = nullptr;
  Step step;                // the last one that was looked at
  bool passed = false;      // true on the policy that answered with a grant or an apology
  std::string_view reason;  // reason token
  std::string
      detail;  // for people: the expression and its value, the limit and what counts against it
};

struct Explanation {
  std::vector<PolicyTrace> policies;  // in the order asked
};

// The same verdict, always; with the explanation.
Verdict DecideAndExplain(const policy::PolicySet& policies, const Facts& facts,
                         Explanation& explanation);

}  // namespace kulanz::engine
