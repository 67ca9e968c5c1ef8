// VoucherCode: the secret text that a customer types at checkout.
//
// 16 symbols of Crockford base32 in groups of four, "0KX7-9QWE-RTYU-PAS5": two for the partition,
// thirteen (65 bits) from an HMAC over the incident, one check symbol. What anybody may use, or use in parts,
// is worth more guesses: its codes have 20 symbols, seventeen (85 bits) of them secret. A policy may print a prefix
// before it ("SORRY-0KX7-..."). Reading is forgiving: case, spaces, dashes and look-alikes (O for 0, I
// and L for 1) do not matter, and a prefix is dropped. The check symbol is a weighted sum of the others
// in the field of 32 elements: every single wrong symbol and every swap of two neighbours is found
// without asking the store.
//
// A code is a bearer secret: the type prints masked, and only Reveal() gives the text. The tidy test
// lists the files that may call it.
#pragma once

#include <cstdint>
#include <optional>
#include <ostream>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kulanz {

class VoucherCode {
 public:
  enum class Length : std::uint8_t { kShort = 16, kLong = 20 };
  static constexpr std::size_t kSymbolsMax = 20;
  static constexpr std::size_t kPrefixBytesMax = 12;
  static constexpr std::size_t kInputBytesMax = 64;  // what Parse looks at at most

  // `partition` < 1,024; the first 65 or 85 bits of `mac` (at least 9 or 11 bytes, checked) become symbols.
  static VoucherCode Make(std::uint16_t partition, std::span<const std::uint8_t> mac,
                          Length length = Length::kShort);

  // The codes that the text may be: none when it is too short or long, has other symbols, or no check symbol
  // fits; two when the end of a prefix could by chance belong to a long code.
  static std::vector<VoucherCode> Readings(std::string_view text);
  // The only reading, or the short one of two.
  static std::optional<VoucherCode> Parse(std::string_view text);

  std::uint16_t partition() const;
  // The symbols without dashes, for hashing.
  std::string_view canonical() const { return symbols_; }
  // What the customer sees: "SORRY-0KX7-9QWE-RTYU-PAS5" or without the prefix when it is empty.
  std::string Reveal(std::string_view prefix = {}) const;
  // "0K**-****-****-****": the partition only, for logs and support.
  std::string Masked() const;

  friend bool operator==(const VoucherCode&, const VoucherCode&) = default;
  friend std::ostream& operator<<(std::ostream& out, const VoucherCode& code) {
    return out << code.Masked();
  }

 private:
  explicit VoucherCode(std::string symbols) : symbols_(std::move(symbols)) {}
  std::string symbols_;
};

}  // namespace kulanz
