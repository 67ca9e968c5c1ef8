#include "service/app/voucher_file.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "service/app/keys.h"
#include "service/app/voucher_secrets.h"
#include "service/domain/voucher_code.h"

namespace kulanz::app {
namespace {

// More than a voucher can be reissued: a longer chain is a ring.
constexpr int kChainMax = 32;

// The keys under which the voucher may be, partition by partition: a code may be stored under each lookup
// secret, and one with a prefix can by chance be read in two ways.
std::vector<std::vector<ports::Key>> Candidates(const Dependencies& dependencies,
                                                const VoucherReference& reference) {
  std::vector<std::vector<ports::Key>> groups;
  for (const VoucherCode& code : VoucherCode::Readings(reference.code)) {
    if (code.partition() >= dependencies.keys.partition_count()) {
      continue;
    }
    std::vector<ports::Key>& keys = groups.emplace_back();
    for (const ports::KeyHash& hash : dependencies.secrets.LookupHashes(code)) {
      keys.push_back(dependencies.keys.Voucher({code.partition()}, hash));
    }
  }
  if (const auto key = dependencies.keys.VoucherFromId(reference.id)) {
    groups.push_back({*key});
  }
  return groups;
}

// The voucher at the first of these keys, of one partition, that has one.
Task<Result<VoucherFile>> ReadFirst(const Dependencies& dependencies, std::vector<ports::Key> keys,
                                    Deadline deadline) {
  std::vector<ports::Key> wanted = keys;
  auto records = co_await dependencies.store.Read(std::move(wanted), deadline);
  if (!records.ok()) {
    co_return records.status();
  }
  const auto record = std::find_if(records->begin(), records->end(),
                                   [](const ports::Record& one) { return one.exists(); });
  if (record == records->end()) {
    co_return NotRedeemable();
  }
  VoucherFile file;
  file.key = keys[static_cast<std::size_t>(record - records->begin())];
  file.version = record->version;
  auto stored = dependencies.codec.DecodeVoucher(file.key, record->value);
  if (!stored.ok()) {
    co_return stored.status();
  }
  file.stored = *std::move(stored);
  file.decision_key = dependencies.keys.Decision(file.key.partition, file.stored.incident);
  std::vector<ports::Key> decision_wanted = {file.decision_key};
  records = co_await dependencies.store.Read(std::move(decision_wanted), deadline);
  if (!records.ok()) {
    co_return records.status();
  }
  if (!records->front().exists()) {
    co_return Status(Code::kDataLoss, "DECISION_MISSING", "the voucher's decision is not stored");
  }
  file.decision_version = records->front().version;
  auto decision = dependencies.codec.DecodeDecision(file.decision_key, records->front().value);
  if (!decision.ok()) {
    co_return decision.status();
  }
  if (!decision->decision.voucher) {
    co_return Status(Code::kDataLoss, "RECORD_CORRUPT", "the voucher's decision is no grant");
  }
  file.decision = *std::move(decision);
  co_return file;
}

}  // namespace

Status NotRedeemable() {
  return {Code::kNotFound, "VOUCHER_NOT_REDEEMABLE", "no voucher of this customer has this code"};
}

Task<Result<VoucherFile>> ReadVoucherFile(const Dependencies& dependencies, ports::Key key,
                                          Deadline deadline) {
  std::vector<ports::Key> keys = {key};
  return ReadFirst(dependencies, std::move(keys), deadline);
}

Task<Result<VoucherFile>> FindVoucher(const Dependencies& dependencies, VoucherReference reference,
                                      Deadline deadline) {
  const auto groups = Candidates(dependencies, reference);
  for (const std::vector<ports::Key>& group : groups) {
    std::vector<ports::Key> keys = group;
    auto file = co_await ReadFirst(dependencies, std::move(keys), deadline);
    if (file.ok() && reference.id.empty() && !file->stored.pool_code.empty()) {
      continue;  // the code of its key was never told to anybody; what was told is the pool's
    }
    if (file.ok() || file.status().code() != Code::kNotFound) {
      co_return file;
    }
  }
  co_return NotRedeemable();
}

Task<Result<VoucherFile>> FindCurrent(const Dependencies& dependencies, VoucherFile file,
                                      Deadline deadline) {
  for (int step = 0; file.stored.successor; ++step) {
    const ports::Key next = dependencies.keys.Voucher(file.key.partition, *file.stored.successor);
    auto read = co_await ReadVoucherFile(dependencies, next, deadline);
    if (step == kChainMax || (!read.ok() && read.status().code() == Code::kNotFound)) {
      co_return Status(Code::kDataLoss, "VOUCHER_MISSING",
                       "the voucher that took its place is not stored");
    }
    if (!read.ok()) {
      co_return read.status();
    }
    file = *std::move(read);
  }
  co_return file;
}

}  // namespace kulanz::app
