// Money: an exact amount in whole minor units of one currency (12.50 EUR is 1250 minor units).
//
// There is no floating point, no implicit conversion and no operator that could mix currencies or
// overflow in silence: arithmetic returns nothing when the result is not representable. Amounts are
// capped at kMaxMinorUnits so that sums of a million of them fit and JSON and Lua numbers stay exact.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "service/domain/currency.h"

namespace kulanz {

class Money {
 public:
  // 2^53 - 1: the largest integer that every JSON reader and Redis' Lua hold exactly.
  static constexpr std::int64_t kMaxMinorUnits = 9'007'199'254'740'991;

  // Nothing when |minor_units| > kMaxMinorUnits.
  static std::optional<Money> FromMinorUnits(std::int64_t minor_units, Currency currency);
  static Money Zero(Currency currency) { return Money(0, currency); }
  // Parses "12.50", "-3", "0.5": at most `currency.exponent()` decimals, no sign '+', no blanks, no
  // leading zeros but one. Nothing when malformed or out of range.
  static std::optional<Money> Parse(std::string_view number, Currency currency);

  std::int64_t minor_units() const { return minor_units_; }
  Currency currency() const { return currency_; }
  bool is_zero() const { return minor_units_ == 0; }
  bool is_negative() const { return minor_units_ < 0; }

  // Nothing when the currencies differ or the result is out of range.
  std::optional<Money> Plus(Money other) const;
  std::optional<Money> Minus(Money other) const;
  // Order of two amounts of the same currency; `unordered` otherwise.
  std::partial_ordering Compare(Money other) const;

  // "12.50", with exactly exponent() decimals.
  std::string Number() const;
  // "12.50 EUR".
  std::string ToString() const;

  friend bool operator==(Money, Money) = default;

 private:
  Money(std::int64_t minor_units, Currency currency)
      : minor_units_(minor_units), currency_(currency) {}
  std::int64_t minor_units_;
  Currency currency_;
};

}  // namespace kulanz
