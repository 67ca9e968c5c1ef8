// Literals: from their text to their value.
//
// Thread-safety: pure functions. Failures: nothing, with a sentence about what is wrong.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace kulanz::cel {

// "12", "0xFF", with `negative` when a minus stands before it.
std::optional<std::int64_t> ParseIntLiteral(std::string_view text, bool negative);
// "12u", "0xFFu".
std::optional<std::uint64_t> ParseUintLiteral(std::string_view text);
// Nothing when the number is too large for a double.
std::optional<double> ParseDoubleLiteral(std::string_view text);

struct Unquoted {
  std::optional<std::string> content;
  std::string_view error;         // when there is no content
  std::uint32_t error_begin = 0;  // in the token
};
// The content of a string or bytes token: prefix and quotes removed, escapes resolved. In bytes, \x and
// octal escapes stand for one byte; in strings, for one code point.
Unquoted Unquote(std::string_view token, bool is_bytes);

}  // namespace kulanz::cel
