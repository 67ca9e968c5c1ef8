#include "service/app/claim.h"

#include <optional>
#include <utility>
#include <variant>
#include <vector>

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

// A claim, and the key under which it is written.
struct KeyedClaim {
  ports::Key key;
  Claim claim;
};

// Nothing when it is written now, else what stands there already.
Task<Result<std::optional<Claim>>> PutClaim(const Dependencies& dependencies, KeyedClaim ours,
                                            Deadline deadline) {
  ports::Transaction transaction;
  transaction.partition = ours.key.partition;
  transaction.checks.emplace_back(ports::CheckVersion{ours.key, 0});
  transaction.writes.emplace_back(
      ports::Put{ours.key, dependencies.codec.Encode(ours.key, ours.claim), std::nullopt});
  const auto outcome = co_await dependencies.store.Commit(std::move(transaction), deadline);
  if (!outcome.ok()) {
    co_return outcome.status();
  }
  const auto* conflict = std::get_if<ports::Conflict>(&*outcome);
  if (conflict == nullptr) {
    co_return std::optional<Claim>();
  }
  auto theirs = dependencies.codec.DecodeClaim(ours.key, conflict->records.front().value);
  if (!theirs.ok()) {
    co_return theirs.status();
  }
  co_return std::optional<Claim>(*std::move(theirs));
}

// Names what differs: precisely when the decision on that revision can be read, else part by part.
Task<Status> ExplainConflict(const Dependencies& dependencies, Incident incident, Claim ours,
                             Claim theirs, Deadline deadline) {
  const ports::PartitionId partition = dependencies.keys.PartitionOf(theirs.customer);
  const std::vector<ports::Key> wanted = {
      dependencies.keys.Decision(partition, incident.id),
      dependencies.keys.Decision(partition, HashOf(incident.id, theirs.revision))};
  const auto records = co_await dependencies.store.Read(wanted, deadline);
  for (std::size_t i = 0; records.ok() && i < wanted.size(); ++i) {
    if (!(*records)[i].exists()) {
      continue;
    }
    const auto known = dependencies.codec.DecodeDecision(wanted[i], (*records)[i].value);
    if (!known.ok()) {
      co_return known.status();
    }
    std::vector<std::string> fields = DifferingFields(known->decision.incident, incident);
    if (ours.revision != theirs.revision) {
      // Of another revision, only what must stay the same is in the way.
      std::erase_if(fields, [](const std::string& field) {
        return field == "incident.revision" || field == "incident.reporter" ||
               field.starts_with("incident.attributes");
      });
    }
    if (known->decision.incident.revision == theirs.revision && !fields.empty()) {
      co_return ConflictOf(incident.id, fields);
    }
  }
  std::vector<std::string> fields = DifferingParts(ours.fingerprint, theirs.fingerprint);
  if (ours.revision != theirs.revision) {
    std::erase(fields, "incident.revision");
    std::erase(fields, "incident.attributes");
  }
  if (ours.customer != theirs.customer) {
    fields.insert(fields.begin(), "incident.customer_id");
  }
  co_return ConflictOf(incident.id, fields);
}

bool HasSameFacts(const Claim& a, const Claim& b) {
  return a.customer == b.customer && a.fingerprint == b.fingerprint &&
         a.fingerprint_version == b.fingerprint_version;
}

}  // namespace

Task<Status> ClaimIncident(const Dependencies& dependencies, Incident incident, Deadline deadline) {
  KeyedClaim ours{
      dependencies.keys.Claim(incident.id),
      {HashOf(incident.customer), FingerprintOf(incident), kFingerprintVersion, incident.revision}};
  auto theirs = co_await PutClaim(dependencies, ours, deadline);
  const bool other_revision =
      theirs.ok() && *theirs && (*theirs)->customer == ours.claim.customer &&
      (*theirs)->revision != incident.revision && !HasSameFacts(**theirs, ours.claim) &&
      IsSameIdentity((*theirs)->fingerprint, ours.claim.fingerprint);
  if (other_revision) {
    ours.key = dependencies.keys.Claim(incident.id, incident.revision);
    theirs = co_await PutClaim(dependencies, ours, deadline);
  }
  if (!theirs.ok()) {
    co_return theirs.status();
  }
  if (!*theirs || HasSameFacts(**theirs, ours.claim)) {
    co_return Status::Ok();
  }
  Claim known = **std::move(theirs);
  co_return co_await ExplainConflict(dependencies, std::move(incident), std::move(ours.claim),
                                     std::move(known), deadline);
}

}  // namespace kulanz::app
