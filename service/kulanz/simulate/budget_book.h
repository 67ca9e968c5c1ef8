// BudgetBook: what was spent of each period of each budget; exact, in memory. Not thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <tuple>

#include "service/engine/decide.h"

namespace kulanz::command {

class BudgetBook {
 public:
  // Takes `amount` when the rest of the period can pay it; false, and nothing is taken, otherwise.
  bool Take(const engine::BudgetPeriod& period, Money amount);

  struct Use {
    engine::BudgetPeriod period;
    std::int64_t spent_minor_units = 0;
    std::size_t vouchers = 0;
    std::size_t refused = 0;  // grants that the rest could not pay
  };
  using Key = std::tuple<std::string, std::string, Date>;  // name, zone, first day
  const std::map<Key, Use>& uses() const { return uses_; }
  std::size_t refused() const { return refused_; }  // of all

 private:
  std::size_t refused_ = 0;
  std::map<Key, Use> uses_;
};

}  // namespace kulanz::command
