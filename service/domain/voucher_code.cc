#include "service/domain/voucher_code.h"

#include "service/base/check.h"

namespace kulanz {
namespace {

// Crockford's alphabet: no I, L, O, U.
constexpr std::string_view kAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
constexpr std::size_t kPartitionSymbols = 2;
constexpr std::size_t kCheckPosition = VoucherCode::kSymbols - 1;

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

// Horner's rule at x: position i weighs x^(15-i); the powers x^1 to x^15 are different and not zero.
template <typename Symbols>
char CheckSymbol(const Symbols& symbols) {
  std::uint8_t sum = 0;
  for (std::size_t i = 0; i < kCheckPosition; ++i) {
    sum = TimesX(static_cast<std::uint8_t>(sum ^ *SymbolValue(symbols[i])));
  }
  return kAlphabet[sum];
}

}  // namespace

VoucherCode VoucherCode::Make(std::uint16_t partition, std::span<const std::uint8_t> mac) {
  KULANZ_CHECK(partition < 1024, "two symbols hold 1,024 partitions");
  KULANZ_CHECK(mac.size() >= 9, "thirteen symbols need 65 bits");
  std::array<char, kSymbols> symbols{};
  symbols[0] = kAlphabet[partition >> 5];
  symbols[1] = kAlphabet[partition & 31];
  std::uint32_t pending = 0;
  int bits = 0;
  std::size_t next = 0;
  for (std::size_t i = kPartitionSymbols; i < kCheckPosition; ++i) {
    if (bits < 5) {
      pending = (pending << 8) | mac[next++];
      bits += 8;
    }
    bits -= 5;
    symbols[i] = kAlphabet[(pending >> bits) & 31];
  }
  symbols[kCheckPosition] = CheckSymbol(symbols);
  return VoucherCode(symbols);
}

std::optional<VoucherCode> VoucherCode::Parse(std::string_view text) {
  if (text.size() > kInputBytesMax) {
    return std::nullopt;
  }
  std::string compact;
  for (const char c : text) {
    if (c != ' ' && c != '-') {
      compact += c;
    }
  }
  if (compact.size() < kSymbols || compact.size() > kSymbols + kPrefixBytesMax) {
    return std::nullopt;
  }
  std::array<char, kSymbols> symbols{};
  for (std::size_t i = 0; i < kSymbols; ++i) {
    const auto value = SymbolValue(compact[compact.size() - kSymbols + i]);
    if (!value) {
      return std::nullopt;
    }
    symbols[i] = kAlphabet[*value];
  }
  if (symbols[kCheckPosition] != CheckSymbol(symbols)) {
    return std::nullopt;
  }
  return VoucherCode(symbols);
}

std::uint16_t VoucherCode::partition() const {
  return static_cast<std::uint16_t>(*SymbolValue(symbols_[0]) * 32 + *SymbolValue(symbols_[1]));
}

std::string VoucherCode::Reveal(std::string_view prefix) const {
  std::string text(prefix);
  for (std::size_t i = 0; i < kSymbols; ++i) {
    if (i % 4 == 0 && !text.empty()) {
      text += '-';
    }
    text += symbols_[i];
  }
  return text;
}

std::string VoucherCode::Masked() const {
  return std::string(canonical().substr(0, kPartitionSymbols)) + "**-****-****-****";
}

}  // namespace kulanz
