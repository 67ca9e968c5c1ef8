// LeasedBudgetLedger: the BudgetLedger over the store, by leases.
//
// Protocol. A budget's period is one record: what was spent from leases that are gone, and the leases,
// each with an amount that is set aside for it (record_budget.h). A process takes or enlarges its lease
// with one compare-and-set on the record, gives the money out from memory, and each spending transaction
// adds its amount to the lease's counter in the customer's partition, unless that counter is fenced.
//   - Return. Unused money goes back when it is idle, when another instance wants it (a flag in the
//     record), and at Shutdown(). A lease with an outcome that nobody knows is settled from its
//     counters, fenced first where the outcome is unknown.
//   - Recovery. A holder's beat in the record grows at least every two seconds. Another process that sees
//     it stand still for ten (by its own monotonic clock) marks the lease, fences its counter in every
//     partition, and returns what they do not hold. A holder that was only slow finds itself fenced: it
//     drops the lease and decides again. So a wrong guess about who is dead costs time, not money.
//   - Refusal. Firmly exhausted is what can never be had again: the cap less what is known to be spent
//     for good. Before that a call waits a little for money that is set aside for others, and is then
//     unsettled.
// Safety needs of the caller: the spending transaction is applied at most once (its checks see to it),
// carries what BudgetHold::SpendIn() adds, and has not_after set from a Store::Now() read before Take().
//
// Thread-safety: any method from any thread. All ports must outlive Run(), Shutdown() and every Take();
// holds may outlive the ledger.
#pragma once

#include <memory>

#include "service/app/budget_ledger.h"
#include "service/app/budget_settings.h"
#include "service/app/keys.h"
#include "service/app/record_codec.h"
#include "service/ports/entropy.h"
#include "service/ports/log.h"
#include "service/ports/scheduler.h"
#include "service/ports/store.h"
#include "service/ports/telemetry.h"

namespace kulanz::app {

class LeasedBudgetLedger final : public BudgetLedger {
 public:
  struct Ports {
    ports::Store& store;
    ports::Scheduler& scheduler;
    ports::Entropy& entropy;
    ports::Telemetry& telemetry;
    ports::Log& log;
    const Keys& keys;
    const RecordCodec& codec;
  };
  explicit LeasedBudgetLedger(const Ports& ports, BudgetSettings settings = {});
  // Without Shutdown() the leases stand until another process recovers them.
  ~LeasedBudgetLedger() override;

  // `amount` > 0 in the currency of the cap (checked).
  Task<Result<BudgetAnswer>> Take(engine::BudgetPeriod period, Money amount,
                                  Deadline deadline) override;

  // Beats, returns what is idle, recovers what the dead left. Ends when the scheduler stops or after
  // Shutdown(). Once.
  Task<void> Run();

  // Gives everything back; call it when no hold is under way any more and before the scheduler stops.
  // False when something is still leased at the deadline: another process will recover it. Afterwards
  // nothing of the ledger is under way (store calls that were may take a store timeout more).
  Task<bool> Shutdown(Deadline deadline);

 private:
  class Core;
  std::shared_ptr<Core> core_;
};

}  // namespace kulanz::app
