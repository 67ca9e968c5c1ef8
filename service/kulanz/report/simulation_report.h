// The report of a simulation: one HTML file that needs nothing else. Pure function; the same simulation
// always gives the same text.
#pragma once

#include <string>

#include "service/kulanz/simulate/scenario.h"

namespace kulanz::command {

// `incidents`: the name of the data, for the title.
std::string SimulationReport(const SimulatedSet& set, const std::string& incidents);

}  // namespace kulanz::command
