#include "service/kulanz/simulate/comparison.h"

#include <algorithm>
#include <chrono>
#include <tuple>
#include <unordered_map>

#include "service/policy/policy.h"

namespace kulanz::command {
namespace {

MoneySums Minus(const MoneySums& after, const MoneySums& before) {
  MoneySums delta = after;
  for (const auto& [currency, sum] : before.sums()) {
    if (const std::optional<Money> less = Money::FromMinorUnits(-sum, currency)) {
      delta.Add(*less);
    }
  }
  return delta;
}

std::string AnswerOf(const CaseOutcome& outcome) {
  if (outcome.is_refused) {
    return "refused " + outcome.reason;
  }
  if (outcome.outcome == Outcome::kGranted) {
    return "granted";
  }
  return std::string(OutcomeName(outcome.outcome)) + " " + outcome.reason;
}

std::string PolicyOf(const CaseOutcome& outcome) {
  return outcome.policy == nullptr ? "" : outcome.policy->id.text();
}

class Comparer {
 public:
  Comparer(const SimulatedSet& before, const SimulatedSet& after, Comparison& out)
      : before_(before), after_(after), out_(out) {}

  void Compare() {
    out_.granularity = GranularityOf(std::min(before_.totals.first_day, after_.totals.first_day),
                                     std::max(before_.totals.last_day, after_.totals.last_day));
    for (const auto& [start, tallies] : before_.totals.periods) {
      out_.periods[PeriodOf(out_.granularity, start)];
    }
    std::unordered_map<std::size_t, std::size_t> by_line;
    for (std::size_t i = 0; i < after_.log->reports.size(); ++i) {
      by_line.emplace(after_.log->reports[i].line, i);
    }
    for (std::size_t i = 0; i < before_.log->reports.size(); ++i) {
      const auto other = by_line.find(before_.log->reports[i].line);
      if (other != by_line.end()) {
        CompareReport(before_.log->reports[i], before_.simulation->outcomes()[i],
                      after_.simulation->outcomes()[other->second]);
      }
    }
    out_.delta = Minus(after_.totals.all.cost, before_.totals.all.cost);
    TakeTransitions();
    TakeCustomers();
  }

 private:
  static void Add(const CaseOutcome& outcome, MoneySums& sums) {
    if (outcome.amount && !outcome.is_repeated) {
      sums.Add(*outcome.amount);
    }
  }

  void CompareReport(const ReportedIncident& report, const CaseOutcome& before,
                     const CaseOutcome& after) {
    CustomerChange& customer = customers_[report.incident.customer.text()];
    Add(before, customer.before);
    Add(after, customer.after);
    const Date day = std::chrono::floor<std::chrono::days>(report.incident.occurred_at);
    if (before.amount || after.amount) {
      auto& [old_sums, new_sums] = out_.periods[PeriodOf(out_.granularity, day)];
      Add(before, old_sums);
      Add(after, new_sums);
    }
    if ((before.is_repeated && after.is_repeated) || (before.is_refused && after.is_refused)) {
      return;
    }
    ++out_.compared;
    const std::string from = AnswerOf(before);
    std::string to = AnswerOf(after);
    if (from == to && before.amount == after.amount) {
      return;
    }
    if (!before.is_refused && !after.is_refused && before.outcome == after.outcome &&
        before.amount == after.amount) {
      ++out_.reason_only;
      return;
    }
    ++out_.changed;
    if (before.amount && after.amount) {
      to = after.amount->Compare(*before.amount) == std::partial_ordering::greater ? "granted more"
           : after.amount->Compare(*before.amount) == std::partial_ordering::less
               ? "granted less"
               : "granted in another currency";
    }
    Transition& transition = transitions_[{from, to}];
    ++transition.count;
    MoneySums old_sum;
    MoneySums new_sum;
    Add(before, old_sum);
    Add(after, new_sum);
    transition.delta.Add(Minus(new_sum, old_sum));
    if (transition.examples.size() < kExamplesPerTransition) {
      transition.examples.push_back({.incident = report.incident.id.text(),
                                     .customer = report.incident.customer.text(),
                                     .day = day,
                                     .before = from,
                                     .after = AnswerOf(after),
                                     .policy_before = PolicyOf(before),
                                     .policy_after = PolicyOf(after),
                                     .amount_before = before.amount,
                                     .amount_after = after.amount});
    }
  }

  void TakeTransitions() {
    for (auto& [answers, transition] : transitions_) {
      std::tie(transition.before, transition.after) = answers;
      out_.transitions.push_back(std::move(transition));
    }
    std::stable_sort(out_.transitions.begin(), out_.transitions.end(),
                     [](const Transition& a, const Transition& b) { return a.count > b.count; });
  }

  void TakeCustomers() {
    const Currency main = MainCurrency(before_.totals.all.cost, after_.totals.all.cost);
    const auto change = [main](const CustomerChange& customer) {
      return customer.after.Of(main) - customer.before.Of(main);
    };
    for (auto& [id, customer] : customers_) {
      customer.id = id;
      if (change(customer) > 0) {
        ++out_.customers_gaining;
        out_.gained.Add(Minus(customer.after, customer.before));
        out_.gainers.push_back(customer);
      } else if (change(customer) < 0) {
        ++out_.customers_losing;
        out_.lost.Add(Minus(customer.after, customer.before));
        out_.losers.push_back(customer);
      }
    }
    const auto most_first = [&change](const CustomerChange& a, const CustomerChange& b) {
      return std::abs(change(a)) > std::abs(change(b));
    };
    for (std::vector<CustomerChange>* const list : {&out_.gainers, &out_.losers}) {
      std::stable_sort(list->begin(), list->end(), most_first);
      if (list->size() > kTopCustomers) {
        list->resize(kTopCustomers);
      }
    }
  }

  const SimulatedSet& before_;
  const SimulatedSet& after_;
  Comparison& out_;
  std::map<std::string, CustomerChange> customers_;  // by id, so that ties are always the same
  std::map<std::pair<std::string, std::string>, Transition> transitions_;
};

}  // namespace

Comparison Compare(const SimulatedSet& before, const SimulatedSet& after) {
  Comparison comparison;
  Comparer(before, after, comparison).Compare();
  return comparison;
}

Currency MainCurrency(const MoneySums& before, const MoneySums& after) {
  Currency main = *Currency::FromCode("EUR");
  std::int64_t most = -1;
  for (const MoneySums* const sums : {&before, &after}) {
    for (const auto& [currency, sum] : sums->sums()) {
      if (sum > most) {
        most = sum;
        main = currency;
      }
    }
  }
  return main;
}

}  // namespace kulanz::command
