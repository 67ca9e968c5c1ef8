// Comparison: two policy sets over the same reports: what changes, for whom, and what it costs.
// Thread-safety: plain values.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "service/kulanz/simulate/scenario.h"

namespace kulanz::command {

// One report that the two sets answer differently.
struct ChangedCase {
  std::string incident;
  std::string customer;
  Date day{};
  std::string before;  // "granted", "denied CUSTOMER_LIMIT"
  std::string after;
  std::string policy_before;
  std::string policy_after;
  std::optional<Money> amount_before;
  std::optional<Money> amount_after;
};

// All reports with the same change of answer.
struct Transition {
  std::string before;
  std::string after;  // of two grants "granted more" or "granted less"
  std::size_t count = 0;
  MoneySums delta;
  std::vector<ChangedCase> examples;  // the first few
};

struct CustomerChange {
  std::string id;
  MoneySums before;
  MoneySums after;
};

struct Comparison {
  std::size_t compared = 0;
  std::size_t changed = 0;              // another outcome or another amount
  std::size_t reason_only = 0;          // the same outcome and amount for another reason
  std::vector<Transition> transitions;  // the most frequent first
  MoneySums delta;
  std::size_t customers_gaining = 0;
  std::size_t customers_losing = 0;
  MoneySums gained;                     // by those who gain
  MoneySums lost;                       // by those who lose, negative
  std::vector<CustomerChange> gainers;  // those who gain most, at most kTopCustomers
  std::vector<CustomerChange> losers;
  std::map<Date, std::pair<MoneySums, MoneySums>> periods;  // by first day: before and after
  Granularity granularity = Granularity::kMonth;
};

inline constexpr std::size_t kExamplesPerTransition = 3;

Comparison Compare(const SimulatedSet& before, const SimulatedSet& after);

// The currency that counts for "more" and "less": the one of the largest sum on either side.
Currency MainCurrency(const MoneySums& before, const MoneySums& after);

}  // namespace kulanz::command
