// BudgetLedger: hard budgets without a hot key, by leases.
//
// A replica leases a chunk of a budget's period (a versioned record in the budget's own partition;
// chunks shrink as the rest shrinks, down to exact amounts), gives it out from memory, and every commit
// that spends adds its amount to the lease's counter in the customer's partition, unless the lease is
// fenced there. So what was spent is known from the counters alone, whatever happens to the replica.
// ARCHITECTURE.md has the protocol and why nothing is overspent or leaked.
//
// Thread-safety: any method from any thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <variant>

#include "service/base/result.h"
#include "service/base/task.h"
#include "service/domain/money.h"
#include "service/domain/time.h"
#include "service/engine/decide.h"
#include "service/ports/store.h"

namespace kulanz::app {

// Money taken from a lease for one commit. Ends in exactly one of three ways; destroying it without
// calling one of them means Unknown().
class BudgetHold {
 public:
  virtual ~BudgetHold() = default;
  // Adds to the spending transaction what it must carry: an AddToCounter in its partition, and the last
  // instant at which the store may apply it, unless it has an earlier one.
  virtual void SpendIn(ports::Transaction& transaction) = 0;
  virtual void Committed() = 0;  // the transaction was applied
  virtual void Released() = 0;   // it certainly was not: the money can be given to another
  virtual void Unknown() = 0;    // nobody knows: held until the lease is settled from its counters
  // The transaction came back with Conflict::fenced: another replica took the lease away.
  virtual void Fenced() = 0;
};

// A firm no: nothing is outstanding anywhere, and less than the amount is left.
struct BudgetExhausted {};

using BudgetAnswer = std::variant<std::unique_ptr<BudgetHold>, BudgetExhausted>;

class BudgetLedger {
 public:
  virtual ~BudgetLedger() = default;
  // Takes `amount` (> 0, in the cap's currency) from the period.
  //   UNAVAILABLE / BUDGET_UNSETTLED   too little is free, but others hold unspent leases; repeat after
  //                                    retry_after.
  //   and every failure of the store.
  virtual Task<Result<BudgetAnswer>> Take(engine::BudgetPeriod period, Money amount,
                                          Deadline deadline) = 0;
};

}  // namespace kulanz::app
