#include "service/adapters/grpc/text.h"

#include <algorithm>

namespace kulanz::rpc {
namespace {

constexpr std::size_t kLocalPartBytesMax = 64;  // RFC 5321, 4.5.3.1.1
constexpr std::size_t kDomainBytesMax = 255;    // RFC 5321, 4.5.3.1.2
constexpr std::size_t kLabelBytesMax = 63;      // RFC 1035, 2.3.4

bool IsLetterOrDigit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool IsAtomSymbol(char c) {
  return IsLetterOrDigit(c) ||
         std::string_view("!#$%&'*+-/=?^_`{|}~").find(c) != std::string_view::npos;
}

bool IsHostLabel(std::string_view label) {
  return !label.empty() && label.size() <= kLabelBytesMax && label.front() != '-' &&
         label.back() != '-' && std::all_of(label.begin(), label.end(), [](char c) {
           return IsLetterOrDigit(c) || c == '-';
         });
}

// Whether `part` holds for each piece of `text` between separators.
template <typename Predicate>
bool EachPiece(std::string_view text, char separator, Predicate part) {
  while (true) {
    const std::size_t end = text.find(separator);
    if (!part(text.substr(0, end))) {
      return false;
    }
    if (end == std::string_view::npos) {
      return true;
    }
    text.remove_prefix(end + 1);
  }
}

}  // namespace

DecodedSymbol DecodeSymbol(std::string_view text) {
  if (text.empty()) {
    return {};
  }
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) {
    return {first, 1};
  }
  std::size_t bytes = 0;
  char32_t value = 0;
  char32_t smallest = 0;
  if ((first & 0xE0U) == 0xC0U) {
    bytes = 2, value = first & 0x1FU, smallest = 0x80;
  } else if ((first & 0xF0U) == 0xE0U) {
    bytes = 3, value = first & 0x0FU, smallest = 0x800;
  } else if ((first & 0xF8U) == 0xF0U) {
    bytes = 4, value = first & 0x07U, smallest = 0x10000;
  } else {
    return {};
  }
  if (text.size() < bytes) {
    return {};
  }
  for (std::size_t i = 1; i < bytes; ++i) {
    if ((byte(i) & 0xC0U) != 0x80U) {
      return {};
    }
    value = (value << 6U) | (byte(i) & 0x3FU);
  }
  const bool surrogate = value >= 0xD800 && value <= 0xDFFF;
  if (value < smallest || value > 0x10FFFF || surrogate) {
    return {};
  }
  return {value, bytes};
}

bool IsUtf8(std::string_view text) {
  while (!text.empty()) {
    const DecodedSymbol symbol = DecodeSymbol(text);
    if (symbol.bytes == 0) {
      return false;
    }
    text.remove_prefix(symbol.bytes);
  }
  return true;
}

bool IsPrintable(char32_t c) {
  const bool control = c < 0x20 || (c >= 0x7F && c <= 0x9F);
  const bool separator = c == 0x2028 || c == 0x2029;
  const bool bidirectional = (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
  const bool mark = c == 0xFEFF;
  const bool noncharacter = (c >= 0xFDD0 && c <= 0xFDEF) || (c & 0xFFFEU) == 0xFFFEU;
  return !control && !separator && !bidirectional && !mark && !noncharacter;
}

bool IsPrintableText(std::string_view text) {
  while (!text.empty()) {
    const auto first = static_cast<unsigned char>(text.front());
    if (first >= 0x20 && first < 0x7F) {  // The usual case, without decoding.
      text.remove_prefix(1);
      continue;
    }
    const DecodedSymbol symbol = DecodeSymbol(text);
    if (symbol.bytes == 0 || !IsPrintable(symbol.code_point)) {
      return false;
    }
    text.remove_prefix(symbol.bytes);
  }
  return true;
}

bool IsEmailAddress(std::string_view text) {
  const std::size_t at = text.find('@');
  if (at == std::string_view::npos) {
    return false;
  }
  const std::string_view local = text.substr(0, at);
  const std::string_view domain = text.substr(at + 1);
  if (local.size() > kLocalPartBytesMax || domain.size() > kDomainBytesMax) {
    return false;
  }
  const auto is_atom = [](std::string_view atom) {
    return !atom.empty() && std::all_of(atom.begin(), atom.end(), IsAtomSymbol);
  };
  return EachPiece(local, '.', is_atom) && EachPiece(domain, '.', IsHostLabel);
}

bool IsLanguageTag(std::string_view text) {
  constexpr std::size_t kSubtagBytesMax = 8;  // RFC 5646, 2.1
  const std::string_view language = text.substr(0, text.find('-'));
  const bool letters =
      std::none_of(language.begin(), language.end(), [](char c) { return c >= '0' && c <= '9'; });
  return letters && language.size() >= 2 && EachPiece(text, '-', [](std::string_view subtag) {
           return !subtag.empty() && subtag.size() <= kSubtagBytesMax &&
                  std::all_of(subtag.begin(), subtag.end(), IsLetterOrDigit);
         });
}

}  // namespace kulanz::rpc
