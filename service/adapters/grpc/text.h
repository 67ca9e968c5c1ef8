// Text rules of the API: what callers may put into ids, names and other strings.
//
// Bytes are UTF-8 when protobuf has parsed them, but these functions accept anything. Thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace kulanz::rpc {

struct DecodedSymbol {
  char32_t code_point = 0;
  std::size_t bytes = 0;  // 0: `text` does not begin with well-formed UTF-8
};
// The first code point of `text`. Overlong forms, surrogates and values past U+10FFFF are not UTF-8.
DecodedSymbol DecodeSymbol(std::string_view text);

bool IsUtf8(std::string_view text);

// False for control characters (C0, DEL, C1), line and paragraph separators, bidirectional overrides
// and isolates, the byte order mark and noncharacters: what breaks a header line, a log line or what a
// person sees.
bool IsPrintable(char32_t code_point);
// Every symbol is; false for what is not UTF-8.
bool IsPrintableText(std::string_view text);

// An address that may stand in a mail header as it is: ASCII, one '@', a dot-atom of 1 to 64 bytes before
// it and a host name of 1 to 255 bytes behind it. Quoted local parts and address literals are refused.
bool IsEmailAddress(std::string_view text);

// The shape of a BCP 47 tag: "de", "de-CH", "zh-Hant-TW"; whether the language exists is not looked at.
bool IsLanguageTag(std::string_view text);

}  // namespace kulanz::rpc
