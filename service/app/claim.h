// The claim on an incident id: the first writing of every report, in the incident's own partition.
//
// Write-once: an id belongs for ever to the customer and the facts that it was first reported with. It
// makes "one voucher per incident" hold across customers, whose records live in other partitions. Each
// other revision of the incident has a claim beside it, on its own attributes and reporter; what makes
// the incident the same one (customer, type, time, order) must be as it was first reported.
#pragma once

#include "service/app/dependencies.h"
#include "service/base/status.h"
#include "service/base/task.h"
#include "service/domain/incident.h"

namespace kulanz::app {

// OK when the id's revision is now, or was already, claimed with exactly these facts. Otherwise:
//   ALREADY_EXISTS / INCIDENT_CONFLICT   metadata "fields": the field paths that differ.
//   DATA_LOSS / RECORD_CORRUPT, and every failure of the store.
Task<Status> ClaimIncident(const Dependencies& dependencies, Incident incident, Deadline deadline);

}  // namespace kulanz::app
