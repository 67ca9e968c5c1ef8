// The end of one case that a breaker held: decided as of now, by everything but the breakers, or dismissed.
//
// The case's version guards it, so any number of servers may try at once: it is decided once, and gives one voucher,
// whose code is derived from incident and revision as ever. Until then a repeated report is answered with the
// review, afterwards with what was decided. Thread-safety: any thread.
#pragma once

#include <cstdint>

#include "service/app/dependencies.h"
#include "service/base/task.h"
#include "service/ports/store.h"

namespace kulanz::app {

enum class HeldEnd : std::uint8_t {
  kDecided,  // or denied by dismissal
  kGone,     // decided by somebody else, withdrawn, or its customer erased
  kLeft,     // stays in review for a person: the log says why
  kFailed,   // for now: it stays on the list
};

// `entry`: of `list`, a breaker's list of a partition. Whatever the end but kFailed, it is off the list.
Task<HeldEnd> DecideHeld(const Dependencies& dependencies, ports::Key list, ports::IndexEntry entry,
                         bool dismiss, Deadline deadline);

}  // namespace kulanz::app
