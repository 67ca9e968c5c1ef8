// Decimal: an exact decimal number, coefficient / 10^scale, and ExactMoney, such a number of a currency.
//
// Used inside calculations, before the one rounding that turns an amount into Money: `+ - *` and
// comparisons are exact (128-bit intermediates), and a result that does not fit is no result, never a
// rounded one. There is no operator /, because 1/3 has no exact value: Div names places and rounding.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "service/domain/currency.h"
#include "service/domain/money.h"

namespace kulanz {

// What becomes of digits that are cut off.
enum class Rounding : std::uint8_t {
  kHalfUp,    // to nearest, ties away from zero (commercial)
  kHalfEven,  // to nearest, ties to the even neighbour (banker's)
  kHalfDown,  // to nearest, ties toward zero
  kUp,        // away from zero
  kDown,      // toward zero
  kCeiling,   // toward +infinity
  kFloor,     // toward -infinity
};

// "half_up", "half_even", "half_down", "up", "down", "ceiling", "floor"; nothing for anything else.
std::optional<Rounding> ParseRounding(std::string_view name);
std::string_view RoundingName(Rounding mode);

class Decimal {
 public:
  // 10^18 is the largest power of ten below 2^63, so a scale always fits the coefficient.
  static constexpr int kMaxScale = 18;

  constexpr Decimal() = default;
  constexpr explicit Decimal(std::int64_t whole) : coefficient_(whole) {}
  // Nothing when `scale` is outside 0..kMaxScale.
  static constexpr std::optional<Decimal> FromParts(std::int64_t coefficient, int scale) {
    return scale >= 0 && scale <= kMaxScale
               ? std::optional(Decimal(coefficient, static_cast<std::uint8_t>(scale)))
               : std::nullopt;
  }
  // digits * 2^exponent, rounded to `places` decimals; |digits| < 2^53. Nothing when `places` is outside
  // 0..kMaxScale or the result does not fit.
  static std::optional<Decimal> FromBinary(std::int64_t digits, int exponent, int places,
                                           Rounding mode);
  // "12.50", "-0.5", "7": digits with at most one dot that has digits on both sides, a leading '-'.
  // Nothing when malformed or when it does not fit. Trailing zeros are kept (12.50 has scale 2).
  static std::optional<Decimal> Parse(std::string_view text);

  constexpr std::int64_t coefficient() const { return coefficient_; }
  constexpr int scale() const { return scale_; }
  bool is_zero() const { return coefficient_ == 0; }
  bool is_negative() const { return coefficient_ < 0; }

  // Exact; nothing when the exact result does not fit.
  std::optional<Decimal> Plus(Decimal other) const {
    std::int64_t sum = 0;
    const bool quick =
        scale_ == other.scale_ && !__builtin_add_overflow(coefficient_, other.coefficient_, &sum);
    return quick ? Decimal(sum, scale_) : PlusWide(other);
  }
  std::optional<Decimal> Minus(Decimal other) const {
    std::int64_t difference = 0;
    const bool quick = scale_ == other.scale_ &&
                       !__builtin_sub_overflow(coefficient_, other.coefficient_, &difference);
    return quick ? Decimal(difference, scale_) : MinusWide(other);
  }
  std::optional<Decimal> Times(Decimal other) const {
    std::int64_t product = 0;
    const int scale = scale_ + other.scale_;
    const bool quick =
        scale <= kMaxScale && !__builtin_mul_overflow(coefficient_, other.coefficient_, &product);
    return quick ? Decimal(product, static_cast<std::uint8_t>(scale)) : TimesWide(other);
  }
  std::optional<Decimal> Negated() const;

  // The quotient with `places` decimals; nothing when `divisor` is zero, `places` is outside
  // 0..kMaxScale, or the result does not fit.
  std::optional<Decimal> Div(Decimal divisor, int places, Rounding mode) const;
  // With exactly `places` decimals (zeros are added); nothing as for Div.
  std::optional<Decimal> RoundedTo(int places, Rounding mode) const;
  // The multiple of `step` next to this number by `mode`; nothing when `step` is not positive or the
  // result does not fit.
  std::optional<Decimal> RoundedToStep(Decimal step, Rounding mode) const;

  // By value: 1.0 equals 1.00.
  std::strong_ordering Compare(Decimal other) const {
    return scale_ == other.scale_ ? coefficient_ <=> other.coefficient_ : CompareWide(other);
  }
  friend bool operator==(Decimal a, Decimal b) { return a.Compare(b) == 0; }
  friend std::strong_ordering operator<=>(Decimal a, Decimal b) { return a.Compare(b); }

  // "12.50": exactly scale() decimals.
  std::string ToString() const;

 private:
  constexpr Decimal(std::int64_t coefficient, std::uint8_t scale)
      : coefficient_(coefficient), scale_(scale) {}
  // With 128 bits, where 64 do not do.
  std::optional<Decimal> PlusWide(Decimal other) const;
  std::optional<Decimal> MinusWide(Decimal other) const;
  std::optional<Decimal> TimesWide(Decimal other) const;
  std::strong_ordering CompareWide(Decimal other) const;

  std::int64_t coefficient_ = 0;
  std::uint8_t scale_ = 0;
};

// An amount that may have more digits than its currency's minor unit.
struct ExactMoney {
  Decimal amount;
  Currency currency;

  explicit ExactMoney(Money money);
  constexpr ExactMoney(Decimal exact_amount, Currency its_currency)
      : amount(exact_amount), currency(its_currency) {}

  // The one rounding: to whole minor units. Nothing when the result is outside Money's range.
  std::optional<Money> ToMoney(Rounding mode) const;
  // "12.505 EUR".
  std::string ToString() const;
};

}  // namespace kulanz
