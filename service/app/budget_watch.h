// BudgetWatch: tells operators how much is left of each budget in its period of now.
//
// Read from the records of the store, so every replica tells the same: what is spent for good, and what holders
// of leases have reported, which is seconds old at the most. Thread-safety: one caller at a time. All ports must
// outlive Run().
#pragma once

#include <vector>

#include "service/app/keys.h"
#include "service/app/policy_holder.h"
#include "service/app/record_codec.h"
#include "service/base/task.h"
#include "service/engine/decide.h"
#include "service/policy/policy_set.h"
#include "service/ports/scheduler.h"
#include "service/ports/store.h"
#include "service/ports/telemetry.h"

namespace kulanz::app {

struct BudgetWatchSettings {
  Duration every{15'000};
  Duration retry{1'000};          // before the first round that could tell something
  Duration store_timeout{1'000};  // of one budget
};

// The budgets of all policies that are not off, each once, in their periods of `now`; where policies give one
// budget several amounts, with the highest.
std::vector<engine::BudgetPeriod> BudgetsOf(const policy::PolicySet& policies, Instant now);

class BudgetWatch {
 public:
  struct Ports {
    ports::Store& store;
    ports::Scheduler& scheduler;
    ports::Telemetry& telemetry;
    const Keys& keys;
    const RecordCodec& codec;
    const PolicyHolder& policies;
  };
  explicit BudgetWatch(const Ports& ports, BudgetWatchSettings settings = {})
      : ports_(ports), settings_(settings) {}

  // Until the scheduler stops.
  Task<void> Run();
  // One round; whether anything was told. What the store does not answer ends it: what was told before stays. A
  // record that is damaged is left out.
  Task<bool> Observe();

 private:
  const Ports ports_;
  const BudgetWatchSettings settings_;
};

}  // namespace kulanz::app
