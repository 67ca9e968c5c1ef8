#include "service/app/budget_leases.h"

#include <array>
#include <atomic>
#include <functional>
#include <map>
#include <mutex>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#include "service/app/budget_account.h"
#include "service/app/budget_fences.h"
#include "service/base/check.h"

namespace kulanz::app {
namespace {

constexpr Duration kShutdownLook{5};

std::string NewHolderId(ports::Entropy& entropy) {
  std::array<std::uint8_t, 8> bytes{};
  entropy.Fill(bytes);
  return {bytes.begin(), bytes.end()};
}

using AccountPtr = std::shared_ptr<BudgetAccount>;

}  // namespace

// Kept alive by its tasks, which end soon after the last store call that they wait for.
class LeasedBudgetLedger::Core : public std::enable_shared_from_this<Core> {
 public:
  Core(const Ports& ports, BudgetSettings settings)
      : ports_(ports), settings_(settings), holder_(NewHolderId(ports.entropy)) {}

  const Ports& ports() const { return ports_; }
  const BudgetSettings& settings() const { return settings_; }
  bool shut_down() const { return shut_down_.load(); }

  AccountPtr AccountOf(const engine::BudgetPeriod& period);
  void Wake(const AccountPtr& account);
  void Tick();
  void BeginShutdown();
  bool IsSettled();
  // Starts nothing any more; ends when nothing is under way.
  Task<void> End();

 private:
  static Task<void> Work(std::shared_ptr<Core> self, AccountPtr account);
  Task<void> ReadRecord(AccountPtr account);
  Task<void> WriteRecord(AccountPtr account, BudgetStep step);
  Task<void> FenceOwn(AccountPtr account, BudgetStep step);
  static Task<void> Recover(std::shared_ptr<Core> self, AccountPtr account,
                            std::vector<std::string> leases);
  static Task<void> Clean(std::shared_ptr<Core> self, GoneLease gone);
  void CleanUp(const AccountPtr& account);
  void Start(Task<void> task);
  void Ended();
  std::vector<AccountPtr> Accounts();
  Deadline Now() const { return ports_.scheduler.Now(); }
  Moment Began() const { return {Now(), ports_.store.Now().value_or(Instant{})}; }

  const Ports ports_;
  const BudgetSettings settings_;
  const std::string holder_;
  std::atomic<bool> shut_down_{false};
  std::atomic<bool> ended_{false};
  std::mutex mutex_;
  int running_ = 0;                // under mutex_; tasks under way
  std::function<void(int)> idle_;  // under mutex_; told when none is any more
  std::unordered_map<std::string, AccountPtr> accounts_;  // under mutex_; by PeriodName
};

AccountPtr LeasedBudgetLedger::Core::AccountOf(const engine::BudgetPeriod& period) {
  std::string name = PeriodName(period);
  const std::lock_guard lock(mutex_);
  AccountPtr& account = accounts_[std::move(name)];
  if (account == nullptr) {
    std::weak_ptr<Core> weak = weak_from_this();
    BudgetAccount::Environment environment{settings_,
                                           ports_.keys,
                                           ports_.entropy,
                                           ports_.telemetry,
                                           holder_,
                                           [weak](const AccountPtr& woken) {
                                             if (const auto core = weak.lock()) {
                                               core->Wake(woken);
                                             }
                                           }};
    account = std::make_shared<BudgetAccount>(period, std::move(environment));
    if (shut_down()) {
      account->Shutdown();
    }
  }
  return account;
}

void LeasedBudgetLedger::Core::Start(Task<void> task) {
  {
    const std::lock_guard lock(mutex_);
    ++running_;
  }
  SpawnThen(std::move(task), [self = shared_from_this()] { self->Ended(); });
}

void LeasedBudgetLedger::Core::Ended() {
  std::function<void(int)> idle;
  {
    const std::lock_guard lock(mutex_);
    if (--running_ == 0) {
      idle = std::exchange(idle_, nullptr);
    }
  }
  if (idle) {
    idle(0);
  }
}

Task<void> LeasedBudgetLedger::Core::End() {
  ended_ = true;
  auto wait = [this](auto done) {
    bool idle = false;
    {
      const std::lock_guard lock(mutex_);
      idle = running_ == 0;
      if (!idle) {
        idle_ = done;
      }
    }
    if (idle) {
      done(0);
    }
  };
  auto all_ended = Complete<int>(wait);
  co_await all_ended;
}

void LeasedBudgetLedger::Core::Wake(const AccountPtr& account) {
  if (!ended_ && account->StartWork()) {
    Start(Work(shared_from_this(), account));
  }
}

Task<void> LeasedBudgetLedger::Core::Work(std::shared_ptr<Core> self, AccountPtr account) {
  while (!self->ended_) {
    BudgetStep step = account->Next(self->Now());
    self->CleanUp(account);
    switch (step.kind) {
      case BudgetStep::Kind::kNone:
        co_return;
      case BudgetStep::Kind::kAgain:
        break;
      case BudgetStep::Kind::kRead:
        co_await self->ReadRecord(account);
        break;
      case BudgetStep::Kind::kWrite:
        co_await self->WriteRecord(account, std::move(step));
        break;
      case BudgetStep::Kind::kFence:
        co_await self->FenceOwn(account, std::move(step));
        break;
      case BudgetStep::Kind::kPause:
        if (self->ports_.scheduler.stopping()) {
          account->GiveUpWaiting();
          break;
        }
        co_await self->ports_.scheduler.Sleep(self->settings_.retry_pause);
        break;
    }
  }
  account->GiveUpWaiting();
}

Task<void> LeasedBudgetLedger::Core::ReadRecord(AccountPtr account) {
  const Moment began = Began();
  std::vector<ports::Key> keys{account->key()};
  auto records = co_await ports_.store.Read(std::move(keys), began.here + settings_.store_timeout);
  if (!records.ok()) {
    account->Failed(records.status(), Now());
    co_return;
  }
  const ports::Record& stored = records->front();
  auto record = DecodeBudget(ports_.codec, account->key(), stored.value);
  if (!record.ok()) {
    account->Failed(record.status(), Now());
    co_return;
  }
  account->Saw(stored.version, *std::move(record), began);
}

Task<void> LeasedBudgetLedger::Core::WriteRecord(AccountPtr account, BudgetStep step) {
  const Moment began = Began();
  const ports::Key& key = account->key();
  ports::Transaction transaction;
  transaction.partition = key.partition;
  transaction.checks.emplace_back(ports::CheckVersion{key, step.base});
  transaction.writes.emplace_back(
      ports::Put{key, EncodeBudget(ports_.codec, key, account->period(), step.next), std::nullopt});
  auto outcome =
      co_await ports_.store.Commit(std::move(transaction), began.here + settings_.store_timeout);
  if (!outcome.ok()) {
    if (account->WriteFailed(outcome.status(), Now())) {
      co_await ports_.scheduler.Sleep(settings_.retry_pause);
    }
    co_return;
  }
  if (const auto* committed = std::get_if<ports::Committed>(&*outcome)) {
    account->Wrote(step, committed->sequence, began);
    if (!step.recover.empty()) {
      Start(Recover(shared_from_this(), account, std::move(step.recover)));
    }
    co_return;
  }
  const ports::Record& stored = std::get<ports::Conflict>(*outcome).records.front();
  auto record = DecodeBudget(ports_.codec, key, stored.value);
  if (!record.ok()) {
    account->Failed(record.status(), Now());
    co_return;
  }
  account->Lost(stored.version, *std::move(record), began);
}

Task<void> LeasedBudgetLedger::Core::FenceOwn(AccountPtr account, BudgetStep step) {
  FenceOrder order{{step.lease->id}, step.partitions, std::nullopt};
  auto counters =
      co_await FenceLeases(ports_.store, ports_.scheduler, ports_.keys, std::move(order),
                           settings_.parallel, settings_.store_timeout);
  if (!counters.ok()) {
    account->Failed(counters.status(), Now());
    co_return;
  }
  std::vector<std::int64_t> values;
  for (const auto& partition : *counters) {
    values.push_back(partition.front());
  }
  account->Fenced(step.lease, step.partitions, values);
}

// The leases are marked in the record. Whoever else does the same at the same time reads the same sums,
// and only one of us finds the leases still there.
Task<void> LeasedBudgetLedger::Core::Recover(std::shared_ptr<Core> self, AccountPtr account,
                                             std::vector<std::string> leases) {
  FenceOrder order{leases, AllPartitions(self->ports_.store.partition_count()), std::nullopt};
  auto counters = co_await FenceLeases(self->ports_.store, self->ports_.scheduler,
                                       self->ports_.keys, std::move(order),
                                       self->settings_.parallel, self->settings_.store_timeout);
  if (!counters.ok()) {
    account->RecoveryFailed(leases, self->Now());
    co_return;
  }
  std::map<std::string, std::int64_t> spent;
  for (const auto& partition : *counters) {
    for (std::size_t i = 0; i < leases.size(); ++i) {
      spent[leases[i]] += partition[i];
    }
  }
  self->ports_.log.Warning(
      "budget_lease_recovered", "leases of an instance that is gone were fenced and counted",
      {{"budget", account->period().name}, {"leases", std::to_string(leases.size())}});
  account->Recovered(spent);
  self->Wake(account);
}

void LeasedBudgetLedger::Core::CleanUp(const AccountPtr& account) {
  for (GoneLease& gone : account->TakeGone()) {
    Start(Clean(shared_from_this(), std::move(gone)));
  }
}

// The lease is gone from the record, so its counters need not be known any more; only the fences stay a
// while, against transactions that are still on their way. What fails here costs a few bytes.
Task<void> LeasedBudgetLedger::Core::Clean(std::shared_ptr<Core> self, GoneLease gone) {
  if (gone.partitions.empty()) {
    gone.partitions = AllPartitions(self->ports_.store.partition_count());
  }
  FenceOrder order{{gone.id}, std::move(gone.partitions), gone.keep};
  auto counters = co_await FenceLeases(self->ports_.store, self->ports_.scheduler,
                                       self->ports_.keys, std::move(order),
                                       self->settings_.parallel, self->settings_.store_timeout);
  if (!counters.ok()) {
    self->ports_.log.Warning("budget_counters_left",
                             "counters of a settled budget lease could not be given an expiry",
                             {{"lease", ToHex(gone.id)}, {"error", counters.status().ToString()}});
  }
}

std::vector<AccountPtr> LeasedBudgetLedger::Core::Accounts() {
  const std::lock_guard lock(mutex_);
  std::vector<AccountPtr> accounts;
  accounts.reserve(accounts_.size());
  for (const auto& [name, account] : accounts_) {
    accounts.push_back(account);
  }
  return accounts;
}

void LeasedBudgetLedger::Core::Tick() {
  const Deadline now = Now();
  for (const AccountPtr& account : Accounts()) {
    account->ExpireWaiting(now);
    Wake(account);
  }
  const std::lock_guard lock(mutex_);
  std::erase_if(accounts_, [now](const auto& entry) { return entry.second->Forget(now); });
}

void LeasedBudgetLedger::Core::BeginShutdown() {
  shut_down_ = true;
  for (const AccountPtr& account : Accounts()) {
    account->Shutdown();
    Wake(account);
  }
}

bool LeasedBudgetLedger::Core::IsSettled() {
  for (const AccountPtr& account : Accounts()) {
    if (!account->IsSettled()) {
      return false;
    }
  }
  const std::lock_guard lock(mutex_);
  return running_ == 0;
}

LeasedBudgetLedger::LeasedBudgetLedger(const Ports& ports, BudgetSettings settings)
    : core_(std::make_shared<Core>(ports, settings)) {}

LeasedBudgetLedger::~LeasedBudgetLedger() = default;

Task<Result<BudgetAnswer>> LeasedBudgetLedger::Take(engine::BudgetPeriod period, Money amount,
                                                    Deadline deadline) {
  KULANZ_CHECK(amount.currency() == period.cap.currency() && amount.minor_units() > 0,
               "a budget gives positive amounts of its own currency");
  const std::int64_t cap = period.cap.minor_units();
  const Deadline now = core_->ports().scheduler.Now();
  auto start = [&](BudgetAccount::Answer answer) {
    while (!core_->AccountOf(period)->Take(amount.minor_units(), cap, deadline, now, answer)) {
    }
  };
  auto answer = Complete<Result<BudgetAnswer>>(start);
  co_return co_await answer;
}

Task<void> LeasedBudgetLedger::Run() {
  const std::shared_ptr<Core> core = core_;
  while (!core->ports().scheduler.stopping() && !core->shut_down()) {
    core->Tick();
    co_await core->ports().scheduler.Sleep(core->settings().tick);
  }
}

Task<bool> LeasedBudgetLedger::Shutdown(Deadline deadline) {
  const std::shared_ptr<Core> core = core_;
  core->BeginShutdown();
  while (!core->IsSettled() && core->ports().scheduler.Now() < deadline &&
         !core->ports().scheduler.stopping()) {
    co_await core->ports().scheduler.Sleep(kShutdownLook);
    core->Tick();
  }
  const bool settled = core->IsSettled();
  co_await core->End();
  co_return settled;
}

}  // namespace kulanz::app
