#include "service/kulanz/test/run_case.h"

#include <algorithm>
#include <string_view>

#include "service/base/time_zone.h"
#include "service/domain/decimal.h"
#include "service/engine/budget_period.h"
#include "service/policy/scalars.h"

namespace kulanz::command {
namespace {

constexpr std::string_view kNothing = "-";

// The budgets that have less left than whatever the case says, in the incident's period.
std::vector<engine::ExhaustedBudget> ExhaustedBudgets(const policy::PolicySet& policies,
                                                      const CaseFacts& facts) {
  std::vector<engine::ExhaustedBudget> exhausted;
  for (const auto& policy : policies.policies()) {
    if (!policy->budget) {
      continue;
    }
    for (const BudgetLeft& budget : facts.budgets) {
      if (budget.name != policy->budget->name) {
        continue;
      }
      const engine::BudgetPeriod period = engine::PeriodOf(*policy, facts.incident.occurred_at);
      const std::int64_t left = budget.left ? budget.left->minor_units() : 0;
      const auto refused =
          Money::FromMinorUnits(std::min(left + 1, Money::kMaxMinorUnits), period.cap.currency());
      exhausted.push_back({.budget = period, .amount = *refused});
    }
  }
  return exhausted;
}

std::string MoneyOrNothing(const std::optional<Money>& money) {
  return money ? money->ToString() : std::string(kNothing);
}

// "3.0" is 3, "8 EUR" is 8.00 EUR, and a time may be written with any offset.
bool IsSameValue(std::string_view expected, std::string_view actual) {
  if (expected == actual) {
    return true;
  }
  const auto number = Decimal::Parse(expected);
  const auto other = Decimal::Parse(actual);
  if (number && other) {
    return *number == *other;
  }
  const std::size_t blank = expected.find(' ');
  const std::size_t other_blank = actual.find(' ');
  if (blank != std::string_view::npos && other_blank != std::string_view::npos) {
    return expected.substr(blank) == actual.substr(other_blank) &&
           IsSameValue(expected.substr(0, blank), actual.substr(0, other_blank));
  }
  const auto instant = ParseInstant(expected);
  return instant && instant == ParseInstant(actual);
}

// A value of the story as a file of tests writes it: text without its quotes.
std::string_view Bare(std::string_view value) {
  return value.size() >= 2 && value.front() == '"' && value.back() == '"'
             ? value.substr(1, value.size() - 2)
             : value;
}

class Comparing {
 public:
  Comparing(const policy::PolicySet& policies, const Answered& answered)
      : policies_(policies), answered_(answered), decision_(answered.verdict.decision) {}

  std::vector<Compared> Compare(const Expectation& expect) {
    Add("outcome", std::string(OutcomeName(expect.outcome)),
        std::string(OutcomeName(decision_.outcome)));
    if (expect.amount) {
      Add("amount", expect.amount->ToString(), AmountText());
    }
    if (expect.policy) {
      Add("policy", expect.policy->text(),
          decision_.policy.empty() ? std::string(kNothing) : decision_.policy.text());
    }
    if (expect.reason) {
      Add("reason", *expect.reason, decision_.reason);
    }
    if (expect.message) {
      Add("message", *expect.message,
          decision_.delivery ? decision_.delivery->message : std::string(kNothing));
    }
    if (expect.severity) {
      Add("severity", std::string(SeverityName(*expect.severity)),
          std::string(SeverityName(decision_.severity)));
    }
    if (expect.valid_until) {
      Add("valid_until", FormatDate(*expect.valid_until), ValidUntilText());
    }
    for (const auto& [name, value] : expect.vars) {
      AddVariable(name, value);
    }
    for (const auto& [policy, amount] : expect.shadow) {
      Add("shadow " + policy.text(), amount ? amount->ToString() : "nothing", ShadowText(policy));
    }
    return std::move(compared_);
  }

 private:
  void Add(std::string what, std::string expected, std::string actual) {
    const bool same = expected == actual;
    compared_.push_back({std::move(what), std::move(expected), std::move(actual), same});
  }

  // What is given, or would be: of a review, a control group, a limit.
  std::string AmountText() const {
    return MoneyOrNothing(decision_.voucher ? std::optional(decision_.voucher->amount)
                                            : decision_.proposed);
  }

  std::string ValidUntilText() const {
    if (!decision_.voucher) {
      return std::string(kNothing);
    }
    const policy::Policy* const policy = policies_.FindPolicy(decision_.policy.text());
    return FormatDate(policy->zone.DateAt(decision_.voucher->valid_until));
  }

  std::string ShadowText(const PolicyId& policy) const {
    for (const ShadowDecision& shadow : decision_.shadow) {
      if (shadow.policy == policy) {
        return shadow.outcome == Outcome::kGranted ? MoneyOrNothing(shadow.amount) : "nothing";
      }
    }
    return "nothing";
  }

  // Of the policy that answered, else of the first one that came to compute it.
  void AddVariable(const std::string& name, const std::string& expected) {
    const ExpressionStory* best = nullptr;
    for (const PolicyStory& story : answered_.stories) {
      for (const ExpressionStory& variable : story.variables) {
        if (variable.label == "vars." + name &&
            (best == nullptr || story.policy->id == decision_.policy)) {
          best = &variable;
        }
      }
    }
    const std::string actual = best == nullptr ? "not computed" : best->value;
    compared_.push_back({.what = "vars." + name,
                         .expected = expected,
                         .actual = std::string(Bare(actual)),
                         .same = best != nullptr && IsSameValue(expected, Bare(actual))});
  }

  const policy::PolicySet& policies_;
  const Answered& answered_;
  const Decision& decision_;
  std::vector<Compared> compared_;
};

}  // namespace

bool CaseResult::passed() const {
  return std::all_of(compared.begin(), compared.end(),
                     [](const Compared& one) { return one.same; });
}

Answered Answer(const policy::PolicySet& policies, const CaseFacts& facts) {
  const std::vector<engine::ExhaustedBudget> exhausted = ExhaustedBudgets(policies, facts);
  const engine::Facts input{.incident = facts.incident,
                            .customer = facts.customer,
                            .history = facts.history,
                            .exhausted = exhausted,
                            .now = facts.now,
                            .given_before = facts.given_before};
  Answered answered;
  answered.verdict = engine::DecideAndExplain(policies, input, answered.explanation);
  for (const engine::PolicyTrace& trace : answered.explanation.policies) {
    answered.stories.push_back(TellPolicy(policies, *trace.policy, input));
  }
  return answered;
}

CaseResult RunCase(const policy::PolicySet& policies, const TestCase& test) {
  CaseResult result;
  result.answered = Answer(policies, test.facts);
  result.compared = Comparing(policies, result.answered).Compare(test.expect);
  return result;
}

}  // namespace kulanz::command
