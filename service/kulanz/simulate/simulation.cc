#include "service/kulanz/simulate/simulation.h"

#include <algorithm>
#include <utility>

#include "service/engine/history.h"
#include "service/kulanz/simulate/parallel.h"
#include "service/policy/policy.h"

namespace kulanz::command {
namespace {

// Reports that are decided side by side before their budgets are looked at.
constexpr std::size_t kBlock = 16'384;

bool ChangesHistory(const Decision& decision) {
  return decision.outcome == Outcome::kGranted || decision.outcome == Outcome::kApologised;
}

}  // namespace

Simulation::Simulation(const policy::PolicySet& policies, const IncidentLog& log, std::size_t jobs)
    : policies_(policies),
      log_(log),
      jobs_(jobs),
      // The longest way back that a report of this log can look.
      reach_(policies.longest_window() + log.latest_report),
      outcomes_(log.reports.size()),
      histories_(log.customers.size()),
      undo_(jobs),
      changed_in_(log.customers.size(), 0) {}

void Simulation::Run(const std::function<void(std::size_t)>& progress) {
  bool is_tight = false;  // a budget ran out in the block before
  for (std::size_t begin = 0; begin < log_.reports.size(); begin += kBlock) {
    const std::size_t end = std::min(begin + kBlock, log_.reports.size());
    if (jobs_ > 1 && !is_tight && DecideOnAllCores(begin, end)) {
      progress(end);
      continue;
    }
    const std::size_t refused_before = budgets_.refused();
    DecideInOrder(begin, end);
    is_tight = budgets_.refused() > refused_before;
    progress(end);
  }
}

bool Simulation::NeedsDecision(std::size_t index) {
  const ReportedIncident& report = log_.reports[index];
  CaseOutcome& outcome = outcomes_[index];
  if (!report.refused.empty()) {
    outcome = CaseOutcome{};
    outcome.is_refused = true;
    outcome.reason = report.refused;
    return false;
  }
  if (report.repeats != kNoReport) {
    outcome = outcomes_[report.repeats];
    outcome.is_repeated = true;
    return false;
  }
  return true;
}

std::optional<Money> Simulation::GivenBefore(const ReportedIncident& report) const {
  std::optional<Money> sum;
  for (std::uint32_t i = report.earlier_revision; i != kNoReport;
       i = log_.reports[i].earlier_revision) {
    if (const std::optional<Money>& amount = outcomes_[i].amount) {
      sum = sum ? sum->Plus(*amount) : amount;
    }
  }
  return sum;
}

engine::Verdict Simulation::Decide(std::size_t index,
                                   const std::vector<engine::ExhaustedBudget>& exhausted) {
  const ReportedIncident& report = log_.reports[index];
  return engine::Decide(policies_, {.incident = report.incident,
                                    .customer = log_.profiles[report.profile],
                                    .history = histories_[report.customer],
                                    .exhausted = exhausted,
                                    .now = report.reported_at,
                                    .given_before = GivenBefore(report)});
}

void Simulation::Record(std::size_t index, const Decision& decision) {
  CaseOutcome& outcome = outcomes_[index];
  outcome = {
      .outcome = decision.outcome,
      .severity = decision.severity,
      .is_held_out = decision.holdout && decision.holdout->held_out,
      .reason = decision.reason,
      .policy = decision.policy.empty() ? nullptr : policies_.FindPolicy(decision.policy.text()),
      .amount = decision.voucher ? std::optional(decision.voucher->amount) : std::nullopt,
      .proposed = decision.proposed,
      .shadow = decision.shadow};
  if (ChangesHistory(decision)) {
    History& history = histories_[log_.reports[index].customer];
    history = engine::WithDecision(history, decision, reach_, decision.decided_at);
  }
}

void Simulation::DecideInOrder(std::size_t begin, std::size_t end) {
  std::vector<engine::ExhaustedBudget> exhausted;
  for (std::size_t i = begin; i < end; ++i) {
    if (!NeedsDecision(i)) {
      continue;
    }
    exhausted.clear();
    while (true) {
      const engine::Verdict verdict = Decide(i, exhausted);
      if (!verdict.budget || budgets_.Take(*verdict.budget, verdict.decision.voucher->amount)) {
        Record(i, verdict.decision);
        break;
      }
      exhausted.push_back({*verdict.budget, verdict.decision.voucher->amount});
    }
  }
}

void Simulation::DecideShare(std::size_t worker, std::size_t begin, std::size_t end,
                             std::vector<std::optional<Spending>>& spendings) {
  const std::vector<engine::ExhaustedBudget> none;
  std::vector<Undo>& undo = undo_[worker];
  undo.clear();
  for (std::size_t i = begin; i < end; ++i) {
    const std::uint32_t customer = log_.reports[i].customer;
    if (customer % jobs_ != worker || !NeedsDecision(i)) {
      continue;
    }
    engine::Verdict verdict = Decide(i, none);
    if (ChangesHistory(verdict.decision) &&
        std::exchange(changed_in_[customer], block_) != block_) {
      undo.push_back({customer, histories_[customer]});
    }
    Record(i, verdict.decision);
    if (verdict.budget) {
      spendings[i - begin] = {*std::move(verdict.budget), verdict.decision.voucher->amount};
    }
  }
}

bool Simulation::DecideOnAllCores(std::size_t begin, std::size_t end) {
  ++block_;
  std::vector<std::optional<Spending>> spendings(end - begin);
  OnAllCores(jobs_, [&](std::size_t worker) { DecideShare(worker, begin, end, spendings); });
  const BudgetBook before = budgets_;
  for (const std::optional<Spending>& spending : spendings) {
    if (spending && !budgets_.Take(spending->period, spending->amount)) {
      budgets_ = before;
      for (std::vector<Undo>& undo : undo_) {
        for (Undo& entry : undo) {
          histories_[entry.customer] = std::move(entry.history);
        }
      }
      ++repeated_blocks_;
      return false;
    }
  }
  return true;
}

}  // namespace kulanz::command
