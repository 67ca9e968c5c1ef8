// The parts of a simulation's report. Pure functions; each returns HTML.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "service/kulanz/report/chart.h"
#include "service/kulanz/simulate/scenario.h"

namespace kulanz::command {

// The currencies that something was given in, the one with the largest sum first.
std::vector<Currency> CurrenciesOf(const MoneySums& sums);

// The colour of each policy in all charts of the page: the largest have their own, the rest shares the last.
class PolicyColors {
 public:
  explicit PolicyColors(const Totals& totals);
  // Largest first.
  const std::vector<std::string>& policies() const { return policies_; }
  int Of(const std::string& policy) const;
  // How many have a colour of their own.
  std::size_t own() const;

 private:
  std::vector<std::string> policies_;
};

std::string HeadlineTiles(const Totals& totals);
std::string OverTime(const Totals& totals);
std::string WhereItWent(const SimulatedSet& set);
std::string WhyNot(const Totals& totals);
std::string CustomersSection(const Totals& totals);
std::string BudgetsSection(const Totals& totals);
std::string HeldBack(const SimulatedSet& set);  // reviews, held-out customers, shadow policies

// The names of periods for a chart: all of them, and short ones for the axis.
void NamePeriods(const Totals& totals, ColumnChart& chart);
// A text as an id within the page.
std::string PageId(std::string_view prefix, std::size_t number);

}  // namespace kulanz::command
