// StoredEvents: events on their way, as one transaction wrote them beside the change that they tell of.
//
// Thread-safety: values and pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "service/app/record_codec.h"
#include "service/base/result.h"
#include "service/domain/event.h"
#include "service/ports/store.h"

namespace kulanz::app {

struct StoredEvents {
  std::vector<Event> events;   // at least one, in the order in which they are told
  std::uint32_t told = 0;      // of these, from the first
  std::uint32_t attempts = 0;  // that failed, of the next one
  friend bool operator==(const StoredEvents&, const StoredEvents&) = default;
};

std::string EncodeEvents(const RecordCodec& codec, const ports::Key& key,
                         const StoredEvents& events);
// DATA_LOSS / RECORD_CORRUPT.
Result<StoredEvents> DecodeEvents(const RecordCodec& codec, const ports::Key& key,
                                  std::string_view stored);

}  // namespace kulanz::app
