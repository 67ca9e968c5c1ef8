// StoredEvents: events on their way, as one transaction wrote them beside the change that they tell of.
//
// Thread-safety: values and pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "service/app/record_codec.h"
#include "service/base/result.h"
#include "service/domain/event.h"
#include "service/ports/store.h"

namespace kulanz::app {

// What the id of every event begins with, before 32 hexadecimal digits.
inline constexpr std::string_view kEventIdPrefix = "evt_";

// Why one of them was given up.
struct DeadEvent {
  std::uint32_t event = 0;  // its place in StoredEvents::events
  std::string reason;
  std::uint32_t attempts = 0;
  Instant at{};
  friend bool operator==(const DeadEvent&, const DeadEvent&) = default;
};

struct StoredEvents {
  std::vector<Event> events;    // at least one, in the order in which they are told
  std::uint32_t told = 0;       // of these, from the first: accepted or given up
  std::uint32_t attempts = 0;   // that failed, of the next one
  std::vector<DeadEvent> dead;  // in the order of `events`
  std::optional<Instant> resent_at = std::nullopt;

  // Nothing is left to be told; it is stored only as long as something of it is dead.
  bool done() const { return told == events.size(); }
  friend bool operator==(const StoredEvents&, const StoredEvents&) = default;
};

// Of a record that is done: what is left of it, its dead events alone.
StoredEvents DeadOnly(const StoredEvents& done);

std::string EncodeEvents(const RecordCodec& codec, const ports::Key& key,
                         const StoredEvents& events);
// DATA_LOSS / RECORD_CORRUPT, UNAVAILABLE / RECORD_NEWER.
Result<StoredEvents> DecodeEvents(const RecordCodec& codec, const ports::Key& key,
                                  std::string_view stored);

}  // namespace kulanz::app
