#include "service/app/case_head.h"

#include <utility>
#include <vector>

#include "service/app/keys.h"

namespace kulanz::app {

Status DecisionNotFound(const IncidentId& incident) {
  return Status(Code::kNotFound, "DECISION_NOT_FOUND",
                "no such decision is recorded for incident '" + incident.text() + "'")
      .WithMetadata("incidentId", incident.text());
}

Task<Result<CaseHead>> ReadCaseHead(const Dependencies& dependencies, IncidentId incident,
                                    Deadline deadline) {
  const ports::Key claim_key = dependencies.keys.Claim(incident);
  std::vector<ports::Key> claim_wanted = {claim_key};
  const auto claims = co_await dependencies.store.Read(std::move(claim_wanted), deadline);
  if (!claims.ok()) {
    co_return claims.status();
  }
  if (!claims->front().exists()) {
    co_return DecisionNotFound(incident);
  }
  const auto claim = dependencies.codec.DecodeClaim(claim_key, claims->front().value);
  if (!claim.ok()) {
    co_return claim.status();
  }
  CaseHead head;
  head.key = dependencies.keys.Decision(dependencies.keys.PartitionOf(claim->customer), incident);
  std::vector<ports::Key> wanted = {head.key};
  const auto records = co_await dependencies.store.Read(std::move(wanted), deadline);
  if (!records.ok()) {
    co_return records.status();
  }
  if (!records->front().exists()) {
    co_return DecisionNotFound(incident);
  }
  auto first = dependencies.codec.DecodeDecision(head.key, records->front().value);
  if (!first.ok()) {
    co_return first.status();
  }
  head.version = records->front().version;
  head.first = *std::move(first);
  co_return head;
}

}  // namespace kulanz::app
