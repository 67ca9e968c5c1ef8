// BreakerWatch: counts what is given, and stops it when it is too much at once, until somebody looks.
//
// A breaker belongs to one type of incident or one policy, as settings.yaml says. Each server counts what it
// gives in memory, and once a second adds that to the breaker's record by compare-and-set; with each reading it
// learns what the others gave. The writing that finds the limit passed, or the gesture that would pass it, trips the
// breaker in the same step, once, however many servers there are. From then on what would be given goes to review
// (held_cases.h), also after restarts and without traffic, until somebody releases it (breakers.h); then the
// window begins afresh.
//
// How much too much: a server never gives more than the limit by itself. What others have given in the second
// since their last writing it does not know, so all together give at most one second's traffic of the other
// servers too much. Counts of a server that is killed are lost for that second; a count of which nobody knows
// whether it was written is written again, so that a breaker rather trips too early.
//
// Thread-safety: any method from any thread, but Turn() once at a time. What `dependencies` refers to must outlive Run(); the struct itself
// is copied.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "service/app/dependencies.h"
#include "service/app/record_breaker.h"
#include "service/base/result.h"
#include "service/base/task.h"
#include "service/domain/decision.h"
#include "service/domain/time.h"
#include "service/policy/policy_set.h"

namespace kulanz::app {

struct BreakerSettings {
  Duration poll{1'000};  // how often counts are written and read
  // A breaker that was read longer ago than that is read again before it holds anything.
  Duration trust{5'000};
  Duration count_held{5'000};  // how often what they hold is counted, for metrics
  Duration store_timeout{2'000};
};

// A gesture that is about to be given, as breakers count it.
struct CountedGesture {
  std::string type;
  PolicyId policy;
  std::optional<Money> amount;  // nothing: a letter without money
};

class BreakerWatch {
 public:
  explicit BreakerWatch(const Dependencies& dependencies, BreakerSettings settings = {});
  // After Run() has ended.
  ~BreakerWatch();
  BreakerWatch(const BreakerWatch&) = delete;
  BreakerWatch& operator=(const BreakerWatch&) = delete;

  // The name of the breaker that holds the gesture; empty: it may be given, and is counted. Asks the store only
  // where the gesture would be too much. UNAVAILABLE / CONTENTION, and every failure of the store.
  Task<Result<std::string>> Admit(std::shared_ptr<const policy::PolicySet> policies,
                                  CountedGesture gesture, Deadline deadline);
  // It was counted, and is not given after all.
  void TakeBack(const policy::PolicySet& policies, const CountedGesture& gesture);

  // The breakers whose cases are being released, as read last.
  std::vector<std::string> Releasing() const;

  // Turns until Stop() or until the scheduler stops. Once.
  Task<void> Run();
  // Writes what was counted, and reads what others did.
  Task<void> Turn();
  void Stop();

 private:
  class Core;
  std::shared_ptr<Core> core_;
};

}  // namespace kulanz::app
