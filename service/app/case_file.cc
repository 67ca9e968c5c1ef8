#include "service/app/case_file.h"

#include <algorithm>
#include <utility>

#include "service/app/keys.h"
#include "service/app/voucher_secrets.h"
#include "service/base/check.h"

namespace kulanz::app {

Result<CaseKeys> CaseKeys::Of(const Dependencies& dependencies, const Incident& incident) {
  const ports::Key profile = dependencies.keys.Profile(incident.customer);
  const ports::PartitionId partition = profile.partition;
  ports::Key history = profile;
  history.kind = ports::RecordKind::kHistory;
  KULANZ_ASSIGN_OR_RETURN(
      DerivedCode code,
      dependencies.secrets.Derive(incident.id, incident.revision, incident.occurred_at, partition));
  return CaseKeys{dependencies.keys.Decision(partition, incident.id),
                  profile,
                  history,
                  dependencies.keys.Voucher(partition, code.voucher),
                  dependencies.keys.Decision(partition, HashOf(incident.id, incident.revision)),
                  std::move(code)};
}

Result<CaseKeys> CaseKeys::For(const Dependencies& dependencies, const Decision& decision) const {
  CaseKeys keys = *this;
  if (decision.voucher && NeedsLongCode(*decision.voucher)) {
    const Incident& incident = decision.incident;
    KULANZ_ASSIGN_OR_RETURN(
        keys.code, dependencies.secrets.Derive(incident.id, incident.revision, incident.occurred_at,
                                               profile.partition, {.issue = 0, .is_long = true}));
    keys.voucher = dependencies.keys.Voucher(profile.partition, keys.code.voucher);
  }
  return keys;
}

bool HasDecided(const StoredDecision& first, std::uint32_t revision) {
  return first.decision.incident.revision == revision ||
         std::any_of(first.later.begin(), first.later.end(),
                     [revision](const LaterRevision& later) { return later.revision == revision; });
}

std::uint32_t LatestRevision(const StoredDecision& first) {
  std::uint32_t latest = first.decision.incident.revision;
  for (const LaterRevision& later : first.later) {
    latest = std::max(latest, later.revision);
  }
  return latest;
}

Result<CaseFile> DecodeCase(const RecordCodec& codec, const CaseKeys& keys,
                            const std::vector<ports::Record>& records) {
  KULANZ_CHECK(records.size() == 4, "a case has four records");
  CaseFile file;
  if (records[0].exists()) {
    KULANZ_ASSIGN_OR_RETURN(file.first, codec.DecodeDecision(keys.first, records[0].value));
  }
  file.first_version = records[0].version;
  if (records[1].exists()) {
    KULANZ_ASSIGN_OR_RETURN(file.customer, codec.DecodeCustomer(keys.profile, records[1].value));
  }
  if (records[2].exists()) {
    KULANZ_ASSIGN_OR_RETURN(file.history, codec.DecodeHistory(keys.history, records[2].value));
  }
  file.history_version = records[2].version;
  if (records[3].exists()) {
    KULANZ_ASSIGN_OR_RETURN(file.voucher, codec.DecodeVoucher(keys.voucher, records[3].value));
  }
  return file;
}

Task<Result<CaseFile>> ReadCase(const Dependencies& dependencies, CaseKeys keys,
                                Deadline deadline) {
  std::vector<ports::Key> wanted = {keys.first, keys.profile, keys.history, keys.voucher};
  auto records = co_await dependencies.store.Read(std::move(wanted), deadline);
  if (!records.ok()) {
    co_return records.status();
  }
  co_return DecodeCase(dependencies.codec, keys, *records);
}

}  // namespace kulanz::app
