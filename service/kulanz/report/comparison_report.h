// The report of a comparison: one HTML file that needs nothing else. Pure function; the same comparison
// always gives the same text.
#pragma once

#include <string>

#include "service/kulanz/simulate/comparison.h"

namespace kulanz::command {

// `incidents`: the name of the data, for the title.
std::string ComparisonReport(const SimulatedSet& before, const SimulatedSet& after,
                             const Comparison& comparison, const std::string& incidents);

}  // namespace kulanz::command
