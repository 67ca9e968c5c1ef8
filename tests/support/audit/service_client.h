// ServiceClient: one server as its clients see it, for whoever puts load on it: in this process
// (AuditedServer) or over the wire (e2e/remote_service.h).
//
// Thread-safety: any method from any thread.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "service/app/vouchers.h"
#include "service/base/result.h"
#include "service/domain/customer.h"
#include "service/domain/incident.h"
#include "service/ports/store.h"
#include "tests/support/audit/auditor.h"

namespace kulanz::audit {

class ServiceClient {
 public:
  virtual ~ServiceClient() = default;

  virtual Status Upsert(const Customer& customer, Deadline deadline) = 0;
  virtual Result<AnsweredDecision> Report(const Incident& incident, Deadline deadline) = 0;
  virtual Result<AnsweredDecision> GetDecision(const IncidentId& incident, Deadline deadline) = 0;
  virtual Status Redeem(const app::RedeemRequest& request, Deadline deadline) = 0;
  // Who redeemed it, as GetVoucher tells.
  virtual Result<std::vector<std::string>> RedemptionsOf(const std::string& code,
                                                         Deadline deadline) = 0;
};

// When an incident happened, by a clock that may be a little ahead of the store's.
inline Instant AMomentAgo() {
  return std::chrono::floor<Duration>(std::chrono::system_clock::now()) - std::chrono::minutes(1);
}

// Nobody knows whether such a call had an effect: repeat it. RESOURCE_EXHAUSTED had none, and is repeated too.
inline bool IsToBeRepeated(Code code) {
  return code == Code::kUnavailable || code == Code::kDeadlineExceeded ||
         code == Code::kResourceExhausted;
}

}  // namespace kulanz::audit
