#include "service/adapters/mail/text_safety.h"

#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include <algorithm>

namespace kulanz::adapters {
namespace {

// ICU's macro narrows on purpose.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wsign-conversion"
#pragma GCC diagnostic ignored "-Wold-style-cast"

// The code point that `text` begins with, and its length; negative when malformed.
UChar32 FirstCodePoint(std::string_view text, std::size_t& length) {
  constexpr std::size_t kLongest = 4;
  const auto size = static_cast<std::int32_t>(std::min(text.size(), kLongest));
  std::int32_t at = 0;
  UChar32 point = 0;
  U8_NEXT(text.data(), at, size, point);
  length = static_cast<std::size_t>(at);
  return point;
}

#pragma GCC diagnostic pop

bool OverridesDirection(UChar32 point) {
  return (point >= 0x202A && point <= 0x202E) || (point >= 0x2066 && point <= 0x2069);
}

}  // namespace

bool IsSafeHeaderText(std::string_view text) {
  while (!text.empty()) {
    std::size_t length = 0;
    const UChar32 point = FirstCodePoint(text, length);
    if (point < 0 || u_charType(point) == U_CONTROL_CHAR || OverridesDirection(point)) return false;
    if (point == 0x2028 || point == 0x2029) return false;
    text.remove_prefix(length);
  }
  return true;
}

std::size_t Utf8SequenceLength(std::string_view text) {
  if (text.empty()) return 0;
  std::size_t length = 0;
  return FirstCodePoint(text, length) < 0 ? 0 : length;
}

}  // namespace kulanz::adapters
