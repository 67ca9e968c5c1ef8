// What a comparison found, for a terminal and for programs. Pure functions.
#pragma once

#include <string>

#include "service/kulanz/simulate/comparison.h"
#include "service/kulanz/terminal/style.h"

namespace kulanz::command {

std::string ComparisonText(const SimulatedSet& before, const SimulatedSet& after,
                           const Comparison& comparison, const Style& style);
std::string ComparisonJson(const SimulatedSet& before, const SimulatedSet& after,
                           const Comparison& comparison);
// "+12.00 EUR, -3.00 USD"; "no change" for nothing.
std::string SignedSums(const MoneySums& sums);

}  // namespace kulanz::command
