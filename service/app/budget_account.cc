#include "service/app/budget_account.h"

#include <algorithm>
#include <utility>

#include "service/app/keys.h"
#include "service/base/check.h"

namespace kulanz::app {
namespace {

class LeaseHold final : public BudgetHold {
 public:
  LeaseHold(std::shared_ptr<BudgetAccount> account, std::shared_ptr<HeldLease> lease,
            const Keys& keys, std::int64_t amount, Deadline taken, Instant not_after)
      : account_(std::move(account)),
        lease_(std::move(lease)),
        keys_(keys),
        amount_(amount),
        taken_(taken),
        not_after_(not_after) {}
  ~LeaseHold() override { End(BudgetAccount::HoldEnd::kUnknown); }
  LeaseHold(const LeaseHold&) = delete;
  LeaseHold& operator=(const LeaseHold&) = delete;

  void SpendIn(ports::Transaction& transaction) override {
    const ports::PartitionId partition = transaction.partition;
    KULANZ_CHECK(!partition_ || *partition_ == partition, "a hold is spent in one partition");
    partition_ = partition;
    // Without an expiry: what was spent must be known for as long as the lease is in the record.
    transaction.writes.emplace_back(
        ports::AddToCounter{keys_.LeaseCounter(partition, lease_->id), amount_, std::nullopt});
    transaction.not_after = std::min(transaction.not_after.value_or(not_after_), not_after_);
  }
  void Committed() override { End(BudgetAccount::HoldEnd::kCommitted); }
  void Released() override { End(BudgetAccount::HoldEnd::kReleased); }
  void Unknown() override { End(BudgetAccount::HoldEnd::kUnknown); }
  void Fenced() override { End(BudgetAccount::HoldEnd::kFenced); }

 private:
  void End(BudgetAccount::HoldEnd end) {
    if (const auto account = std::exchange(account_, nullptr)) {
      account->EndHold(lease_, amount_, partition_, end, taken_);
    }
  }

  std::shared_ptr<BudgetAccount> account_;  // null when it has ended
  const std::shared_ptr<HeldLease> lease_;
  const Keys& keys_;
  const std::int64_t amount_;
  const Deadline taken_;
  const Instant not_after_;
  std::optional<ports::PartitionId> partition_;
};

}  // namespace

void BudgetAccount::Answers::Give() {
  for (auto& [answer, result] : list) {
    answer(std::move(result));
  }
  list.clear();
}

BudgetAccount::BudgetAccount(engine::BudgetPeriod period, Environment environment)
    : period_(std::move(period)),
      environment_(std::move(environment)),
      settings_(environment_.settings),
      key_(environment_.keys.Budget(PeriodName(period_))),
      cap_(period_.cap.minor_units()) {}

bool BudgetAccount::Take(std::int64_t amount, std::int64_t cap, Deadline deadline, Deadline now,
                         Answer answer) {
  Answers answers;
  {
    const std::lock_guard lock(mutex_);
    if (forgotten_) {
      return false;
    }
    cap_ = cap;
    last_take_ = now;
    const bool full = waiters_.size() >= settings_.waiters_max;
    if (cap_ - NeverFree() < amount || (waiters_.empty() && FreeNow(now) >= amount)) {
      // Served alone: those that wait already could not be.
      std::deque<Waiter> others = std::exchange(waiters_, {});
      waiters_.push_back({amount, deadline, std::move(answer)});
      Serve(now, answers);
      waiters_ = std::move(others);
    } else if (full || shut_down_) {
      answers.list.emplace_back(std::move(answer), Unsettled());
    } else {
      waiters_.push_back({amount, std::min(deadline, now + settings_.patience), std::move(answer)});
    }
  }
  const bool waits = answers.list.empty();
  answers.Give();
  if (waits) {
    environment_.wake(shared_from_this());
  }
  return true;
}

std::shared_ptr<HeldLease> BudgetAccount::OpenLease() const {
  const auto open = std::find_if(leases_.begin(), leases_.end(),
                                 [](const auto& lease) { return !lease->closing; });
  return open == leases_.end() ? nullptr : *open;
}

std::int64_t BudgetAccount::FreeNow(Deadline now) const {
  const auto lease = OpenLease();
  return lease == nullptr || now - lease->confirmed_at.here > settings_.trust ? 0 : lease->free;
}

// What is spent for good never comes back, so nobody need be asked.
std::int64_t BudgetAccount::NeverFree() const {
  std::int64_t spent = seen_ ? seen_->record.SpentAtLeast() : 0;
  for (const auto& lease : leases_) {
    if (const BudgetLease* entry = seen_ ? seen_->record.Find(lease->id) : nullptr) {
      spent += std::max<std::int64_t>(0, lease->committed - entry->spent);
    }
  }
  return spent;
}

std::unique_ptr<BudgetHold> BudgetAccount::Grant(std::int64_t amount, Deadline now) {
  const auto lease = OpenLease();
  lease->free -= amount;
  lease->held += amount;
  last_grant_ = now;
  exhausted_told_ = false;
  // Whoever took the lease away did so after it was seen last, and left fences that are kept for longer
  // than this, whatever the store's clock does: where they are gone, it is too late.
  const Instant not_after = lease->confirmed_at.store + settings_.fence_kept / 2;
  return std::make_unique<LeaseHold>(shared_from_this(), lease, environment_.keys, amount, now,
                                     not_after);
}

Status BudgetAccount::Unsettled() const {
  return Status(Code::kUnavailable, "BUDGET_UNSETTLED",
                "what is left of budget '" + period_.name + "' is set aside for others; try again")
      .WithMetadata("budget", period_.name)
      .WithRetryAfter(settings_.retry_after);
}

void BudgetAccount::Serve(Deadline now, Answers& answers) {
  const std::int64_t left = cap_ - NeverFree();
  std::deque<Waiter> waiting;
  for (Waiter& waiter : waiters_) {
    if (left < waiter.amount) {
      if (!std::exchange(exhausted_told_, true)) {
        environment_.telemetry.BudgetLeaseChanged(period_.name, "exhausted");
      }
      answers.list.emplace_back(std::move(waiter.answer), BudgetAnswer(BudgetExhausted{}));
    } else if (!shut_down_ && FreeNow(now) >= waiter.amount) {
      answers.list.emplace_back(std::move(waiter.answer), BudgetAnswer(Grant(waiter.amount, now)));
    } else if (shut_down_ || now >= waiter.give_up) {
      answers.list.emplace_back(std::move(waiter.answer), Unsettled());
    } else {
      waiting.push_back(std::move(waiter));
    }
  }
  waiters_ = std::move(waiting);
}

void BudgetAccount::FailAll(const Status& status, Answers& answers) {
  for (Waiter& waiter : waiters_) {
    answers.list.emplace_back(std::move(waiter.answer), status);
  }
  waiters_.clear();
}

void BudgetAccount::ExpireWaiting(Deadline now) {
  Answers answers;
  {
    const std::lock_guard lock(mutex_);
    std::deque<Waiter> waiting;
    for (Waiter& waiter : waiters_) {
      if (now >= waiter.give_up) {
        answers.list.emplace_back(std::move(waiter.answer), Unsettled());
      } else {
        waiting.push_back(std::move(waiter));
      }
    }
    waiters_ = std::move(waiting);
  }
  answers.Give();
}

void BudgetAccount::GiveUpWaiting() {
  Answers answers;
  {
    const std::lock_guard lock(mutex_);
    FailAll(Unsettled(), answers);
  }
  answers.Give();
}

void BudgetAccount::EndHold(const std::shared_ptr<HeldLease>& lease, std::int64_t amount,
                            std::optional<ports::PartitionId> partition, HoldEnd end,
                            Deadline now) {
  {
    const std::lock_guard lock(mutex_);
    lease->held -= amount;
    if (end == HoldEnd::kUnknown && !partition) {
      end = HoldEnd::kReleased;  // never put into a transaction
    }
    switch (end) {
      case HoldEnd::kCommitted:
        KULANZ_CHECK(partition.has_value(), "what was committed was spent in a partition");
        lease->committed += amount;
        lease->touched[*partition].committed += amount;
        break;
      case HoldEnd::kReleased:
        lease->free += amount;
        break;
      case HoldEnd::kUnknown:
        lease->unknown_since = lease->unknown == 0 ? now : lease->unknown_since;
        lease->unknown += amount;
        lease->touched[*partition].unknown = true;
        break;
      case HoldEnd::kFenced:
        lease->free += amount;
        lease->lost = true;
        lease->closing = true;
        std::erase(leases_, lease);
        stale_ = true;
        break;
    }
    const bool matters = !waiters_.empty() || lease->closing || (seen_ && seen_->record.wanted > 0);
    if (!matters) {
      return;
    }
  }
  environment_.wake(shared_from_this());
}

void BudgetAccount::Shutdown() {
  const std::lock_guard lock(mutex_);
  shut_down_ = true;
}

bool BudgetAccount::IsSettled() {
  const std::lock_guard lock(mutex_);
  return !working_ && leases_.empty() && gone_.empty() && recovered_.empty() && recoveries_ == 0;
}

bool BudgetAccount::Forget(Deadline now) {
  const std::lock_guard lock(mutex_);
  const bool useless = !forgotten_ && !working_ && waiters_.empty() && leases_.empty() &&
                       gone_.empty() && recovered_.empty() && recoveries_ == 0 && !uncertain_ &&
                       now - last_take_ >= settings_.forget_after;
  forgotten_ = forgotten_ || useless;
  return useless;
}

}  // namespace kulanz::app
