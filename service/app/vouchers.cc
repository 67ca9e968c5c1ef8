#include "service/app/vouchers.h"

#include <algorithm>
#include <utility>
#include <variant>
#include <vector>

#include "service/app/keys.h"
#include "service/app/record_codec.h"
#include "service/app/voucher_secrets.h"
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

Status Refused(std::string_view reason, std::string message) {
  return Status(Code::kFailedPrecondition, reason, std::move(message));
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
  FoundVoucher found;
  found.key =
      dependencies.keys.Voucher({code->partition()}, dependencies.secrets.LookupHash(*code));
  std::vector<ports::Key> wanted = {found.key};
  auto records = co_await dependencies.store.Read(std::move(wanted), deadline);
  if (!records.ok()) {
    co_return records.status();
  }
  if (!records->front().exists()) {
    co_return NotRedeemable();
  }
  found.version = records->front().version;
  auto stored = dependencies.codec.DecodeVoucher(found.key, records->front().value);
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

const Redemption* FindRedemption(const StoredVoucher& voucher, const RedemptionId& id) {
  const auto at = std::find_if(voucher.redemptions.begin(), voucher.redemptions.end(),
                               [&id](const Redemption& redemption) { return redemption.id == id; });
  return at == voucher.redemptions.end() ? nullptr : &*at;
}

// Why a new redemption is refused, or OK.
Status CheckRedeemable(const FoundVoucher& found, const RedeemRequest& request, Instant now) {
  const VoucherTerms& terms = *found.decision.voucher;
  switch (found.stored.state) {
    case VoucherState::kRevoked:
      return Refused("VOUCHER_REVOKED", "the voucher was revoked");
    case VoucherState::kRedeemed:
      return Refused("VOUCHER_REDEEMED", "the voucher has been redeemed");
    case VoucherState::kIssued:
      break;
  }
  if (now > terms.valid_until) {
    return Refused("VOUCHER_EXPIRED",
                   "the voucher was valid until " + FormatInstant(terms.valid_until))
        .WithMetadata("validUntil", FormatInstant(terms.valid_until));
  }
  if (request.order_total && request.order_total->currency() != terms.amount.currency()) {
    return Refused("CURRENCY_MISMATCH",
                   "the voucher is in " + std::string(terms.amount.currency().code()));
  }
  if (terms.minimum_order) {
    const bool enough =
        request.order_total && request.order_total->Compare(*terms.minimum_order) >= 0;
    if (!enough) {
      return Refused("ORDER_BELOW_MINIMUM",
                     "the voucher needs an order of at least " + terms.minimum_order->ToString())
          .WithMetadata("minimumOrder", terms.minimum_order->ToString());
    }
  }
  return Status::Ok();
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

// The answer to a redemption id that is already recorded.
Result<RedeemedVoucher> Repeat(const FoundVoucher& found, const Redemption& first,
                               const RedeemRequest& request) {
  if (first.order != request.order) {
    return Status(Code::kAlreadyExists, "REDEMPTION_CONFLICT",
                  "redemption '" + first.id.text() + "' was made for another order")
        .WithMetadata("redemptionId", first.id.text());
  }
  return RedeemedVoucher{Join(found.stored, found.decision), first, true};
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
  const bool repeated = FindRedemption(found->stored, request.redemption) != nullptr;
  if (Status status = CheckRedeemable(*found, request, *now); !repeated && !status.ok()) {
    co_return status;
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
    if (const Redemption* first = FindRedemption(found->stored, request.redemption)) {
      co_return Repeat(*found, *first, request);
    }
    const auto now = StoreTime(dependencies_.store);
    if (!now.ok()) {
      co_return now.status();
    }
    if (Status status = CheckRedeemable(*found, request, *now); !status.ok()) {
      co_return status;
    }
    const Money amount = Join(found->stored, found->decision).remaining;
    const Redemption redemption{request.redemption, request.order, amount, *now};
    StoredVoucher next = found->stored;
    next.state = VoucherState::kRedeemed;
    next.remaining_minor_units = 0;
    next.redemptions.push_back(redemption);
    ports::Transaction transaction = PutVoucher(dependencies_.codec, *found, next);
    const auto outcome = co_await dependencies_.store.Commit(std::move(transaction), deadline);
    if (!outcome.ok()) {
      co_return outcome.status();
    }
    if (std::holds_alternative<ports::Committed>(*outcome)) {
      dependencies_.telemetry.VoucherRedeemed(found->decision.policy.text(), amount);
      co_return RedeemedVoucher{Join(next, found->decision), redemption, false};
    }
  } while (dependencies_.scheduler.Now() < deadline);
  co_return Status(Code::kUnavailable, "CONTENTION", "the voucher was changed by others at once")
      .WithRetryAfter(kRaceRetryAfter);
}

}  // namespace kulanz::app
