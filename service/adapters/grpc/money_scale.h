// MoneyScale: how google.type.Money writes a currency's minor units, as whole units and nanos.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "service/domain/currency.h"

namespace kulanz::rpc {

struct MoneyScale {
  std::int64_t minor_units_per_unit;
  std::int32_t nanos_per_minor_unit;
};

inline MoneyScale ScaleOf(Currency currency) {
  constexpr std::array<std::int32_t, 10> kPowersOfTen = {
      1, 10, 100, 1'000, 10'000, 100'000, 1'000'000, 10'000'000, 100'000'000, 1'000'000'000};
  const auto exponent = static_cast<std::size_t>(currency.exponent());
  return {kPowersOfTen.at(exponent), kPowersOfTen.at(9 - exponent)};
}

}  // namespace kulanz::rpc
