// BudgetSettings: the times and numbers of budget leases. The defaults are for production; tests use
// milliseconds. None of them decides about money: a wrong one costs time, never more than the cap.
#pragma once

#include <cstddef>
#include <cstdint>

#include "service/domain/time.h"

namespace kulanz::app {

struct BudgetSettings {
  // How long Take waits inside for money that others are about to give back, before it is unsettled.
  Duration patience{300};
  Duration retry_pause{20};  // between two looks at the record meanwhile
  Duration retry_after{50};  // what an unsettled caller is told
  Duration store_timeout{1'000};
  Duration backoff{500};  // of work in the background after the store failed

  Duration beat{2'000};            // a holder writes at least so often
  Duration recover_after{10'000};  // a lease whose beat stands still for so long is recovered
  Duration watch{250};           // a holder of unspent money looks so often whether others want it
  Duration idle_return{250};     // unused for so long goes back when others use the budget too
  Duration idle_alone{2'000};    // and so long when nobody does
  Duration close_after{30'000};  // a lease without use is taken off the record
  Duration unknown_patience{1'000};  // a lease with unknown outcomes is settled from its counters
  Duration forget_after{600'000};    // a budget without use is forgotten by this process
  Duration tick{50};                 // how often Run() looks after all this

  // A lease that the record has not confirmed for so long gives out nothing. It must stay far below
  // fence_kept: a process that was stopped for days must not spend from a lease whose fence is gone.
  Duration trust{30'000};
  // Fences outlive their lease by so much. A spending transaction carries not_after: at most a minute after
  // the store time at which it was decided, and at most half of this after that of the lease's last
  // confirmation, which came before any fence. So no zombie reaches a counter that is gone, even where the
  // store's clock has jumped.
  Duration fence_kept{std::chrono::hours{24}};
  // Counters of a lease whose every outcome is known: nothing can come any more.
  Duration counter_kept{300'000};

  std::size_t parallel = 16;         // fences under way at once
  std::size_t waiters_max = 10'000;  // Take() calls that wait on one budget; one more is unsettled
  std::size_t recover_at_once = 16;  // leases fenced by the same transactions
};

}  // namespace kulanz::app
