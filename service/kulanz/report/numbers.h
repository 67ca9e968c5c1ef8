// Numbers as the reports write them. Pure functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "service/domain/currency.h"

namespace kulanz::command {

// A count as a chart's value.
inline std::int64_t Int(std::size_t count) { return static_cast<std::int64_t>(count); }

// What the values of a chart are: minor units of a currency, or a count of something.
struct Unit {
  std::optional<Currency> currency;

  // "1,234.50 USD"; "1,234".
  std::string Text(std::int64_t value) const;
  // As short as an axis wants it: "1.5k", "20k", "2M".
  std::string Tick(std::int64_t value) const;
  // Minor units of one unit; 1 of a count.
  std::int64_t One() const;
};

// "12,345 USD" from 100 on, "12.50 USD" below: for headlines.
std::string HeadlineAmount(std::int64_t minor_units, Currency currency);
// "+1,234.50 USD", "-3.00 USD", "0.00 USD".
std::string SignedAmount(std::int64_t minor_units, Currency currency);
// "12 %", "0.4 %", "< 0.1 %"; "-" of nothing.
std::string Share(std::int64_t part, std::int64_t whole);

// Round ticks from 0 to at least `max` (and from below 0 when `min` is), at most seven.
std::vector<std::int64_t> Ticks(std::int64_t min, std::int64_t max, const Unit& unit);

}  // namespace kulanz::command
