// What the answer to a report is made of beside its records: the code that the customer is told, and what
// others are told of a new decision. Thread-safety: any thread.
#pragma once

#include <string>

#include "service/app/case_file.h"
#include "service/app/code_pools.h"
#include "service/app/decided_incident.h"
#include "service/app/dependencies.h"
#include "service/domain/issued_code.h"

namespace kulanz::app {

// The code of the case's voucher: derived already, unless it is one of a pool. Fails as CodeOf.
Result<IssuedCode> CodeIn(const Dependencies& dependencies, const CaseKeys& keys,
                          const StoredVoucher& voucher, const Decision& decision);

// A code for the customer's voucher. It is nobody's until the decision is recorded.
//   FAILED_PRECONDITION / POOLS_NOT_SET_UP, and the failures of CodePools::Take.
Task<Result<PoolAnswer>> TakeCode(const Dependencies& dependencies, std::string pool,
                                  ports::PartitionId partition, Deadline deadline);

// Counts a decision that was just recorded, and tells the courier of its letter.
void Announce(const Dependencies& dependencies, const DecidedIncident& decided);

}  // namespace kulanz::app
