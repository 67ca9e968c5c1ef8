// Repetitions: what the server would say to an incident id that it has seen before. Thread-safe; pure.
#pragma once

#include <string_view>

#include "service/kulanz/simulate/incident_log.h"

namespace kulanz::command {

// Why the server refuses a report, in its own words.
inline constexpr std::string_view kInvalidRequest = "INVALID_REQUEST";
inline constexpr std::string_view kUnknownCustomer = "UNKNOWN_CUSTOMER";
inline constexpr std::string_view kIncidentConflict = "INCIDENT_CONFLICT";

// Sets `repeats`, `earlier_revision` and, for conflicts, `refused` (with a problem) of a log in its order.
//  - The same facts again: the decision that was made.
//  - A higher revision about the same customer, type, time and order: decided anew.
//  - Anything else: a conflict; it changes nothing.
void FindRepeats(IncidentLog& log);

}  // namespace kulanz::command
