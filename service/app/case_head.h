// The head of an incident's case, found by the incident's id alone: through its claim to the customer's
// partition, and there the decision on the revision that was decided first.
//
// Thread-safety: any thread; reads only.
#pragma once

#include <cstdint>

#include "service/app/dependencies.h"
#include "service/app/record_codec.h"
#include "service/base/result.h"
#include "service/base/task.h"
#include "service/ports/store.h"

namespace kulanz::app {

struct CaseHead {
  ports::Key key;
  std::uint64_t version = 0;
  StoredDecision first;
};

Status DecisionNotFound(const IncidentId& incident);

// NOT_FOUND / DECISION_NOT_FOUND, DATA_LOSS / RECORD_CORRUPT, and every failure of the store.
Task<Result<CaseHead>> ReadCaseHead(const Dependencies& dependencies, IncidentId incident,
                                    Deadline deadline);

}  // namespace kulanz::app
