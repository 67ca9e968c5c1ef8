#include "service/kulanz/simulate/budget_book.h"

namespace kulanz::command {

bool BudgetBook::Take(const engine::BudgetPeriod& period, Money amount) {
  Use& use =
      uses_.try_emplace(Key{period.name, period.zone, period.starts}, Use{period}).first->second;
  if (use.spent_minor_units > period.cap.minor_units() - amount.minor_units()) {
    ++use.refused;
    ++refused_;
    return false;
  }
  use.spent_minor_units += amount.minor_units();
  ++use.vouchers;
  return true;
}

}  // namespace kulanz::command
