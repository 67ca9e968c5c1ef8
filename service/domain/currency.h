// Currency: an ISO 4217 currency with its number of decimal places.
//
// A value type of four bytes, valid by construction: only codes of the table in currency.cc exist.
// Source: ISO 4217 list one (active codes); funds codes, metals and test codes are left out.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace kulanz {

class Currency {
 public:
  // `code`: three capital letters, e.g. "EUR". Nothing for a code that is not in the table.
  static std::optional<Currency> FromCode(std::string_view code);

  std::string_view code() const { return {code_.data(), code_.size()}; }
  // Decimal places of the minor unit: 0 (JPY), 2 (EUR), 3 (KWD) or 4 (CLF).
  int exponent() const { return exponent_; }

  friend bool operator==(Currency, Currency) = default;
  friend auto operator<=>(Currency, Currency) = default;

 private:
  constexpr Currency(std::array<char, 3> code, std::uint8_t exponent)
      : code_(code), exponent_(exponent) {}
  std::array<char, 3> code_;
  std::uint8_t exponent_;
};

}  // namespace kulanz
