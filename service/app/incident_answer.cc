#include "service/app/incident_answer.h"

#include <utility>

#include "service/app/code_of_voucher.h"
#include "service/app/courier.h"
#include "service/app/grant.h"
#include "service/app/keys.h"
#include "service/ports/telemetry.h"

namespace kulanz::app {

Result<IssuedCode> CodeIn(const Dependencies& dependencies, const CaseKeys& keys,
                          const StoredVoucher& voucher, const Decision& decision) {
  if (voucher.pool_code.empty()) {
    return IssuedCode(keys.code.code);
  }
  return CodeOf(dependencies, keys.voucher, voucher, decision);
}

Task<Result<PoolAnswer>> TakeCode(const Dependencies& dependencies, std::string pool,
                                  ports::PartitionId partition, Deadline deadline) {
  if (dependencies.pools == nullptr) {
    co_return Status(Code::kFailedPrecondition, "POOLS_NOT_SET_UP",
                     "the policy gives codes from pool '" + pool +
                         "', and this server was started without pools");
  }
  co_return co_await dependencies.pools->Take(std::move(pool), partition, deadline);
}

void Announce(const Dependencies& dependencies, const DecidedIncident& decided) {
  const Decision& decision = decided.decision;
  dependencies.telemetry.DecisionMade(decision.policy.text(), decision.outcome, decision.reason);
  for (const ShadowDecision& shadow : decision.shadow) {
    dependencies.telemetry.ShadowDecisionMade(shadow.policy.text(), shadow.outcome, shadow.reason);
  }
  if (decision.holdout) {
    dependencies.telemetry.HoldoutDecisionMade(decision.policy.text(), decision.holdout->held_out);
  }
  if (decision.voucher) {
    dependencies.telemetry.VoucherIssued(decision.policy.text(), decision.voucher->amount);
    if (decision.given_before) {
      dependencies.telemetry.TopUpGiven(decision.policy.text(), decision.voucher->amount);
    }
  }
  if (decision.delivery && dependencies.courier != nullptr) {
    dependencies.courier->Notify(dependencies.keys.PartitionOf(decision.incident.customer),
                                 DueTime(dependencies, decision));
  }
}

}  // namespace kulanz::app
