#include "service/app/case_file.h"

#include <utility>

#include "service/app/keys.h"
#include "service/app/voucher_secrets.h"
#include "service/base/check.h"

namespace kulanz::app {

CaseKeys CaseKeys::Of(const Dependencies& dependencies, const Incident& incident) {
  const ports::Key profile = dependencies.keys.Profile(incident.customer);
  const ports::PartitionId partition = profile.partition;
  ports::Key history = profile;
  history.kind = ports::RecordKind::kHistory;
  const DerivedCode code =
      dependencies.secrets.Derive(incident.id, incident.occurred_at, partition);
  return {dependencies.keys.Decision(partition, incident.id), profile, history,
          dependencies.keys.Voucher(partition, dependencies.secrets.LookupHash(code.code)), code};
}

Result<CaseFile> DecodeCase(const RecordCodec& codec, const CaseKeys& keys,
                            const std::vector<ports::Record>& records) {
  KULANZ_CHECK(records.size() == 4, "a case has four records");
  CaseFile file;
  if (records[0].exists()) {
    KULANZ_ASSIGN_OR_RETURN(file.decision, codec.DecodeDecision(keys.decision, records[0].value));
  }
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
  std::vector<ports::Key> wanted = {keys.decision, keys.profile, keys.history, keys.voucher};
  auto records = co_await dependencies.store.Read(std::move(wanted), deadline);
  if (!records.ok()) {
    co_return records.status();
  }
  co_return DecodeCase(dependencies.codec, keys, *records);
}

std::optional<IssuedVoucher> VoucherIn(const CaseKeys& keys, const CaseFile& file,
                                       const StoredDecision& decision) {
  if (!file.voucher || decision.voucher_key != keys.voucher.hash) {
    return std::nullopt;
  }
  return IssuedVoucher{Join(*file.voucher, decision.decision), keys.code.code};
}

Task<Result<IssuedVoucher>> ReadVoucherOf(const Dependencies& dependencies,
                                          const StoredDecision& decision, Deadline deadline) {
  KULANZ_CHECK(decision.voucher_key.has_value(), "only a grant has a voucher");
  const Incident& incident = decision.decision.incident;
  const ports::PartitionId partition = dependencies.keys.PartitionOf(incident.customer);
  const ports::Key key = dependencies.keys.Voucher(partition, *decision.voucher_key);
  std::vector<ports::Key> wanted = {key};
  auto records = co_await dependencies.store.Read(std::move(wanted), deadline);
  if (!records.ok()) {
    co_return records.status();
  }
  if (!records->front().exists()) {
    co_return Status(Code::kDataLoss, "VOUCHER_MISSING", "the decision's voucher is not stored");
  }
  const auto stored = dependencies.codec.DecodeVoucher(key, records->front().value);
  if (!stored.ok()) {
    co_return stored.status();
  }
  const auto code = dependencies.secrets.DeriveWith(stored->secret_id, incident.id, partition);
  if (!code.ok()) {
    co_return code.status();
  }
  co_return IssuedVoucher{Join(*stored, decision.decision), *code};
}

}  // namespace kulanz::app
