// Whole numbers as Redis and its URLs write them.
#pragma once

#include <charconv>
#include <concepts>
#include <limits>
#include <optional>
#include <string_view>
#include <system_error>

namespace kulanz::redis {

// Decimal digits alone, for a number up to `max`; nothing for anything else.
template <std::unsigned_integral Number>
std::optional<Number> ParseNumber(std::string_view text,
                                  Number max = std::numeric_limits<Number>::max()) {
  Number number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || error != std::errc() || end != text.data() + text.size() || number > max) {
    return std::nullopt;
  }
  return number;
}

}  // namespace kulanz::redis
