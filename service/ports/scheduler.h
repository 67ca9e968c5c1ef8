// Scheduler: time that passes, for deadlines, pauses and periodic work.
//
// Port. Implemented over the event loop in production (adapters/system) and by a deterministic scheduler
// in simulation. Nothing about money is decided by it: that uses Store::Now().
// Thread-safety: any method from any thread.
#pragma once

#include "service/base/task.h"
#include "service/domain/time.h"

namespace kulanz::ports {

class Scheduler {
 public:
  virtual ~Scheduler() = default;
  // The process' monotonic clock.
  virtual Deadline Now() const = 0;
  // Resumes the awaiter after `pause`, or at once when the scheduler shuts down.
  virtual Task<void> Sleep(Duration pause) = 0;
  // True from the moment that shutdown began: loops end.
  virtual bool stopping() const = 0;
};

}  // namespace kulanz::ports
