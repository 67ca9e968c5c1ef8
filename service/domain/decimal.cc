#include "service/domain/decimal.h"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "service/base/ascii.h"

namespace kulanz {
namespace {

// Coefficients times a power of ten up to 10^18 stay below 2^123, so every intermediate fits.
__extension__ using Wide = __int128;

constexpr std::array<std::pair<std::string_view, Rounding>, 7> kRoundings = {{
    {"half_up", Rounding::kHalfUp},
    {"half_even", Rounding::kHalfEven},
    {"half_down", Rounding::kHalfDown},
    {"up", Rounding::kUp},
    {"down", Rounding::kDown},
    {"ceiling", Rounding::kCeiling},
    {"floor", Rounding::kFloor},
}};

constexpr std::array<std::int64_t, Decimal::kMaxScale + 1> kPowersOfTen = [] {
  std::array<std::int64_t, Decimal::kMaxScale + 1> powers{};
  std::int64_t power = 1;
  for (std::size_t i = 0; i < powers.size(); ++i) {
    powers[i] = power;
    if (i + 1 < powers.size()) {
      power *= 10;
    }
  }
  return powers;
}();

std::int64_t PowerOfTen(int exponent) { return kPowersOfTen[static_cast<std::size_t>(exponent)]; }

bool Fits(Wide value) {
  return value >= std::numeric_limits<std::int64_t>::min() &&
         value <= std::numeric_limits<std::int64_t>::max();
}

// coefficient / 10^scale without loss: trailing zeros are dropped only when that makes it fit.
std::optional<Decimal> Exact(Wide coefficient, int scale) {
  while ((scale > Decimal::kMaxScale || !Fits(coefficient)) && scale > 0 && coefficient % 10 == 0) {
    coefficient /= 10;
    --scale;
  }
  if (scale > Decimal::kMaxScale || !Fits(coefficient)) {
    return std::nullopt;
  }
  return Decimal::FromParts(static_cast<std::int64_t>(coefficient), scale);
}

// Whether a quotient that was cut towards zero moves one away from zero. `twice_rest_vs_divisor` is the
// sign of 2 * |rest| - |divisor|.
bool RoundsAway(Rounding mode, bool negative, bool odd, int twice_rest_vs_divisor) {
  switch (mode) {
    case Rounding::kHalfUp:
      return twice_rest_vs_divisor >= 0;
    case Rounding::kHalfEven:
      return twice_rest_vs_divisor > 0 || (twice_rest_vs_divisor == 0 && odd);
    case Rounding::kHalfDown:
      return twice_rest_vs_divisor > 0;
    case Rounding::kUp:
      return true;
    case Rounding::kDown:
      return false;
    case Rounding::kCeiling:
      return !negative;
    case Rounding::kFloor:
      return negative;
  }
  return false;
}

// magnitude / by, rounded; both are positive (`magnitude` may be zero).
template <typename Unsigned>
Unsigned DivideMagnitudes(Unsigned magnitude, Unsigned by, bool negative, Rounding mode) {
  const Unsigned quotient = magnitude / by;
  const Unsigned rest = magnitude - quotient * by;
  if (rest == 0) {
    return quotient;
  }
  // 2 * rest against by, without overflow.
  const Unsigned other = by - rest;
  const int order = rest < other ? -1 : (rest > other ? 1 : 0);
  return RoundsAway(mode, negative, quotient % 2 != 0, order) ? quotient + 1 : quotient;
}

// dividend / divisor as a whole number. `divisor` != 0; both are far below 2^127.
Wide DivideRounded(Wide dividend, Wide divisor, Rounding mode) {
  const bool negative = (dividend < 0) != (divisor < 0);
  const Wide magnitude = dividend < 0 ? -dividend : dividend;
  const Wide by = divisor < 0 ? -divisor : divisor;
  Wide quotient = 0;
  if (Fits(magnitude) && Fits(by)) {  // nearly always, and several times as fast
    quotient = DivideMagnitudes(static_cast<std::uint64_t>(magnitude),
                                static_cast<std::uint64_t>(by), negative, mode);
  } else {
    quotient = DivideMagnitudes(magnitude, by, negative, mode);
  }
  return negative ? -quotient : quotient;
}

}  // namespace

std::optional<Rounding> ParseRounding(std::string_view name) {
  for (const auto& [known, mode] : kRoundings) {
    if (known == name) {
      return mode;
    }
  }
  return std::nullopt;
}

std::string_view RoundingName(Rounding mode) {
  for (const auto& [name, known] : kRoundings) {
    if (known == mode) {
      return name;
    }
  }
  return "?";
}

std::optional<Decimal> Decimal::FromBinary(std::int64_t digits, int exponent, int places,
                                           Rounding mode) {
  if (places < 0 || places > kMaxScale) {
    return std::nullopt;
  }
  Wide scaled = Wide{digits} * PowerOfTen(places);  // below 2^113
  // With more binary places the dividend is less than half the divisor; only that there is one counts.
  constexpr int kMaxShift = 120;
  if (exponent >= 0) {
    for (; exponent > 0 && Fits(scaled) && scaled != 0; --exponent) {
      scaled *= 2;
    }
  } else {
    scaled = exponent < -kMaxShift ? (scaled > 0) - (scaled < 0) : scaled;
    scaled = DivideRounded(scaled, Wide{1} << std::min(-exponent, kMaxShift), mode);
  }
  return Fits(scaled) ? FromParts(static_cast<std::int64_t>(scaled), places) : std::nullopt;
}

std::optional<Decimal> Decimal::Parse(std::string_view text) {
  const bool negative = !text.empty() && text.front() == '-';
  if (negative) {
    text.remove_prefix(1);
  }
  const std::size_t dot = text.find('.');
  if (text.empty() || dot == 0 || dot == text.size() - 1) {
    return std::nullopt;
  }
  Wide coefficient = 0;
  int scale = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (i == dot) {
      continue;
    }
    if (!IsDigit(text[i])) {
      return std::nullopt;
    }
    coefficient = coefficient * 10 + (text[i] - '0');
    scale += dot != std::string_view::npos && i > dot ? 1 : 0;
    // Even with zeros dropped later, 37 digits could not become a fitting coefficient and scale.
    if (coefficient > Wide{PowerOfTen(18)} * PowerOfTen(18) || scale > 2 * kMaxScale) {
      return std::nullopt;
    }
  }
  return Exact(negative ? -coefficient : coefficient, scale);
}

std::optional<Decimal> Decimal::PlusWide(Decimal other) const {
  const int scale = scale_ > other.scale_ ? scale_ : other.scale_;
  return Exact(Wide{coefficient_} * PowerOfTen(scale - scale_) +
                   Wide{other.coefficient_} * PowerOfTen(scale - other.scale_),
               scale);
}

std::optional<Decimal> Decimal::MinusWide(Decimal other) const {
  const int scale = scale_ > other.scale_ ? scale_ : other.scale_;
  return Exact(Wide{coefficient_} * PowerOfTen(scale - scale_) -
                   Wide{other.coefficient_} * PowerOfTen(scale - other.scale_),
               scale);
}

std::optional<Decimal> Decimal::TimesWide(Decimal other) const {
  return Exact(Wide{coefficient_} * other.coefficient_, scale_ + other.scale_);
}

std::optional<Decimal> Decimal::Negated() const { return Exact(-Wide{coefficient_}, scale_); }

std::optional<Decimal> Decimal::Div(Decimal divisor, int places, Rounding mode) const {
  if (divisor.is_zero() || places < 0 || places > kMaxScale) {
    return std::nullopt;
  }
  // coefficient / 10^s / (d / 10^t) * 10^places = coefficient * 10^(t + places - s) / d.
  const int shift = divisor.scale_ + places - scale_;
  Wide dividend = coefficient_;
  Wide by = divisor.coefficient_;
  if (shift < 0) {
    by *= PowerOfTen(-shift);
  } else if (shift <= kMaxScale) {
    dividend *= PowerOfTen(shift);
  } else {
    // A dividend that does not fit 127 bits makes a quotient that does not fit 63: the divisor has at
    // most 64.
    dividend *= PowerOfTen(kMaxScale);
    constexpr Wide kLimit = std::numeric_limits<Wide>::max() / 2;
    if (__builtin_mul_overflow(dividend, Wide{PowerOfTen(shift - kMaxScale)}, &dividend) ||
        dividend > kLimit || dividend < -kLimit) {
      return std::nullopt;
    }
  }
  const Wide quotient = DivideRounded(dividend, by, mode);
  return Fits(quotient) ? FromParts(static_cast<std::int64_t>(quotient), places) : std::nullopt;
}

std::optional<Decimal> Decimal::RoundedTo(int places, Rounding mode) const {
  if (places < 0 || places > kMaxScale) {
    return std::nullopt;
  }
  if (places < scale_) {  // the result is smaller, so that 64 bits do
    const bool negative = is_negative();
    const auto bits = static_cast<std::uint64_t>(coefficient_);
    const auto by = static_cast<std::uint64_t>(PowerOfTen(scale_ - places));
    const std::uint64_t quotient =
        DivideMagnitudes(negative ? 0U - bits : bits, by, negative, mode);
    return FromParts(static_cast<std::int64_t>(negative ? 0U - quotient : quotient), places);
  }
  const Wide rounded = Wide{coefficient_} * PowerOfTen(places - scale_);
  return Fits(rounded) ? FromParts(static_cast<std::int64_t>(rounded), places) : std::nullopt;
}

std::optional<Decimal> Decimal::RoundedToStep(Decimal step, Rounding mode) const {
  if (step.is_zero() || step.is_negative()) {
    return std::nullopt;
  }
  const int scale = scale_ > step.scale_ ? scale_ : step.scale_;
  const Wide value = Wide{coefficient_} * PowerOfTen(scale - scale_);
  const Wide unit = Wide{step.coefficient_} * PowerOfTen(scale - step.scale_);
  const Wide multiple = DivideRounded(value, unit, mode) * unit;
  return Exact(multiple, scale);
}

std::strong_ordering Decimal::CompareWide(Decimal other) const {
  const int scale = scale_ > other.scale_ ? scale_ : other.scale_;
  const Wide mine = Wide{coefficient_} * PowerOfTen(scale - scale_);
  const Wide theirs = Wide{other.coefficient_} * PowerOfTen(scale - other.scale_);
  return mine < theirs   ? std::strong_ordering::less
         : mine > theirs ? std::strong_ordering::greater
                         : std::strong_ordering::equal;
}

std::string Decimal::ToString() const {
  const bool negative = coefficient_ < 0;
  // Unsigned negation is right for the smallest int64 too.
  const auto magnitude = negative ? 0U - static_cast<std::uint64_t>(coefficient_)
                                  : static_cast<std::uint64_t>(coefficient_);
  std::string digits = std::to_string(magnitude);
  if (scale_ > 0) {
    const auto decimals = static_cast<std::size_t>(scale_);
    if (digits.size() <= decimals) {
      digits.insert(0, decimals + 1 - digits.size(), '0');
    }
    digits.insert(digits.size() - decimals, 1, '.');
  }
  return negative ? "-" + digits : digits;
}

ExactMoney::ExactMoney(Money money)
    // Always fits: an exponent is at most 4.
    : amount(*Decimal::FromParts(money.minor_units(), money.currency().exponent())),
      currency(money.currency()) {}

std::optional<Money> ExactMoney::ToMoney(Rounding mode) const {
  const std::optional<Decimal> rounded = amount.RoundedTo(currency.exponent(), mode);
  return rounded ? Money::FromMinorUnits(rounded->coefficient(), currency) : std::nullopt;
}

std::string ExactMoney::ToString() const {
  std::string text = amount.ToString();
  text += ' ';
  text += currency.code();
  return text;
}

}  // namespace kulanz
