// EventDispatcher: tells what stands in the outbox, until each event was taken or is given up.
//
// A record of events is claimed (its entry moves to the end of a lease) before it is told, so any number of
// servers share the work, and the claim of a dead one runs out by itself. A crash between telling and recording
// tells an event again under the same id: at least once. Events of one transaction are told in their order;
// between transactions there is no order, so an event says when it happened.
//
// A failed attempt is repeated after 5 s, 5 min, 30 min, 2, 5, 10, 14, 20 and 24 h, as the Standard Webhooks
// specification proposes, each a fifth longer or shorter by chance and not before the receiver asked for (a
// day at most). After the tenth, or four days after it happened, an event is dead: counted, logged with its
// id, and kept for a week in case that it is to be told again (dead_events.h). What says nothing of the event (we are switched off, held back, without a secret) uses up no
// attempt.
//
// Thread-safety: any method from any thread. What `dependencies` refers to must outlive Run(); the struct
// itself is copied.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

#include "service/app/dependencies.h"
#include "service/base/task.h"
#include "service/domain/time.h"
#include "service/ports/entropy.h"
#include "service/ports/event_sink.h"
#include "service/ports/store.h"

namespace kulanz::app {

// As many as the specification proposes pauses between them.
inline constexpr std::uint32_t kEventAttemptsMax = 10;

struct EventDispatcherSettings {
  Duration poll{1'000};    // how often every partition's outbox is looked at without a hint
  Duration lease{90'000};  // a claim outlives the longest attempt with its wait for a turn
  std::uint32_t attempts_max = kEventAttemptsMax;
  Duration hold{30'000};  // of an event that could not be tried, or that a newer server wrote
  Duration age_max{345'600'000};  // four days
  Duration store_timeout{2'000};
  std::size_t looks_max = 16;  // partitions worked at side by side; as many again after hints
};

class EventDispatcher {
 public:
  EventDispatcher(const Dependencies& dependencies, ports::EventSink& sink, ports::Entropy& entropy,
                  EventDispatcherSettings settings = {});
  // After Run() has ended.
  ~EventDispatcher();
  EventDispatcher(const EventDispatcher&) = delete;
  EventDispatcher& operator=(const EventDispatcher&) = delete;

  // Works until Stop() or until the scheduler stops, and until what is in hand is finished. Once.
  Task<void> Run();
  // One look at all partitions, and what is due in them.
  Task<void> Turn();
  // Something was written into this partition's outbox: looks there without waiting for the poll. Costs nothing
  // while nothing can be told. The outbox is the truth, this is a hint; it is dropped unless Run() works.
  void Notify(ports::PartitionId partition);
  // Idempotent.
  void Stop();

 private:
  class Core;
  std::shared_ptr<Core> core_;
};

// The pause after so many failed attempts (1 or more), a fifth up or down by `chance`, and not shorter than the
// receiver asked for; nothing: there is no further attempt.
std::optional<Duration> EventPauseAfter(std::uint32_t attempts, std::optional<Duration> asked,
                                        std::uint16_t chance);

}  // namespace kulanz::app
