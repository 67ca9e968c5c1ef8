#include "service/policy/clock_span.h"

#include <string>

#include "service/policy/diagnostic_ids.h"
#include "service/policy/scalars.h"

namespace kulanz::policy {
namespace {

constexpr std::size_t kTimeLength = 5;  // 08:00
constexpr std::chrono::minutes kEndOfDay = std::chrono::hours(24);

std::optional<std::chrono::minutes> ParseTime(std::string_view text) {
  const auto digit = [&text](std::size_t at) {
    return text[at] >= '0' && text[at] <= '9' ? text[at] - '0' : -1;
  };
  if (text.size() != kTimeLength || text[2] != ':' || digit(0) < 0 || digit(1) < 0 ||
      digit(3) < 0 || digit(4) < 0) {
    return std::nullopt;
  }
  const std::chrono::minutes time =
      std::chrono::hours(digit(0) * 10 + digit(1)) + std::chrono::minutes(digit(3) * 10 + digit(4));
  return digit(3) < 6 && time <= kEndOfDay ? std::optional(time) : std::nullopt;
}

}  // namespace

std::optional<ClockSpan> ParseClockSpan(std::string_view text) {
  if (text.size() != 2 * kTimeLength + 1 || text[kTimeLength] != '-') {
    return std::nullopt;
  }
  const auto from = ParseTime(text.substr(0, kTimeLength));
  const auto until = ParseTime(text.substr(kTimeLength + 1));
  if (!from || !until || *from == kEndOfDay || *from == *until) {
    return std::nullopt;
  }
  return ClockSpan{.from = *from, .until = *until};
}

std::optional<ClockSpan> ReadClockSpan(const FileContext& context, const Node& node,
                                       std::string_view example) {
  const std::optional<std::string> text = ReadRaw(context, node);
  if (!text) {
    return std::nullopt;
  }
  const std::optional<ClockSpan> span = ParseClockSpan(*text);
  if (!span) {
    context.Error(node, diagnostic_id::kBadHours, "'" + *text + "' is no span of the day",
                  "write two different times on the clock, e.g. " + std::string(example));
  }
  return span;
}

}  // namespace kulanz::policy
