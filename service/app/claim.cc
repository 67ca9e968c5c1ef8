#include "service/app/claim.h"

#include <utility>
#include <variant>
#include <vector>

#include "service/app/case_file.h"
#include "service/app/fingerprint.h"
#include "service/app/keys.h"
#include "service/app/record_codec.h"

namespace kulanz::app {
namespace {

Status ConflictOf(const IncidentId& incident, const std::vector<std::string>& fields) {
  std::string joined;
  for (const std::string& field : fields) {
    joined += (joined.empty() ? "" : ",") + field;
  }
  return Status(
             Code::kAlreadyExists, "INCIDENT_CONFLICT",
             "incident '" + incident.text() + "' was reported before with other facts: " + joined)
      .WithMetadata("incidentId", incident.text())
      .WithMetadata("fields", joined);
}

// Names what differs: precisely when the first report's decision can be read, else part by part.
Task<Status> ExplainConflict(const Dependencies& dependencies, Incident incident, Claim ours,
                             Claim theirs, Deadline deadline) {
  const ports::PartitionId partition = dependencies.keys.PartitionOf(theirs.customer);
  const ports::Key key = dependencies.keys.Decision(partition, incident.id);
  std::vector<ports::Key> wanted = {key};
  const auto records = co_await dependencies.store.Read(std::move(wanted), deadline);
  if (records.ok() && records->front().exists()) {
    const auto first = dependencies.codec.DecodeDecision(key, records->front().value);
    if (!first.ok()) {
      co_return first.status();
    }
    co_return ConflictOf(incident.id, DifferingFields(first->decision.incident, incident));
  }
  std::vector<std::string> fields = DifferingParts(ours.fingerprint, theirs.fingerprint);
  if (ours.customer != theirs.customer) {
    fields.insert(fields.begin(), "incident.customer_id");
  }
  co_return ConflictOf(incident.id, fields);
}

}  // namespace

Task<Status> ClaimIncident(const Dependencies& dependencies, Incident incident, Deadline deadline) {
  const ports::Key key = dependencies.keys.Claim(incident.id);
  Claim ours{HashOf(incident.customer), FingerprintOf(incident), kFingerprintVersion};
  ports::Transaction transaction;
  transaction.partition = key.partition;
  transaction.checks.emplace_back(ports::CheckVersion{key, 0});
  transaction.writes.emplace_back(
      ports::Put{key, dependencies.codec.Encode(key, ours), std::nullopt});
  const auto outcome = co_await dependencies.store.Commit(std::move(transaction), deadline);
  if (!outcome.ok()) {
    co_return outcome.status();
  }
  const auto* conflict = std::get_if<ports::Conflict>(&*outcome);
  if (conflict == nullptr) {
    co_return Status::Ok();
  }
  const auto theirs = dependencies.codec.DecodeClaim(key, conflict->records.front().value);
  if (!theirs.ok()) {
    co_return theirs.status();
  }
  if (*theirs == ours) {
    co_return Status::Ok();
  }
  co_return co_await ExplainConflict(dependencies, std::move(incident), std::move(ours), *theirs,
                                     deadline);
}

}  // namespace kulanz::app
