#include "service/domain/money.h"

#include <cstdlib>

#include "service/base/ascii.h"

namespace kulanz {
namespace {

// Appends `digit` to `value`; false when the result leaves Money's range.
bool Append(std::int64_t& value, int digit) {
  if (value > (Money::kMaxMinorUnits - digit) / 10) {
    return false;
  }
  value = value * 10 + digit;
  return true;
}

}  // namespace

std::optional<Money> Money::FromMinorUnits(std::int64_t minor_units, Currency currency) {
  if (minor_units > kMaxMinorUnits || minor_units < -kMaxMinorUnits) {
    return std::nullopt;
  }
  return Money(minor_units, currency);
}

std::optional<Money> Money::Parse(std::string_view number, Currency currency) {
  const bool negative = !number.empty() && number.front() == '-';
  if (negative) {
    number.remove_prefix(1);
  }
  const std::size_t dot = number.find('.');
  const std::string_view whole = number.substr(0, dot);
  const std::string_view fraction =
      dot == std::string_view::npos ? std::string_view{} : number.substr(dot + 1);
  const bool empty_part = whole.empty() || (dot != std::string_view::npos && fraction.empty());
  const bool leading_zero = whole.size() > 1 && whole.front() == '0';
  const auto exponent = static_cast<std::size_t>(currency.exponent());
  if (empty_part || leading_zero || fraction.size() > exponent) {
    return std::nullopt;
  }
  std::int64_t value = 0;
  for (const std::string_view part : {whole, fraction}) {
    for (const char c : part) {
      if (!IsDigit(c) || !Append(value, c - '0')) {
        return std::nullopt;
      }
    }
  }
  for (std::size_t i = fraction.size(); i < exponent; ++i) {
    if (!Append(value, 0)) {
      return std::nullopt;
    }
  }
  return Money(negative ? -value : value, currency);
}

std::optional<Money> Money::Plus(Money other) const {
  if (currency_ != other.currency_) {
    return std::nullopt;
  }
  // Both are within 2^53, so the sum cannot overflow.
  return FromMinorUnits(minor_units_ + other.minor_units_, currency_);
}

std::optional<Money> Money::Minus(Money other) const {
  return Plus(Money(-other.minor_units_, other.currency_));
}

std::partial_ordering Money::Compare(Money other) const {
  if (currency_ != other.currency_) {
    return std::partial_ordering::unordered;
  }
  return minor_units_ <=> other.minor_units_;
}

std::string Money::Number() const {
  std::string digits = std::to_string(std::llabs(minor_units_));
  const auto exponent = static_cast<std::size_t>(currency_.exponent());
  if (exponent > 0) {
    if (digits.size() <= exponent) {
      digits.insert(0, exponent + 1 - digits.size(), '0');
    }
    digits.insert(digits.size() - exponent, 1, '.');
  }
  return is_negative() ? "-" + digits : digits;
}

std::string Money::ToString() const {
  std::string text = Number();
  text += ' ';
  text += currency_.code();
  return text;
}

}  // namespace kulanz
