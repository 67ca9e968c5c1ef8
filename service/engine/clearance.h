// Clearance: what an answer that would give something must pass before it does.
//
// In this order: what earlier reports of the incident gave is taken off (NOTHING_TO_ADD), once_per, limits,
// the length of the history, review by severity and amount, the control group, the budget, the mode. A
// letter without money passes fatigue in place of limits, and needs neither control group nor budget.
//
// Thread-safety: none; uses the caller's evaluation.
#pragma once

#include "service/engine/ask.h"
#include "service/engine/decide.h"
#include "service/engine/evaluation.h"
#include "service/policy/policy.h"

namespace kulanz::engine {

struct ToClear {
  const policy::Policy& policy;
  const Facts& facts;
  bool obey_mode = true;
  bool explain = false;
};

// `answer` is what AskForGesture came to; its outcome, reason, amount and the rest are completed.
void Clear(const ToClear& what, Evaluation& evaluation, Answer& answer);

}  // namespace kulanz::engine
