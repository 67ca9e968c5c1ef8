#include "service/app/voucher_change.h"

#include <utility>
#include <variant>

#include "service/app/contention.h"
#include "service/app/event_outbox.h"
#include "service/app/liability.h"
#include "service/app/store_time.h"
#include "service/app/voucher_expiry.h"
#include "service/ports/scheduler.h"
#include "service/ports/telemetry.h"

namespace kulanz::app {
namespace {

// Whether the voucher in its place answers a command that came under the old code.
struct PassesOn {
  const VoucherLife& current;
  bool operator()(const ReserveCommand& command) const {
    return FindReservation(current, command.id) != nullptr;
  }
  bool operator()(const RedeemCommand& command) const {
    return FindRedemption(current, command.id) != nullptr;
  }
  bool operator()(const ReleaseCommand&) const { return true; }
  bool operator()(const ReverseCommand&) const { return true; }
  bool operator()(const RevokeCommand&) const { return false; }
  bool operator()(const ReissueCommand&) const { return false; }
  bool operator()(const SettleCommand&) const { return false; }
};

Task<Result<ChangedVoucher>> DecideChange(const Dependencies& dependencies, const VoucherCall& call,
                                          Deadline deadline) {
  auto found = co_await FindVoucher(dependencies, call.reference, deadline);
  if (!found.ok()) {
    co_return found.status();
  }
  ChangedVoucher changed;
  changed.file = *std::move(found);
  const bool may = !call.holder || changed.file.terms().transferable ||
                   changed.file.decision.decision.incident.customer == *call.holder;
  if (!may) {
    co_return NotRedeemable();
  }
  const auto now = StoreTime(dependencies.store);
  if (!now.ok()) {
    co_return now.status();
  }
  VoucherCommand command = call.command(changed.file, *now);
  if (changed.file.stored.successor) {
    VoucherFile old = changed.file;
    auto current = co_await FindCurrent(dependencies, std::move(old), deadline);
    if (!current.ok()) {
      co_return current.status();
    }
    if (std::visit(PassesOn{current->stored}, command)) {
      changed.file = *std::move(current);
    }
  }
  auto change = Apply(changed.file.terms(), changed.file.stored, command, *now);
  if (!change.ok()) {
    co_return change.status();
  }
  changed.change = *std::move(change);
  co_return changed;
}

void CountFlow(ports::Telemetry& telemetry, const VoucherFile& file, const VoucherFlow& flow) {
  const Currency currency = file.terms().amount.currency();
  const auto amount = [currency](std::int64_t minor_units) {
    return *Money::FromMinorUnits(minor_units, currency);
  };
  if (flow.redeemed > 0) {
    telemetry.VoucherRedeemed(file.decision.decision.policy.text(), amount(flow.redeemed));
  }
  if (flow.reversed > 0) {
    telemetry.VoucherValueMoved("reversed", amount(flow.reversed));
  }
  if (flow.revoked > 0) {
    telemetry.VoucherValueMoved("revoked", amount(flow.revoked));
  }
  if (flow.expired > 0) {
    telemetry.VoucherValueMoved("expired", amount(flow.expired));
  }
}

// A letter that was not sent is not sent any more when its voucher is revoked.
void StopLetter(StoredVoucher& voucher, Instant now) {
  if (voucher.state == VoucherState::kRevoked &&
      voucher.delivery.state == DeliveryState::kPending) {
    voucher.delivery.state = DeliveryState::kCancelled;
    voucher.delivery.updated_at = now;
    voucher.delivery.last_error = "VOUCHER_REVOKED";
  }
}

}  // namespace

void AddConsequences(const Dependencies& dependencies, const VoucherFile& before,
                     const VoucherChange& change, ports::Transaction& transaction) {
  AddToLiability(dependencies.keys, before.terms().amount.currency(), change.flow.liability(),
                 transaction);
  AddVoucherEvents(dependencies, before, change.life, transaction);
  const bool was_open = before.stored.state == VoucherState::kIssued;
  const bool is_open = change.life.state == VoucherState::kIssued;
  if (is_open && !was_open) {
    ScheduleExpiry(dependencies.keys, before.key, before.terms(), change.life, transaction);
  } else if (was_open && !is_open) {
    UnscheduleExpiry(dependencies.keys, before.key, transaction);
  }
}

Task<Result<ChangedVoucher>> TryOnVoucher(const Dependencies& dependencies, VoucherCall call,
                                          Deadline deadline) {
  auto changed = co_await DecideChange(dependencies, call, deadline);
  co_return changed;
}

Task<Result<ChangedVoucher>> ChangeVoucher(const Dependencies& dependencies, VoucherCall call,
                                           Deadline deadline) {
  do {
    auto changed = co_await DecideChange(dependencies, call, deadline);
    if (!changed.ok()) {
      co_return changed.status();
    }
    VoucherFile& file = changed->file;
    ports::Transaction transaction;
    transaction.partition = file.key.partition;
    transaction.checks.emplace_back(ports::CheckVersion{file.key, file.version});
    // What time has done is recorded by a repetition, too: servers may be apart by a moment, and what one of
    // them has called lapsed is held for nobody at another.
    const bool writes = changed->change.changed;
    if (writes) {
      AddConsequences(dependencies, file, changed->change, transaction);
      static_cast<VoucherLife&>(file.stored) = changed->change.life;
      StopLetter(file.stored, dependencies.store.Now().value_or(Instant{}));
      transaction.writes.emplace_back(
          ports::Put{file.key, dependencies.codec.Encode(file.key, file.stored), std::nullopt});
    }
    const bool has_events = WritesEvents(transaction);
    const auto outcome = co_await dependencies.store.Commit(std::move(transaction), deadline);
    if (!outcome.ok()) {
      co_return outcome.status();
    }
    if (std::holds_alternative<ports::Committed>(*outcome)) {
      if (has_events) {
        HintAtEvents(dependencies, file.key.partition);
      }
      if (writes) {
        CountFlow(dependencies.telemetry, file, changed->change.flow);
      }
      co_return changed;
    }
  } while (dependencies.scheduler.Now() < deadline);
  co_return Contention("the voucher was changed by others at once");
}

}  // namespace kulanz::app
