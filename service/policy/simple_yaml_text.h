// Which characters and words simple YAML is made of (simple_yaml.h).
//
// Thread-safety: pure functions.
#pragma once

#include <string_view>

namespace kulanz::policy {

inline bool IsAlphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}
inline bool IsKeyCharacter(char c) {
  return IsAlphanumeric(c) || c == '_' || c == '-' || c == '.' || c == '/';
}
// What plain text may begin with, so that no reader takes it for anything else.
inline bool MayBegin(char c) {
  return IsAlphanumeric(c) || c == '_' || c == '(' || c == '.' || c == '/' || c == '+' ||
         c == '=' || c == '<' || c == '$' || (static_cast<unsigned char>(c) & 0x80U) != 0;
}

// What YAML takes for nothing instead of text.
bool IsNull(std::string_view text);

// Tabs, carriage returns and the line breaks and marks beyond ASCII mean different things to different
// readers. `text` is well-formed UTF-8.
bool HasOddWhiteSpace(std::string_view text);

}  // namespace kulanz::policy
