// Currency: an ISO 4217 currency with its number of decimal places.
//
// A value type of four bytes, valid by construction: only codes of the table in currency.cc exist.
// Ordered by code. Source: ISO 4217 list one (active codes); funds codes, metals and test codes are left
// out.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace kulanz {

class Currency {
 public:
  // `code`: three capital letters, e.g. "EUR". Nothing for a code that is not in the table.
  static std::optional<Currency> FromCode(std::string_view code);

  // With static storage duration: it outlives the Currency.
  std::string_view code() const;
  // Decimal places of the minor unit: 0 (JPY), 2 (EUR), 3 (KWD) or 4 (CLF).
  int exponent() const;

  friend bool operator==(Currency, Currency) = default;
  friend auto operator<=>(Currency, Currency) = default;

 private:
  constexpr explicit Currency(std::uint32_t index) : index_(index) {}
  std::uint32_t index_;  // into the table, which is sorted by code
};

}  // namespace kulanz
