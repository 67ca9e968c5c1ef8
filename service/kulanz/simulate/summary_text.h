// What a simulation came to, for a terminal. Pure functions.
#pragma once

#include <string>

#include "service/kulanz/simulate/scenario.h"
#include "service/kulanz/terminal/style.h"

namespace kulanz::command {

std::string SummaryText(const SimulatedSet& set, const Style& style);
// "12 % of the cap": a whole per cent, rounded down, so that 100 means the whole cap.
int PercentOf(std::int64_t part, std::int64_t whole);

}  // namespace kulanz::command
