// The decisions of a simulation as a CSV file, in the order decided: incident_id, customer_id, outcome,
// reason, policy, amount, currency. Rows that are no report stand first, without ids, as `kulanz replay
// --by-time` writes them.
#pragma once

#include <string>

#include "service/base/status.h"
#include "service/kulanz/simulate/incident_log.h"
#include "service/kulanz/simulate/simulation.h"

namespace kulanz::command {

// The file is there as a whole or not at all. INVALID_ARGUMENT / FILE.
Status WriteDecisions(const std::string& path, const IncidentLog& log,
                      const Simulation& simulation);

}  // namespace kulanz::command
