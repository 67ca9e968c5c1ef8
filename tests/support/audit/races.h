// Races: 32 threads at several servers, all at once for the same thing. Exactly one wins, and what is limited
// is given out exactly.
//
//   RaceForOneVoucher({{&first, &second}, auditor});
//
// Each expects its outcome as a GoogleTest expectation and tells the auditor of every answer. Customers and
// incidents bear the race's name, and each takes a round of its own (AuditedSetup), so that all of them can
// run over one store.
#pragma once

#include <vector>

#include "tests/support/audit/auditor.h"
#include "tests/support/audit/service_client.h"

namespace kulanz::audit {

struct Racers {
  std::vector<ServiceClient*> servers;
  Auditor& auditor;
  Instant occurred_at = AMomentAgo();  // of every incident; not after the store's now
};

// One incident, reported by all: one voucher. Then redeemed by all, each under an id of its own: by one.
void RaceForOneVoucher(const Racers& racers);
// One customer, an incident each: as many vouchers as the limit allows.
void RaceForOneLimit(const Racers& racers);
// Customers below their limits, several each: as many vouchers as the budget pays for.
void RaceForOneBudget(const Racers& racers);

}  // namespace kulanz::audit
