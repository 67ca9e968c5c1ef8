// Courier: works off the agenda: sends the letters of issued vouchers, and those of plain apologies.
//
// Every letter has an entry on its partition's agenda until it is accepted by the next hop, or has failed
// for good and stands as dead in its record (letter_record.h). In its policy's quiet hours it waits for
// their end. An attempt is claimed in one
// transaction (the entry moves to the end of a lease, the record counts the attempt), so any number of
// couriers share the work, and the claim of a dead one runs out by itself. A crash between sending and
// recording repeats the letter under the same id: at least once, never in silence zero times.
//
// Thread-safety: any method from any thread. What `dependencies` refers to must outlive Run(); the struct
// itself is copied.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "service/app/dependencies.h"
#include "service/base/task.h"
#include "service/domain/time.h"
#include "service/ports/store.h"

namespace kulanz::app {

struct CourierSettings {
  Duration poll{500};             // how often every partition's agenda is looked at
  Duration lease{60'000};         // a claimed attempt belongs to its courier for so long
  Duration backoff_first{5'000};  // pause after the first failed attempt; doubles with each
  Duration backoff_max{3'600'000};
  std::uint32_t attempts_max = 30;  // then the letter is dead: about a day of trying
  Duration pause{
      30'000};  // of the whole queue, when the messenger is misconfigured; of a letter that waits for
                // an operator or a newer server
  Duration store_timeout{2'000};
  std::size_t in_flight_max = 32;  // letters at once
  std::size_t polls_max = 16;      // agendas read at once
};

class Courier {
 public:
  Courier(const Dependencies& dependencies, ports::Messenger& messenger, ports::Entropy& entropy,
          CourierSettings settings = {});
  // After Run() has ended.
  ~Courier();
  Courier(const Courier&) = delete;
  Courier& operator=(const Courier&) = delete;

  // Works until Stop() or until the scheduler stops, and until what is in hand is finished. Once.
  Task<void> Run();

  // A delivery of this partition is due at `due`, by the store's time: looks there without waiting for
  // the poll. Costs nothing when it never runs; the agenda is the truth, this is a hint.
  void Notify(ports::PartitionId partition, Instant due);

  // Starts no more attempts; Run() ends when those in hand are finished. Idempotent.
  void Stop();

 private:
  class Core;
  std::shared_ptr<Core> core_;
};

}  // namespace kulanz::app
