// Simulation: recorded incidents through a policy set in virtual time, by the engine that the server uses.
//
// The decision's time is the time of the report. Histories are kept by engine::WithDecision, budgets
// exactly. Customers are independent of each other but for budgets, so a block of reports is decided on
// all cores as if no budget could run out; then its grants are paid in order. Should one not be payable, the
// block is taken back and decided once more one by one. So the result is that of deciding one by one,
// whatever the number of jobs.
//
// Thread-safety: one simulation is run by one thread, which starts others.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "service/domain/decision.h"
#include "service/domain/history.h"
#include "service/engine/decide.h"
#include "service/kulanz/simulate/budget_book.h"
#include "service/kulanz/simulate/incident_log.h"
#include "service/policy/policy_set.h"

namespace kulanz::command {

// What became of one report.
struct CaseOutcome {
  Outcome outcome = Outcome::kDenied;
  Severity severity = Severity::kMild;
  bool is_refused = false;   // the server would not decide; `reason` is its reason
  bool is_repeated = false;  // the decision of an earlier report
  bool is_held_out = false;
  std::string reason;
  const policy::Policy* policy = nullptr;  // that answered or whose reason it is
  std::optional<Money> amount;             // of the voucher
  std::optional<Money> proposed;           // what it would have been
  std::vector<ShadowDecision> shadow;
};

class Simulation {
 public:
  // Both outlive the simulation.
  Simulation(const policy::PolicySet& policies, const IncidentLog& log, std::size_t jobs);

  // `progress` is told how many reports are done, from the calling thread.
  void Run(const std::function<void(std::size_t)>& progress);

  const std::vector<CaseOutcome>& outcomes() const { return outcomes_; }  // as the log's reports
  const BudgetBook& budgets() const { return budgets_; }
  const std::vector<History>& histories() const { return histories_; }  // as the log's customers
  // How often a block was decided again because a budget ran out in it.
  std::size_t repeated_blocks() const { return repeated_blocks_; }

 private:
  struct Spending {
    engine::BudgetPeriod period;
    Money amount;
  };
  struct Undo {
    std::uint32_t customer;
    History history;
  };

  void DecideInOrder(std::size_t begin, std::size_t end);
  bool DecideOnAllCores(std::size_t begin, std::size_t end);
  void DecideShare(std::size_t worker, std::size_t begin, std::size_t end,
                   std::vector<std::optional<Spending>>& spendings);
  // False: the report needs no decision, and its outcome is there.
  bool NeedsDecision(std::size_t index);
  engine::Verdict Decide(std::size_t index, const std::vector<engine::ExhaustedBudget>& exhausted);
  void Record(std::size_t index, const Decision& decision);
  std::optional<Money> GivenBefore(const ReportedIncident& report) const;

  const policy::PolicySet& policies_;
  const IncidentLog& log_;
  std::size_t jobs_;
  Duration reach_;
  std::vector<CaseOutcome> outcomes_;
  std::vector<History> histories_;
  BudgetBook budgets_;
  std::vector<std::vector<Undo>> undo_;    // by worker: histories before the block
  std::vector<std::uint32_t> changed_in_;  // by customer: the block that its history was saved for
  std::uint32_t block_ = 0;
  std::size_t repeated_blocks_ = 0;
};

}  // namespace kulanz::command
