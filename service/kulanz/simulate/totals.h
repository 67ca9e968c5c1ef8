// Totals: what a simulation came to, in the figures that the terminal, the JSON and the report show.
// Thread-safety: plain values.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "service/kulanz/simulate/budget_book.h"
#include "service/kulanz/simulate/incident_log.h"
#include "service/kulanz/simulate/simulation.h"

namespace kulanz::command {

// Sums by currency; amounts of two currencies are never added.
class MoneySums {
 public:
  void Add(Money amount) { minor_units_[amount.currency()] += amount.minor_units(); }
  void Add(const MoneySums& other);
  std::int64_t Of(Currency currency) const;
  const std::map<Currency, std::int64_t>& sums() const { return minor_units_; }
  bool empty() const { return minor_units_.empty(); }
  // "1,234.50 EUR, 12.00 USD"; "0" for nothing.
  std::string ToText() const;

 private:
  std::map<Currency, std::int64_t> minor_units_;
};

// "1,234.50", with the currency's decimals.
std::string GroupedAmount(std::int64_t minor_units, Currency currency);

// A part of the reports: those of a policy, a department, a reason, ...
struct Tally {
  std::size_t reports = 0;
  std::size_t vouchers = 0;
  MoneySums cost;
  MoneySums proposed;  // what was not given: reviews, held-out customers, limits, budgets
};

struct CustomerTotal {
  std::string id;
  std::size_t gestures = 0;
  MoneySums cost;
};

enum class Granularity { kDay, kWeek, kMonth, kYear };

struct Totals {
  std::size_t rows = 0;
  std::size_t skipped = 0;
  std::size_t unreadable = 0;
  std::size_t repeated = 0;
  std::size_t decided = 0;
  std::array<std::size_t, 4> by_outcome{};     // by Outcome
  std::array<std::size_t, 3> by_severity{};    // by Severity; of what a policy answered
  std::map<std::string, std::size_t> refused;  // by reason
  Tally all;
  std::map<std::string, Tally> denied;    // by reason
  std::map<std::string, Tally> reviewed;  // by reason
  std::map<std::string, Tally> policies;  // by id; every policy that answered something
  std::map<std::string, Tally> departments;
  std::map<std::string, Tally> shadow;                    // by policy id: what it would have given
  std::map<std::string, Tally> held_out;                  // by policy id
  std::map<std::string, std::size_t> held_out_customers;  // by policy id: how many of them
  std::vector<BudgetBook::Use> budgets;                   // by name, zone and period
  std::size_t customers = 0;                              // with a decided report
  std::vector<std::size_t> customers_by_gestures;         // [n]: how many were given n
  std::vector<CustomerTotal> top_customers;               // most expensive first
  Granularity granularity = Granularity::kMonth;
  std::map<Date, std::map<std::string, Tally>>
      periods;  // by first day (UTC), then policy id; no gaps
  Date first_day{};
  Date last_day{};
};

inline constexpr std::size_t kTopCustomers = 20;

Totals Summarise(const IncidentLog& log, const Simulation& simulation);

// "2013-01-05", "week of 2013-01-07", "Jan 2013", "2013".
std::string PeriodName(Granularity granularity, Date start);
// "per day", ...
std::string_view GranularityName(Granularity granularity);  // "day"
Date PeriodOf(Granularity granularity, Date day);
Date NextPeriod(Granularity granularity, Date start);
Granularity GranularityOf(Date first, Date last);

}  // namespace kulanz::command
