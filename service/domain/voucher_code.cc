#include "service/domain/voucher_code.h"

#include "service/base/check.h"

namespace kulanz {
namespace {

// Crockford's alphabet: no I, L, O, U.
constexpr std::string_view kAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
constexpr std::size_t kPartitionSymbols = 2;

// Times x in GF(32) with the primitive polynomial x^5 + x^2 + 1.
constexpr std::uint8_t TimesX(std::uint8_t value) {
  const int shifted = value << 1;
  return static_cast<std::uint8_t>((shifted & 32) != 0 ? (shifted ^ 0b100101) : shifted);
}

// The value of a typed character, with look-alikes forgiven; nothing outside the alphabet.
std::optional<std::uint8_t> SymbolValue(char c) {
  if (c >= 'a' && c <= 'z') {
    c = static_cast<char>(c - 'a' + 'A');
  }
  if (c == 'O') {
    c = '0';
  }
  if (c == 'I' || c == 'L') {
    c = '1';
  }
  const std::size_t at = kAlphabet.find(c);
  if (at == std::string_view::npos) {
    return std::nullopt;
  }
  return static_cast<std::uint8_t>(at);
}

// Horner's rule at x: position i of n weighs x^(n-1-i); the powers x^1 to x^19 are different and not zero.
char CheckSymbol(std::string_view without_check) {
  std::uint8_t sum = 0;
  for (const char symbol : without_check) {
    sum = TimesX(static_cast<std::uint8_t>(sum ^ *SymbolValue(symbol)));
  }
  return kAlphabet[sum];
}

// The last symbols of what was typed, if they are a code of this length.
std::optional<std::string> ReadSymbols(std::string_view compact, VoucherCode::Length length) {
  const auto count = static_cast<std::size_t>(length);
  if (compact.size() < count || compact.size() > count + VoucherCode::kPrefixBytesMax) {
    return std::nullopt;
  }
  std::string symbols;
  for (const char typed : compact.substr(compact.size() - count)) {
    const auto value = SymbolValue(typed);
    if (!value) {
      return std::nullopt;
    }
    symbols += kAlphabet[*value];
  }
  const bool fits = symbols.back() == CheckSymbol(std::string_view(symbols).substr(0, count - 1));
  return fits ? std::optional(symbols) : std::nullopt;
}

}  // namespace

VoucherCode VoucherCode::Make(std::uint16_t partition, std::span<const std::uint8_t> mac,
                              Length length) {
  const std::size_t secret = static_cast<std::size_t>(length) - kPartitionSymbols - 1;
  KULANZ_CHECK(partition < 1024, "two symbols hold 1,024 partitions");
  KULANZ_CHECK(mac.size() * 8 >= secret * 5, "every symbol needs five bits");
  std::string symbols = {kAlphabet[partition >> 5], kAlphabet[partition & 31]};
  std::uint32_t pending = 0;
  int bits = 0;
  std::size_t next = 0;
  for (std::size_t i = 0; i < secret; ++i) {
    if (bits < 5) {
      pending = (pending << 8) | mac[next++];
      bits += 8;
    }
    bits -= 5;
    symbols += kAlphabet[(pending >> bits) & 31];
  }
  symbols += CheckSymbol(symbols);
  return VoucherCode(std::move(symbols));
}

std::vector<VoucherCode> VoucherCode::Readings(std::string_view text) {
  std::vector<VoucherCode> readings;
  if (text.size() > kInputBytesMax) {
    return readings;
  }
  std::string compact;
  for (const char c : text) {
    if (c != ' ' && c != '-') {
      compact += c;
    }
  }
  for (const Length length : {Length::kShort, Length::kLong}) {
    if (auto symbols = ReadSymbols(compact, length)) {
      readings.push_back(VoucherCode(*std::move(symbols)));
    }
  }
  return readings;
}

std::optional<VoucherCode> VoucherCode::Parse(std::string_view text) {
  std::vector<VoucherCode> readings = Readings(text);
  return readings.empty() ? std::nullopt : std::optional(std::move(readings.front()));
}

std::uint16_t VoucherCode::partition() const {
  return static_cast<std::uint16_t>(*SymbolValue(symbols_[0]) * 32 + *SymbolValue(symbols_[1]));
}

std::string VoucherCode::Reveal(std::string_view prefix) const {
  std::string text(prefix);
  for (std::size_t i = 0; i < symbols_.size(); ++i) {
    if (i % 4 == 0 && !text.empty()) {
      text += '-';
    }
    text += symbols_[i];
  }
  return text;
}

std::string VoucherCode::Masked() const {
  std::string text = symbols_.substr(0, kPartitionSymbols) + "**";
  for (std::size_t i = 4; i < symbols_.size(); i += 4) {
    text += "-****";
  }
  return text;
}

}  // namespace kulanz
