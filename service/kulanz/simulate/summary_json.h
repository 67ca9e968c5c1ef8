// What a simulation came to, for programs: one line of JSON. Amounts are text in the currency's decimals.
#pragma once

#include <string>

#include "service/kulanz/simulate/scenario.h"
#include "service/kulanz/terminal/json_writer.h"

namespace kulanz::command {

std::string SummaryJson(const SimulatedSet& set);
void WriteTotals(const SimulatedSet& set, JsonWriter& json);
void WriteSums(const MoneySums& sums, JsonWriter& json);  // {"EUR": "12.50"}

}  // namespace kulanz::command
