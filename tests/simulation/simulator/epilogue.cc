#include "tests/simulation/simulator/epilogue.h"

#include <algorithm>
#include <deque>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace kulanz::simulation {
namespace {

// More than fit into the budget, and one refusal before the last.
constexpr std::int64_t kProbesMax = kBudgetCap / kSmallestGesture + 2;
constexpr std::size_t kProbeCustomer = 1'000;
constexpr std::size_t kProbeIncident = 1'000;
constexpr std::size_t kPoolProbe = 2'000;

bool Fail(Journal& journal, std::string what) {
  if (journal.unanswered.empty()) {
    journal.unanswered = std::move(what) + " never got an answer";
  }
  return false;
}

// All that was recorded, whether its answer arrived or not.
bool AskForDecisions(Clients& clients, Journal& journal, const Plan& plan, const RunAll& run) {
  journal.decisions.clear();
  std::set<CaseKey> cases;
  std::vector<Task<void>> tasks;
  for (const ReportLog& report : journal.reports) {
    if (cases.insert({report.facts.incident, report.facts.revision}).second) {
      tasks.push_back(clients.Get(report.facts));
    }
  }
  journal.listed.clear();
  for (std::size_t customer = 0; customer < plan.customers.size(); ++customer) {
    tasks.push_back(clients.List(customer));
  }
  return run(std::move(tasks)) || Fail(journal, "a question for decisions");
}

bool AskForVouchers(Clients& clients, Journal& journal, const Plan& plan, const RunAll& run) {
  std::set<std::string> codes = journal.codes;
  for (const auto& [key, seen] : journal.decisions) {
    if (seen && !seen->code.empty()) {
      codes.insert(seen->code);
    }
  }
  std::vector<Task<void>> tasks;
  for (const std::string& code : codes) {
    tasks.push_back(clients.Look(code));
  }
  for (std::size_t customer = 0; customer < plan.customers.size(); ++customer) {
    tasks.push_back(clients.ListVouchers(customer));
  }
  return run(std::move(tasks)) || Fail(journal, "a question for vouchers");
}

std::int64_t WorthOf(const Journal& journal) {
  std::int64_t worth = 0;
  for (const auto& [code, voucher] : journal.vouchers) {
    worth += voucher.remaining.minor_units();
  }
  return worth;
}

// Before and after the servers had time to tell: what runs out in between makes both right.
bool AskForLiability(Clients& clients, Journal& journal, const Plan& plan, const RunAll& run) {
  if (!AskForVouchers(clients, journal, plan, run)) {
    return false;
  }
  journal.worth_before = WorthOf(journal);
  if (!run({})) {
    return Fail(journal, "nothing");
  }
  journal.liability = clients.Liability();
  if (!AskForVouchers(clients, journal, plan, run)) {
    return false;
  }
  journal.worth_after = WorthOf(journal);
  journal.looked_at = clients.Now();
  return true;
}

bool RepeatEverything(Clients& clients, Journal& journal, const RunAll& run) {
  std::vector<Task<void>> tasks;
  for (const ReportLog& report : journal.reports) {
    if (!report.seen.empty()) {
      journal.repeated.emplace_back();
      tasks.push_back(clients.Repeat(report.facts, journal.repeated.back()));
    }
  }
  for (const RedemptionLog& redemption : journal.redemptions) {
    if (!redemption.successes.empty()) {
      journal.redeemed_again.push_back(redemption);
      journal.redeemed_again.back().attempts.clear();
      journal.redeemed_again.back().successes.clear();
      tasks.push_back(clients.Redeem(journal.redeemed_again.back(), 0));
    }
  }
  for (const ChangeLog& change : journal.changes) {
    if (!change.successes.empty()) {
      journal.changed_again.push_back(change);
      journal.changed_again.back().attempts.clear();
      journal.changed_again.back().successes.clear();
      tasks.push_back(clients.Perform(journal.changed_again.back(), 0));
    }
  }
  return run(std::move(tasks)) || Fail(journal, "a repetition");
}

// New customers take what is left of a month's budget, until they are refused.
bool ProbeBudget(Clients& clients, Journal& journal, const RunAll& run) {
  const auto spends =
      std::find_if(journal.reports.begin(), journal.reports.end(),
                   [](const ReportLog& report) { return IsBudgeted(report.facts.fault); });
  int days_late = 5;  // as much as there is at once, then as little
  for (std::int64_t i = 0; i < kProbesMax; ++i) {
    Facts facts;
    facts.customer = kProbeCustomer + static_cast<std::size_t>(i);
    facts.incident = kProbeIncident + static_cast<std::size_t>(i);
    facts.order = facts.incident;
    facts.days_late = days_late;
    facts.days_ago = spends == journal.reports.end() ? 0 : spends->facts.days_ago;
    clients.Introduce(facts.customer);
    if (!run({})) {
      return Fail(journal, "an import");
    }
    journal.probes.emplace_back();
    std::vector<Task<void>> tasks;
    tasks.push_back(clients.Repeat(facts, journal.probes.back()));
    if (!run(std::move(tasks))) {
      return Fail(journal, "a report for the rest of the budget");
    }
    const ReportLog& probe = journal.probes.back();
    if (probe.seen.empty() || (probe.seen.back().amount() == 0 && days_late == 1)) {
      break;
    }
    days_late = probe.seen.back().amount() == 0 ? 1 : days_late;
  }
  return true;
}

// One new customer reports; false when the answer never came.
bool AskForCode(Fault fault, Clients& clients, Journal& journal, const RunAll& run,
                std::deque<ReportLog>& logs) {
  Facts facts;
  facts.customer = kPoolProbe + journal.pool_probes.size() + journal.refill_probes.size();
  facts.incident = facts.customer;
  facts.order = facts.customer;
  facts.fault = fault;
  facts.days_late = 1;
  clients.Introduce(facts.customer);
  if (!run({})) {
    return Fail(journal, "an import");
  }
  logs.emplace_back();
  std::vector<Task<void>> tasks;
  tasks.push_back(clients.Repeat(facts, logs.back()));
  return run(std::move(tasks)) || Fail(journal, "a report for a code of the pool");
}

// New customers take what is left in the pool, until there is nothing; then one code is put into it.
bool ProbePool(Clients& clients, Journal& journal, const Plan& plan, const RunAll& run) {
  if (!plan.has_pool) {
    return true;
  }
  std::vector<Task<void>> tasks;
  tasks.push_back(clients.CountPool());
  if (!run(std::move(tasks))) {
    return Fail(journal, "a question for the pool");
  }
  const auto is_over = [&journal] {
    return journal.pool_probes.back().seen.empty() ||
           journal.pool_probes.back().seen.back().amount() == 0;
  };
  do {
    if (!AskForCode(Fault::kSpoiledFood, clients, journal, run, journal.pool_probes)) {
      return false;
    }
  } while (!is_over() && journal.pool_probes.size() <= kPoolCodesMax);
  for (const Fault fault : {Fault::kLostParcel, Fault::kBrokenGift}) {
    if (!AskForCode(fault, clients, journal, run, journal.pool_probes)) {
      return false;
    }
  }
  journal.pool_refill.emplace(ImportLog{kPoolCodesMax, 1, {}, {}});
  std::vector<Task<void>> refill;
  refill.push_back(clients.PutIntoPool(*journal.pool_refill));
  if (!run(std::move(refill))) {
    return Fail(journal, "an import into the pool");
  }
  return AskForCode(Fault::kSpoiledFood, clients, journal, run, journal.refill_probes) &&
         AskForCode(Fault::kSpoiledFood, clients, journal, run, journal.refill_probes);
}

}  // namespace

bool LettersArePending(const Journal& journal) {
  for (const auto& [key, seen] : journal.decisions) {
    if (seen && seen->delivery && seen->delivery->state == DeliveryState::kPending) {
      return true;
    }
  }
  return false;
}

bool AskForEverything(Clients& clients, Journal& journal, const Plan& plan, const RunAll& run) {
  constexpr int kRoundsMax = 8;
  for (int round = 0; round < kRoundsMax; ++round) {
    if (!AskForDecisions(clients, journal, plan, run)) {
      return false;
    }
    if (!LettersArePending(journal)) {
      break;
    }
    if (!run({})) {
      return false;
    }
  }
  return AskForLiability(clients, journal, plan, run) && RepeatEverything(clients, journal, run) &&
         ProbeBudget(clients, journal, run) && ProbePool(clients, journal, plan, run);
}

}  // namespace kulanz::simulation
