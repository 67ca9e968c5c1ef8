#include "service/app/vouchers.h"

#include <algorithm>
#include <utility>
#include <variant>
#include <vector>

#include "service/app/keys.h"
#include "service/app/record_codec.h"
#include "service/app/voucher_secrets.h"
#include "service/domain/voucher_commands.h"
#include "service/ports/scheduler.h"
#include "service/ports/telemetry.h"

namespace kulanz::app {
namespace {

constexpr Duration kRaceRetryAfter = std::chrono::milliseconds{20};

// One answer for whatever must not be told apart by someone who guesses.
Status NotRedeemable() {
  return Status(Code::kNotFound, "VOUCHER_NOT_REDEEMABLE",
                "no voucher of this customer has this code");
}

// A voucher as stored, with what is needed to change it.
struct FoundVoucher {
  ports::Key key;
  std::uint64_t version = 0;
  StoredVoucher stored;
  Decision decision;
};

Task<Result<FoundVoucher>> Find(const Dependencies& dependencies, std::string text,
                                Deadline deadline) {
  const auto code = VoucherCode::Parse(text);
  if (!code || code->partition() >= dependencies.keys.partition_count()) {
    co_return NotRedeemable();
  }
  std::vector<ports::Key> candidates;
  for (const ports::KeyHash& hash : dependencies.secrets.LookupHashes(*code)) {
    candidates.push_back(dependencies.keys.Voucher({code->partition()}, hash));
  }
  std::vector<ports::Key> wanted = candidates;
  auto records = co_await dependencies.store.Read(std::move(wanted), deadline);
  if (!records.ok()) {
    co_return records.status();
  }
  const auto record = std::find_if(records->begin(), records->end(),
                                   [](const ports::Record& one) { return one.exists(); });
  if (record == records->end()) {
    co_return NotRedeemable();
  }
  FoundVoucher found;
  found.key = candidates[static_cast<std::size_t>(record - records->begin())];
  found.version = record->version;
  auto stored = dependencies.codec.DecodeVoucher(found.key, record->value);
  if (!stored.ok()) {
    co_return stored.status();
  }
  found.stored = *std::move(stored);
  const ports::Key decision_key =
      dependencies.keys.Decision(found.key.partition, found.stored.incident);
  std::vector<ports::Key> decision_wanted = {decision_key};
  records = co_await dependencies.store.Read(std::move(decision_wanted), deadline);
  if (!records.ok()) {
    co_return records.status();
  }
  if (!records->front().exists()) {
    co_return Status(Code::kDataLoss, "DECISION_MISSING", "the voucher's decision is not stored");
  }
  auto decision = dependencies.codec.DecodeDecision(decision_key, records->front().value);
  if (!decision.ok()) {
    co_return decision.status();
  }
  if (!decision->decision.voucher) {
    co_return Status(Code::kDataLoss, "RECORD_CORRUPT", "the voucher's decision is no grant");
  }
  found.decision = std::move(decision->decision);
  co_return found;
}

bool MayUse(const FoundVoucher& found, const CustomerId& customer) {
  return found.decision.voucher->transferable || found.decision.incident.customer == customer;
}

RedeemCommand CommandOf(const RedeemRequest& request) {
  RedeemCommand command;
  command.id = request.redemption;
  command.order = request.order;
  command.order_total = request.order_total;
  return command;
}

Result<Instant> StoreTime(const ports::Store& store) {
  if (const auto now = store.Now()) {
    return *now;
  }
  const Status health = store.Health();
  return health.ok() ? Status(Code::kUnavailable, "STORE_UNREACHABLE", "the store has no time yet")
                     : health;
}

ports::Transaction PutVoucher(const RecordCodec& codec, const FoundVoucher& found,
                              const StoredVoucher& next) {
  ports::Transaction transaction;
  transaction.partition = found.key.partition;
  transaction.checks.emplace_back(ports::CheckVersion{found.key, found.version});
  transaction.writes.emplace_back(
      ports::Put{found.key, codec.Encode(found.key, next), std::nullopt});
  return transaction;
}

}  // namespace

Vouchers::Vouchers(const Dependencies& dependencies) : dependencies_(dependencies) {}

Task<Result<Voucher>> Vouchers::Get(std::string code, Deadline deadline) {
  const auto found = co_await Find(dependencies_, std::move(code), deadline);
  if (!found.ok()) {
    co_return found.status();
  }
  co_return Join(found->stored, found->decision);
}

Task<Result<Voucher>> Vouchers::Validate(RedeemRequest request, Deadline deadline) {
  const auto found = co_await Find(dependencies_, request.code, deadline);
  if (!found.ok()) {
    co_return found.status();
  }
  if (!MayUse(*found, request.customer)) {
    co_return NotRedeemable();
  }
  const auto now = StoreTime(dependencies_.store);
  if (!now.ok()) {
    co_return now.status();
  }
  const auto change = Apply(*found->decision.voucher, found->stored, CommandOf(request), *now);
  if (!change.ok()) {
    co_return change.status();
  }
  co_return Join(found->stored, found->decision);
}

Task<Result<RedeemedVoucher>> Vouchers::Redeem(RedeemRequest request, Deadline deadline) {
  do {
    const auto found = co_await Find(dependencies_, request.code, deadline);
    if (!found.ok()) {
      co_return found.status();
    }
    if (!MayUse(*found, request.customer)) {
      co_return NotRedeemable();
    }
    const auto now = StoreTime(dependencies_.store);
    if (!now.ok()) {
      co_return now.status();
    }
    auto change = Apply(*found->decision.voucher, found->stored, CommandOf(request), *now);
    if (!change.ok()) {
      co_return change.status();
    }
    StoredVoucher next = found->stored;
    static_cast<VoucherLife&>(next) = change->life;
    const Redemption redemption = *FindRedemption(next, request.redemption);
    if (change->replayed) {
      co_return RedeemedVoucher{Join(next, found->decision), redemption, true};
    }
    ports::Transaction transaction = PutVoucher(dependencies_.codec, *found, next);
    const auto outcome = co_await dependencies_.store.Commit(std::move(transaction), deadline);
    if (!outcome.ok()) {
      co_return outcome.status();
    }
    if (std::holds_alternative<ports::Committed>(*outcome)) {
      dependencies_.telemetry.VoucherRedeemed(found->decision.policy.text(), redemption.amount);
      co_return RedeemedVoucher{Join(next, found->decision), redemption, false};
    }
  } while (dependencies_.scheduler.Now() < deadline);
  co_return Status(Code::kUnavailable, "CONTENTION", "the voucher was changed by others at once")
      .WithRetryAfter(kRaceRetryAfter);
}

}  // namespace kulanz::app
