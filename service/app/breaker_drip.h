// BreakerDrip: decides what a released breaker held, so many each minute.
//
// One server at a time, by a lease in the breaker's record that the store's clock ends, takes what the rate allows
// (in the same compare-and-set, so that a change of worker begins no second helping), and decides these cases
// (decide_held.h). A server that dies leaves them on the list, for whoever takes the lease next; two that both
// believe to have it decide each case once all the same. What fails for the moment is met again in the next round.
//
// A release has ended when a round through all partitions, begun when no server can hold anything from before it
// any more, finds nothing. What is held after the breaker tripped again waits for a release of its own; of what
// came within the moment before that, a case may go with the first.
//
// Thread-safety: Stop() from any thread. What `dependencies` refers to must outlive Run().
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "service/app/breaker_watch.h"
#include "service/app/dependencies.h"
#include "service/app/record_breaker.h"
#include "service/base/task.h"
#include "service/ports/entropy.h"

namespace kulanz::app {

struct BreakerDripSettings {
  Duration poll{1'000};
  Duration lease{15'000};
  // Longer than a decision may take to be recorded (a minute) with BreakerSettings::trust before it.
  Duration settle{90'000};
  Duration idle{10'000};  // between rounds that find nothing
  Duration store_timeout{5'000};
  std::size_t in_flight_max = 8;
};

class BreakerDrip {
 public:
  // `watch` outlives it: names what is being released.
  BreakerDrip(const Dependencies& dependencies, const BreakerWatch& watch, ports::Entropy& entropy,
              BreakerDripSettings settings = {});
  // After Run() has ended.
  ~BreakerDrip();
  BreakerDrip(const BreakerDrip&) = delete;
  BreakerDrip& operator=(const BreakerDrip&) = delete;

  // Turns until Stop() or until the scheduler stops, and until what is in hand is decided. Once.
  Task<void> Run();
  Task<void> Turn();
  void Stop();

 private:
  class Core;
  std::shared_ptr<Core> core_;
};

// How many cases the rate allows now, two seconds' worth at the most, and what remains of it afterwards.
std::int64_t TakeAllowance(BreakerRelease& release, Instant now);

}  // namespace kulanz::app
