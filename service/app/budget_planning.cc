// BudgetAccount's steps: what to do next, and what the answers mean.
#include <algorithm>
#include <array>
#include <utility>

#include "service/app/budget_account.h"
#include "service/app/keys.h"
#include "service/base/check.h"

namespace kulanz::app {
namespace {

// How many writings of others a cry for money survives. It is repeated while somebody starves, and dies
// out by itself when that one is gone.
constexpr std::uint32_t kWantedWrites = 8;
// A chunk is at most this part of what is free, and this part of the whole budget.
constexpr std::int64_t kChunkOfFree = 8;
constexpr std::int64_t kChunkOfCap = 32;
// Leases that wait for their settlement at once; unknown outcomes wait for a place.
constexpr std::ptrdiff_t kClosingMax = 4;

std::string NewLeaseId(ports::Entropy& entropy) {
  std::array<std::uint8_t, 16> bytes{};
  entropy.Fill(bytes);
  return {bytes.begin(), bytes.end()};
}

}  // namespace

bool BudgetAccount::StartWork() {
  const std::lock_guard lock(mutex_);
  return !std::exchange(working_, true);
}

BudgetStep BudgetAccount::Next(Deadline now) {
  Answers answers;
  BudgetStep step;
  {
    const std::lock_guard lock(mutex_);
    Serve(now, answers);
    CloseWhatIsDue(now);
    const bool urgent = !waiters_.empty();
    const bool of_use = urgent || !leases_.empty() || !foreign_.empty() || !recovered_.empty();
    if (of_use && (urgent || now >= not_before_)) {
      if (!seen_ || (!uncertain_ && (stale_ || WatchDue(now)))) {
        step.kind = BudgetStep::Kind::kRead;
      } else if (step = Fence(); step.kind == BudgetStep::Kind::kNone) {
        step = Propose(now);
      }
    }
    if (step.kind == BudgetStep::Kind::kNone && !waiters_.empty()) {
      step.kind = BudgetStep::Kind::kPause;
      stale_ = true;
    }
    // Who was answered may come back at once: that is seen in another round.
    if (step.kind == BudgetStep::Kind::kNone && !answers.list.empty()) {
      step.kind = BudgetStep::Kind::kAgain;
    }
    working_ = step.kind != BudgetStep::Kind::kNone;
  }
  answers.Give();
  return step;
}

bool BudgetAccount::Contested() const { return seen_->record.wanted > 0 || !foreign_.empty(); }

bool BudgetAccount::WatchDue(Deadline now) const {
  const auto age = now - seen_->began.here;
  const auto lease = OpenLease();
  const BudgetLease* entry = lease == nullptr ? nullptr : seen_->record.Find(lease->id);
  if (entry != nullptr && entry->amount != entry->spent && age >= settings_.watch) {
    return true;
  }
  const bool in_use = !leases_.empty() || now - last_take_ < settings_.forget_after;
  return !foreign_.empty() && in_use && age >= settings_.beat;
}

// Whether what the open lease has left should go back.
bool BudgetAccount::ReturnDue(Deadline now) const {
  const auto idle = now - last_grant_;
  const bool wanted = seen_->record.wanted > 0 && waiters_.empty();
  return wanted || idle >= settings_.idle_alone || (Contested() && idle >= settings_.idle_return);
}

void BudgetAccount::CloseWhatIsDue(Deadline now) {
  const auto lease = OpenLease();
  if (lease == nullptr || !seen_) {
    return;
  }
  const bool starving = !waiters_.empty() || seen_->record.wanted > 0;
  const bool resolve =
      lease->unknown > 0 && (starving || now - lease->unknown_since >= settings_.unknown_patience);
  const auto closing = std::count_if(leases_.begin(), leases_.end(),
                                     [](const auto& other) { return other->closing; });
  const bool idle = lease->held == 0 && now - last_grant_ >= settings_.close_after;
  lease->closing = shut_down_ || idle || (resolve && closing < kClosingMax);
}

// Closing leases without anything held: what they spent is known, or is known once the partitions with
// unknown outcomes are fenced.
BudgetStep BudgetAccount::Fence() {
  BudgetStep step;
  for (const auto& lease : leases_) {
    if (!lease->closing || lease->held > 0 || lease->spent || !lease->confirmed) {
      continue;
    }
    if (lease->unknown == 0) {
      lease->spent = lease->committed;
      continue;
    }
    for (const auto& [partition, use] : lease->touched) {
      if (use.unknown) {
        step.partitions.push_back(partition);
      }
    }
    step.kind = BudgetStep::Kind::kFence;
    step.lease = lease;
    break;
  }
  return step;
}

BudgetStep BudgetAccount::Propose(Deadline now) {
  BudgetStep step;
  step.base = seen_->version;
  step.next = seen_->record;
  BudgetRecord& next = step.next;
  bool due = ProposeSettled(next);
  const Demand demand = Measure(next, now);
  due = ProposeMore(next, demand.more) || due;
  due = ProposeReturn(next, demand, now) || due;
  due = ProposeRecovery(next, step.recover, now) || due;
  const bool beats = std::any_of(leases_.begin(), leases_.end(),
                                 [](const auto& lease) { return lease->confirmed; });
  due = due || uncertain_ || (beats && now - last_beat_ >= settings_.beat);
  ProposeWanted(next, demand, due);
  for (const auto& lease : leases_) {
    if (BudgetLease* entry = next.Find(lease->id)) {
      entry->beat = std::max(entry->beat, lease->beat) + 1;
      lease->beat = entry->beat;
    }
  }
  step.kind = due ? BudgetStep::Kind::kWrite : BudgetStep::Kind::kNone;
  return step;
}

bool BudgetAccount::ProposeSettled(BudgetRecord& next) {
  const std::size_t before = next.leases.size();
  for (const auto& lease : leases_) {
    if (lease->spent) {
      next.Settle(lease->id, *lease->spent);
    }
  }
  for (const auto& [lease, spent] : recovered_) {
    next.Settle(lease, spent);
  }
  return next.leases.size() != before;
}

BudgetAccount::Demand BudgetAccount::Measure(const BudgetRecord& next, Deadline now) const {
  Demand demand;
  if (shut_down_) {
    return demand;
  }
  std::int64_t here = FreeNow(now);
  std::int64_t there = next.leases.size() < kBudgetLeasesMax || OpenLease() ? next.Free(cap_) : 0;
  for (const Waiter& waiter : waiters_) {
    if (waiter.amount > here + std::max<std::int64_t>(there, 0)) {
      demand.unmet = true;
      continue;
    }
    const std::int64_t more = std::max<std::int64_t>(0, waiter.amount - here);
    here -= waiter.amount - more;
    there -= more;
    demand.more += more;
  }
  return demand;
}

bool BudgetAccount::ProposeMore(BudgetRecord& next, std::int64_t more) {
  if (more == 0) {
    return false;
  }
  if (next.wanted == 0) {
    more = std::max(more, std::min(next.Free(cap_) / kChunkOfFree, cap_ / kChunkOfCap));
  }
  auto lease = OpenLease();
  if (lease == nullptr) {
    lease = std::make_shared<HeldLease>(NewLeaseId(environment_.entropy));
    leases_.push_back(lease);
  }
  if (BudgetLease* entry = next.Find(lease->id)) {
    entry->amount += more;
  } else {
    next.leases.push_back({lease->id, environment_.holder, more, 0, 0, false});
  }
  return true;
}

// Gives back what is not needed, and reports what is spent. From here on the money is not free here,
// whatever becomes of the writing.
bool BudgetAccount::ProposeReturn(BudgetRecord& next, const Demand& demand, Deadline now) {
  const bool starving = demand.unmet && demand.more == 0;
  const bool asked = demand.more == 0 && (starving || ReturnDue(now));
  bool due = false;
  for (const auto& lease : leases_) {
    BudgetLease* entry = next.Find(lease->id);
    if (entry == nullptr || !lease->confirmed) {
      continue;
    }
    const bool back = lease->closing || asked;
    if (back && lease->free > 0) {
      entry->amount -= lease->free;
      lease->free = 0;
      due = true;
    }
    const std::int64_t spent = std::min(lease->committed, entry->amount);
    due = due || (back && lease->held == 0 && entry->spent != spent);
    entry->spent = spent;
  }
  return due;
}

bool BudgetAccount::ProposeRecovery(BudgetRecord& next, std::vector<std::string>& recover,
                                    Deadline now) {
  for (const auto& [id, observed] : foreign_) {
    BudgetLease* entry = next.Find(id);
    if (entry != nullptr && !observed.recovering_here &&
        now - observed.since >= settings_.recover_after &&
        recover.size() < settings_.recover_at_once) {
      entry->recovering = true;
      ++entry->beat;  // others who watch it start counting anew
      recover.push_back(id);
    }
  }
  return !recover.empty();
}

void BudgetAccount::ProposeWanted(BudgetRecord& next, const Demand& demand, bool& due) const {
  if (demand.unmet && !foreign_.empty()) {
    due = due || next.wanted == 0;
    next.wanted = kWantedWrites;
  } else if (due && next.wanted > 0) {
    --next.wanted;
  }
}

}  // namespace kulanz::app
