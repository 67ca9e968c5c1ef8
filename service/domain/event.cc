#include "service/domain/event.h"

#include <algorithm>

namespace kulanz {

std::optional<EventType> EventTypeFrom(std::string_view name) {
  const auto* const found = std::find(kEventTypeNames.begin(), kEventTypeNames.end(), name);
  if (found == kEventTypeNames.end()) return std::nullopt;
  return static_cast<EventType>(found - kEventTypeNames.begin());
}

}  // namespace kulanz
