// ClockSpan: a span of the day by the clock on the wall, "21:00-08:00".
//
// Thread-safe.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

#include "service/policy/fields.h"

namespace kulanz::policy {

struct ClockSpan {
  std::chrono::minutes from{0};   // 00:00 to 23:59
  std::chrono::minutes until{0};  // 00:00 to 24:00
  friend bool operator==(const ClockSpan&, const ClockSpan&) = default;
};

// Two times of the form HH:MM with '-' between them; nothing for any other text.
std::optional<ClockSpan> ParseClockSpan(std::string_view text);

// Reports a text that is no span, or one without length. `example`: for the message.
std::optional<ClockSpan> ReadClockSpan(const FileContext& context, const Node& node,
                                       std::string_view example);

}  // namespace kulanz::policy
