#include "service/app/voucher_expiry.h"

#include <algorithm>
#include <atomic>
#include <functional>
#include <mutex>
#include <utility>
#include <variant>
#include <vector>

#include "service/app/event_outbox.h"
#include "service/app/keys.h"
#include "service/app/liability.h"
#include "service/app/parallel.h"
#include "service/app/voucher_change.h"
#include "service/app/voucher_file.h"
#include "service/ports/log.h"
#include "service/ports/scheduler.h"
#include "service/ports/telemetry.h"

namespace kulanz::app {
namespace {

// When time next takes something from an open voucher: after its last instant, and after that when what is
// held for an order is free.
Instant ExpiryDue(const VoucherTerms& terms, const VoucherLife& life) {
  Instant due = UsableUntil(terms, life);
  if (FreeMinorUnits(life) == 0) {
    std::optional<Instant> first;
    for (const Reservation& reservation : life.reservations) {
      if (reservation.state == ReservationState::kHeld) {
        first = first ? std::min(*first, reservation.expires_at) : reservation.expires_at;
      }
    }
    due = std::max(due, first.value_or(due));
  }
  return due + Duration{1};
}

}  // namespace

void ScheduleExpiry(const Keys& keys, const ports::Key& voucher, const VoucherTerms& terms,
                    const VoucherLife& life, ports::Transaction& transaction) {
  transaction.writes.emplace_back(
      ports::IndexPut{keys.Expiries(voucher.partition),
                      {MemberOf(voucher.hash), ToMillis(ExpiryDue(terms, life))}});
}

void UnscheduleExpiry(const Keys& keys, const ports::Key& voucher,
                      ports::Transaction& transaction) {
  transaction.writes.emplace_back(
      ports::IndexRemove{keys.Expiries(voucher.partition), MemberOf(voucher.hash)});
}

class VoucherExpiry::Core : public std::enable_shared_from_this<Core> {
 public:
  Core(const Dependencies& dependencies, VoucherExpirySettings settings)
      : dependencies_(dependencies), settings_(settings) {}

  static Task<void> Run(std::shared_ptr<Core> self);
  static Task<void> Turn(std::shared_ptr<Core> self);
  void Stop() { stopped_ = true; }

 private:
  struct Seen {
    std::mutex mutex;
    Liability liability;
    bool complete = true;
  };

  Deadline CallDeadline() const { return dependencies_.scheduler.Now() + settings_.store_timeout; }
  static Task<void> Look(std::shared_ptr<Core> self, std::shared_ptr<Seen> seen, std::size_t number,
                         Instant now);
  // One entry. Failures leave it where it is.
  static Task<void> Settle(std::shared_ptr<Core> self, ports::PartitionId partition,
                           ports::IndexEntry entry);

  const Dependencies dependencies_;
  const VoucherExpirySettings settings_;
  std::atomic<bool> stopped_{false};
};

Task<void> VoucherExpiry::Core::Settle(std::shared_ptr<Core> self, ports::PartitionId partition,
                                       ports::IndexEntry entry) {
  const Dependencies& dependencies = self->dependencies_;
  const ports::Key agenda = dependencies.keys.Expiries(partition);
  ports::Transaction transaction;
  transaction.partition = partition;
  transaction.checks.emplace_back(ports::CheckScore{agenda, entry.member, entry.score});
  const auto hash = KeyHashFrom(entry.member);
  std::optional<Money> expired;
  if (hash) {
    const ports::Key key = dependencies.keys.Voucher(partition, *hash);
    auto file = co_await ReadVoucherFile(dependencies, key, self->CallDeadline());
    const auto now = dependencies.store.Now();
    if (!now || (!file.ok() && file.status().code() != Code::kNotFound)) {
      co_return;
    }
    if (file.ok()) {
      const auto change = Apply(file->terms(), file->stored, SettleCommand{}, *now);
      if (!change.ok()) {
        co_return;
      }
      transaction.checks.emplace_back(ports::CheckVersion{key, file->version});
      const bool was_open = file->stored.state == VoucherState::kIssued;
      if (change->changed) {
        const VoucherFile before = *file;
        AddConsequences(dependencies, before, *change, transaction);
        static_cast<VoucherLife&>(file->stored) = change->life;
        transaction.writes.emplace_back(
            ports::Put{key, dependencies.codec.Encode(key, file->stored), std::nullopt});
        expired = Money::FromMinorUnits(change->flow.expired, file->terms().amount.currency());
      }
      if (change->life.state == VoucherState::kIssued) {
        ScheduleExpiry(dependencies.keys, key, file->terms(), change->life, transaction);
      } else if (!was_open) {
        UnscheduleExpiry(dependencies.keys, key, transaction);
      }
    }
  }
  if (transaction.writes.empty()) {
    transaction.writes.emplace_back(ports::IndexRemove{agenda, entry.member});
  }
  const bool has_events = WritesEvents(transaction);
  const auto outcome =
      co_await dependencies.store.Commit(std::move(transaction), self->CallDeadline());
  if (!outcome.ok() || !std::holds_alternative<ports::Committed>(*outcome)) {
    co_return;
  }
  if (has_events) {
    HintAtEvents(dependencies, agenda.partition);
  }
  if (expired && !expired->is_zero()) {
    dependencies.telemetry.VoucherValueMoved("expired", *expired);
  }
}

Task<void> VoucherExpiry::Core::Look(std::shared_ptr<Core> self, std::shared_ptr<Seen> seen,
                                     std::size_t number, Instant now) {
  const Dependencies& dependencies = self->dependencies_;
  const ports::PartitionId partition{static_cast<std::uint16_t>(number)};
  ports::IndexRange range;
  range.index = dependencies.keys.Expiries(partition);
  range.score_min = -ports::kStoredIntegerMax;
  range.score_max = ToMillis(now);
  range.limit = self->settings_.entries;
  const auto due = co_await dependencies.store.ReadIndex(range, self->CallDeadline());
  if (due.ok()) {
    for (const ports::IndexEntry& entry : *due) {
      co_await Settle(self, partition, entry);
    }
  }
  const auto liability = co_await ReadLiability(dependencies, partition, self->CallDeadline());
  const std::lock_guard lock(seen->mutex);
  if (!liability.ok()) {
    seen->complete = false;
    co_return;
  }
  for (const auto& [currency, minor_units] : *liability) {
    seen->liability[currency] += minor_units;
  }
}

Task<void> VoucherExpiry::Core::Turn(std::shared_ptr<Core> self) {
  const auto now = self->dependencies_.store.Now();
  if (!now) {
    co_return;
  }
  auto seen = std::make_shared<Seen>();
  std::function<Task<void>(std::size_t)> work = [self, seen, at = *now](std::size_t number) {
    return Look(self, seen, number, at);
  };
  co_await ForEach(self->dependencies_.keys.partition_count(), self->settings_.in_flight_max,
                   std::move(work));
  if (!seen->complete) {
    co_return;  // a part of the sum would be a wrong sum: the last one stays
  }
  for (const auto& [currency, minor_units] : seen->liability) {
    if (const auto known = Currency::FromCode(currency)) {
      self->dependencies_.telemetry.LiabilityObserved(*known, minor_units);
    }
  }
}

Task<void> VoucherExpiry::Core::Run(std::shared_ptr<Core> self) {
  ports::Scheduler& scheduler = self->dependencies_.scheduler;
  while (!self->stopped_ && !scheduler.stopping()) {
    co_await Turn(self);
    co_await scheduler.Sleep(self->settings_.poll);
  }
}

VoucherExpiry::VoucherExpiry(const Dependencies& dependencies, VoucherExpirySettings settings)
    : core_(std::make_shared<Core>(dependencies, settings)) {}

VoucherExpiry::~VoucherExpiry() = default;

Task<void> VoucherExpiry::Run() { return Core::Run(core_); }

Task<void> VoucherExpiry::Turn() { return Core::Turn(core_); }

void VoucherExpiry::Stop() { core_->Stop(); }

}  // namespace kulanz::app
