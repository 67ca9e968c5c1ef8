#include "service/cel/utf8.h"

namespace kulanz::cel::utf8 {
namespace {

unsigned char Byte(char c) { return static_cast<unsigned char>(c); }

// The bytes of a valid sequence at the front of `text`; 0 when there is none.
std::size_t ValidLength(std::string_view text) {
  const unsigned char first = Byte(text[0]);
  if (first < 0x80) {
    return 1;
  }
  const std::size_t length = first >= 0xC2 && first <= 0xDF   ? 2
                             : first >= 0xE0 && first <= 0xEF ? 3
                             : first >= 0xF0 && first <= 0xF4 ? 4
                                                              : 0;
  if (length == 0 || text.size() < length) {
    return 0;
  }
  for (std::size_t i = 1; i < length; ++i) {
    if (!IsContinuation(text[i])) {
      return 0;
    }
  }
  // Overlong forms and surrogates show in the second byte.
  const unsigned char second = Byte(text[1]);
  const bool bad = (first == 0xE0 && second < 0xA0) || (first == 0xED && second > 0x9F) ||
                   (first == 0xF0 && second < 0x90) || (first == 0xF4 && second > 0x8F);
  return bad ? 0 : length;
}

}  // namespace

bool IsScalarValue(char32_t code_point) {
  return code_point <= 0x10FFFF && (code_point < 0xD800 || code_point > 0xDFFF);
}

bool IsValid(std::string_view text) {
  while (!text.empty()) {
    const std::size_t length = ValidLength(text);
    if (length == 0) {
      return false;
    }
    text.remove_prefix(length);
  }
  return true;
}

std::size_t Count(std::string_view text) {
  std::size_t count = 0;
  for (const char c : text) {
    count += IsContinuation(c) ? 0U : 1U;
  }
  return count;
}

std::size_t LengthOf(char first) {
  const unsigned char byte = Byte(first);
  return byte < 0x80 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
}

std::size_t ByteOffset(std::string_view text, std::size_t index) {
  std::size_t offset = 0;
  for (; index > 0 && offset < text.size(); --index) {
    offset += LengthOf(text[offset]);
  }
  return offset < text.size() ? offset : text.size();
}

char32_t Front(std::string_view text) {
  const std::size_t length = LengthOf(text[0]);
  if (length == 1 || text.size() < length) {
    return Byte(text[0]);
  }
  char32_t code_point = Byte(text[0]) & static_cast<unsigned char>(0xFFU >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    code_point = (code_point << 6U) | (Byte(text[i]) & 0x3FU);
  }
  return code_point;
}

void Append(char32_t code_point, std::string& out) {
  const auto tail = [&](unsigned shift) {
    out += static_cast<char>(static_cast<unsigned char>(0x80U | ((code_point >> shift) & 0x3FU)));
  };
  if (code_point < 0x80) {
    out += static_cast<char>(code_point);
  } else if (code_point < 0x800) {
    out += static_cast<char>(static_cast<unsigned char>(0xC0U | (code_point >> 6U)));
    tail(0);
  } else if (code_point < 0x10000) {
    out += static_cast<char>(static_cast<unsigned char>(0xE0U | (code_point >> 12U)));
    tail(6);
    tail(0);
  } else {
    out += static_cast<char>(static_cast<unsigned char>(0xF0U | (code_point >> 18U)));
    tail(12);
    tail(6);
    tail(0);
  }
}

}  // namespace kulanz::cel::utf8
