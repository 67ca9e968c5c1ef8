// BudgetAccount's view of the record: what each answer of the store means for the money here.
#include <algorithm>
#include <utility>

#include "service/app/budget_account.h"
#include "service/app/keys.h"

namespace kulanz::app {
namespace {

Duration BackoffOf(const BudgetSettings& settings, bool shut_down) {
  return shut_down ? settings.retry_pause : settings.backoff;
}

}  // namespace

void BudgetAccount::Saw(std::uint64_t version, BudgetRecord record, Moment began) {
  const std::lock_guard lock(mutex_);
  Absorb(version, std::move(record), began);
}

void BudgetAccount::Lost(std::uint64_t version, BudgetRecord record, Moment began) {
  const std::lock_guard lock(mutex_);
  // Another version stands there: no earlier writing of ours can arrive any more.
  uncertain_ = false;
  Absorb(version, std::move(record), began);
}

void BudgetAccount::Wrote(const BudgetStep& step, std::uint64_t version, Moment began) {
  const std::lock_guard lock(mutex_);
  Report(step);
  last_beat_ = began.here;
  uncertain_ = false;
  Absorb(version, step.next, began);
  for (const std::string& id : step.recover) {
    foreign_[id].recovering_here = true;
  }
  recoveries_ += step.recover.empty() ? 0 : 1;
}

void BudgetAccount::Report(const BudgetStep& step) {
  const BudgetRecord& before = seen_->record;
  bool leased = false;
  bool settled = false;
  for (const auto& lease : leases_) {
    const BudgetLease* old_entry = before.Find(lease->id);
    const BudgetLease* new_entry = step.next.Find(lease->id);
    const std::int64_t old_amount = old_entry == nullptr ? 0 : old_entry->amount;
    const std::int64_t new_amount = new_entry == nullptr ? 0 : new_entry->amount;
    leased = leased || new_amount > old_amount;
    settled = settled || new_amount < old_amount;
  }
  if (leased) {
    environment_.telemetry.BudgetLeaseChanged(period_.name, "leased");
  }
  if (settled) {
    environment_.telemetry.BudgetLeaseChanged(period_.name, "settled");
  }
  for (const auto& [id, spent] : recovered_) {
    if (before.Find(id) != nullptr) {
      environment_.telemetry.BudgetLeaseChanged(period_.name, "recovered");
    }
  }
}

void BudgetAccount::Failed(const Status& status, Deadline now) {
  Answers answers;
  {
    const std::lock_guard lock(mutex_);
    not_before_ = now + BackoffOf(settings_, shut_down_);
    FailAll(status, answers);
  }
  answers.Give();
}

bool BudgetAccount::WriteFailed(const Status& status, Deadline now) {
  const bool unknown = status.reason() == "STORE_UNCERTAIN" || status.code() == Code::kInternal;
  {
    const std::lock_guard lock(mutex_);
    uncertain_ = uncertain_ || unknown;
    if (!uncertain_) {  // certainly nothing has changed
      Absorb(seen_->version, seen_->record, seen_->began);
    }
    stale_ = true;
  }
  if (!unknown) {
    Failed(status, now);
  }
  return unknown;
}

// Every view is definitive: none is taken while a writing may still arrive, except the one that shows
// that it cannot.
void BudgetAccount::Absorb(std::uint64_t version, BudgetRecord record, Moment began) {
  seen_ = Seen{version, std::move(record), began};
  stale_ = false;
  std::erase_if(leases_, [&](const auto& lease) { return !AbsorbOwn(*lease, began); });
  AbsorbForeign(began.here);
  std::erase_if(recovered_, [&](const auto& recovered) {
    if (seen_->record.Find(recovered.first) != nullptr) {
      return false;
    }
    gone_.push_back({recovered.first, {}, settings_.fence_kept});
    return true;
  });
}

// False when the lease is no longer this process'.
bool BudgetAccount::AbsorbOwn(HeldLease& lease, Moment began) {
  const BudgetLease* entry = seen_->record.Find(lease.id);
  if (entry != nullptr && !entry->recovering) {
    lease.confirmed = true;
    lease.confirmed_at = began;
    lease.free = std::max<std::int64_t>(0, entry->amount - lease.used());
    return true;
  }
  lease.free = 0;
  lease.closing = true;
  if (entry == nullptr && lease.spent) {
    GoneLease known{lease.id, {}, settings_.counter_kept};
    GoneLease fenced{lease.id, {}, settings_.fence_kept};
    for (const auto& [partition, use] : lease.touched) {
      (use.unknown ? fenced : known).partitions.push_back(partition);
    }
    for (GoneLease* gone : {&known, &fenced}) {
      if (!gone->partitions.empty()) {
        gone_.push_back(std::move(*gone));
      }
    }
  }
  return false;
}

void BudgetAccount::AbsorbForeign(Deadline began) {
  std::map<std::string, Observed> foreign;
  for (const BudgetLease& entry : seen_->record.leases) {
    const bool own = std::any_of(leases_.begin(), leases_.end(),
                                 [&](const auto& lease) { return lease->id == entry.id; });
    if (own) {
      continue;
    }
    const auto known = foreign_.find(entry.id);
    Observed observed{entry.beat, began, false};
    if (known != foreign_.end()) {
      observed.recovering_here = known->second.recovering_here;
      observed.since = known->second.beat == entry.beat ? known->second.since : began;
    }
    foreign.emplace(entry.id, observed);
  }
  foreign_ = std::move(foreign);
}

std::vector<GoneLease> BudgetAccount::TakeGone() {
  const std::lock_guard lock(mutex_);
  return std::exchange(gone_, {});
}

void BudgetAccount::Fenced(const std::shared_ptr<HeldLease>& lease,
                           const std::vector<ports::PartitionId>& partitions,
                           const std::vector<std::int64_t>& counters) {
  const std::lock_guard lock(mutex_);
  std::int64_t spent = lease->committed;
  for (std::size_t i = 0; i < partitions.size(); ++i) {
    spent += counters[i] - lease->touched[partitions[i]].committed;
  }
  lease->spent = std::max<std::int64_t>(spent, 0);
}

void BudgetAccount::Recovered(const std::map<std::string, std::int64_t>& spent) {
  const std::lock_guard lock(mutex_);
  --recoveries_;
  for (const auto& [id, sum] : spent) {
    if (seen_->record.Find(id) != nullptr) {
      recovered_[id] = sum;
    } else {  // another process was faster; the fences laid here are the last
      gone_.push_back({id, {}, settings_.fence_kept});
    }
  }
}

void BudgetAccount::RecoveryFailed(const std::vector<std::string>& leases, Deadline now) {
  const std::lock_guard lock(mutex_);
  --recoveries_;
  for (const std::string& id : leases) {
    if (const auto observed = foreign_.find(id); observed != foreign_.end()) {
      observed->second.recovering_here = false;
      observed->second.since = now;
    }
  }
}

}  // namespace kulanz::app
