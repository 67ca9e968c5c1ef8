#include "service/kulanz/report/numbers.h"

#include <algorithm>

#include "service/kulanz/simulate/totals.h"
#include "service/kulanz/terminal/progress_bar.h"

namespace kulanz::command {
namespace {

// 1, 2 or 5 times a power of ten: the least that is at least `least`.
std::int64_t RoundStep(std::int64_t least) {
  std::int64_t power = 1;
  while (true) {
    for (const std::int64_t factor : {1, 2, 5}) {
      if (factor * power >= least) {
        return factor * power;
      }
    }
    power *= 10;
  }
}

// With at most one decimal, in thousands or millions: `value` of `one` each.
std::string Short(std::int64_t value, std::int64_t one, std::int64_t scale, const char* suffix) {
  const std::int64_t tenths = value * 10 / (one * scale);
  std::string text = std::to_string(tenths / 10);
  if (tenths % 10 != 0) {
    text += "." + std::to_string(tenths % 10);
  }
  return text + suffix;
}

}  // namespace

std::int64_t Unit::One() const {
  std::int64_t one = 1;
  for (int i = 0; currency && i < currency->exponent(); ++i) {
    one *= 10;
  }
  return one;
}

std::string Unit::Text(std::int64_t value) const {
  return currency ? GroupedAmount(value, *currency) + " " + std::string(currency->code())
                  : (value < 0 ? "-" : "") +
                        Grouped(static_cast<std::size_t>(value < 0 ? -value : value));
}

std::string Unit::Tick(std::int64_t value) const {
  const std::int64_t absolute = value < 0 ? -value : value;
  const std::int64_t one = One();
  std::string text;
  if (absolute >= 1'000'000 * one) {
    text = Short(absolute, one, 1'000'000, "M");
  } else if (absolute >= 10'000 * one) {
    text = Short(absolute, one, 1'000, "k");
  } else if (absolute % one == 0) {
    text = Grouped(static_cast<std::size_t>(absolute / one));
  } else {
    text = GroupedAmount(absolute, *currency);
  }
  return (value < 0 ? "\xE2\x88\x92" : "") + text;
}

std::string HeadlineAmount(std::int64_t minor_units, Currency currency) {
  const Unit unit{currency};
  const std::int64_t one = unit.One();
  const std::int64_t absolute = minor_units < 0 ? -minor_units : minor_units;
  if (absolute < 100 * one) {
    return unit.Text(minor_units);
  }
  return (minor_units < 0 ? "-" : "") +
         Grouped(static_cast<std::size_t>((absolute + one / 2) / one)) + " " +
         std::string(currency.code());
}

std::string SignedAmount(std::int64_t minor_units, Currency currency) {
  return (minor_units > 0 ? "+" : "") + Unit{currency}.Text(minor_units);
}

std::string Share(std::int64_t part, std::int64_t whole) {
  if (whole <= 0) {
    return "-";
  }
  const std::int64_t tenths = (part * 1000 + whole / 2) / whole;
  if (part > 0 && tenths == 0) {
    return "< 0.1 %";
  }
  return tenths % 10 == 0 || tenths >= 100
             ? std::to_string((tenths + (tenths >= 100 ? 5 : 0)) / 10) + " %"
             : std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " %";
}

std::vector<std::int64_t> Ticks(std::int64_t min, std::int64_t max, const Unit& unit) {
  constexpr std::int64_t kIntervals = 5;
  const std::int64_t low = std::min<std::int64_t>(min, 0);
  const std::int64_t high = std::max<std::int64_t>(max, low < 0 ? 0 : 1);
  const std::int64_t span = high - low;
  // Money is read in whole units wherever they are fine enough.
  const std::int64_t one = span >= unit.One() * 2 ? unit.One() : 1;
  const std::int64_t step = RoundStep((span / one + kIntervals - 1) / kIntervals) * one;
  std::vector<std::int64_t> ticks;
  std::int64_t tick = low / step * step;
  tick -= tick > low ? step : 0;
  for (; tick < high; tick += step) {
    ticks.push_back(tick);
  }
  ticks.push_back(tick);
  return ticks;
}

}  // namespace kulanz::command
