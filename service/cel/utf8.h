// UTF-8: reading, writing and checking code points. Lengths and indexes of CEL strings count these.
//
// Thread-safety: pure functions.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace kulanz::cel::utf8 {

// A code point that is no surrogate and at most U+10FFFF.
bool IsScalarValue(char32_t code_point);
bool IsValid(std::string_view text);
// Not the first byte of a code point.
constexpr bool IsContinuation(char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }
// Of valid text: the number of code points.
std::size_t Count(std::string_view text);
// Of valid text: the bytes of the code point that starts with `first`.
std::size_t LengthOf(char first);
// Of valid text: the byte at which code point number `index` starts; the end for index == Count.
std::size_t ByteOffset(std::string_view text, std::size_t index);
// The code point at the front of valid, non-empty text.
char32_t Front(std::string_view text);
void Append(char32_t code_point, std::string& out);

}  // namespace kulanz::cel::utf8
