// BudgetAccount: what one process knows of one budget period: its leases, its waiting calls, and what it
// last saw in the record. All rules of the protocol are here; the store is not: LeasedBudgetLedger asks
// for the next step, does it, and reports back what came of it.
//
// Thread-safety: any method from any thread, except that the steps are one caller's at a time (the one
// to whom StartWork() said yes, until Next() says kNone). Callbacks are called without the lock.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "service/app/budget_lease.h"
#include "service/app/budget_ledger.h"
#include "service/app/budget_settings.h"
#include "service/app/keys.h"
#include "service/app/record_budget.h"
#include "service/ports/entropy.h"
#include "service/ports/telemetry.h"

namespace kulanz::app {

// What to do next for an account, and then to report with the method named.
struct BudgetStep {
  enum class Kind : std::uint8_t {
    kNone,   // nothing; work has ended
    kAgain,  // ask again
    kRead,   // read the record: Saw() or Failed()
    kWrite,  // replace version `base` of the record by `next`: Wrote(), Lost() or WriteFailed()
    kFence,  // fence `lease` in `partitions`: Fenced() or Failed()
    kPause,  // sleep for retry_pause
  };
  Kind kind = Kind::kNone;
  std::uint64_t base = 0;
  BudgetRecord next;
  std::vector<std::string> recover;  // leases that `next` marks for this process to recover
  std::shared_ptr<HeldLease> lease;
  std::vector<ports::PartitionId> partitions;
};

// A lease that is gone from the record: its counters may go too, after a while.
struct GoneLease {
  std::string id;
  std::vector<ports::PartitionId> partitions;  // none: all
  Duration keep{};
};

class BudgetAccount : public std::enable_shared_from_this<BudgetAccount> {
 public:
  using Answer = std::function<void(Result<BudgetAnswer>)>;
  struct Environment {
    const BudgetSettings& settings;
    const Keys& keys;
    ports::Entropy& entropy;
    ports::Telemetry& telemetry;
    std::string holder;
    std::function<void(const std::shared_ptr<BudgetAccount>&)> wake;  // starts work; any thread
  };

  BudgetAccount(engine::BudgetPeriod period, Environment environment);

  const engine::BudgetPeriod& period() const { return period_; }
  const ports::Key& key() const { return key_; }

  // Answers at once from memory when it can, otherwise keeps the call for the worker, who must be woken.
  // False, with nothing done: this account was forgotten; look it up again.
  bool Take(std::int64_t amount, std::int64_t cap, Deadline deadline, Deadline now, Answer answer);

  // ---- Work ----
  bool StartWork();  // false: somebody works already, and will see what is new
  BudgetStep Next(Deadline now);
  void Saw(std::uint64_t version, BudgetRecord record, Moment began);
  void Failed(const Status& status, Deadline now);
  void Wrote(const BudgetStep& step, std::uint64_t version, Moment began);
  void Lost(std::uint64_t version, BudgetRecord record, Moment began);
  // True when it may have been applied: waiting calls go on waiting, and the next step finds out.
  bool WriteFailed(const Status& status, Deadline now);
  void Fenced(const std::shared_ptr<HeldLease>& lease,
              const std::vector<ports::PartitionId>& partitions,
              const std::vector<std::int64_t>& counters);
  std::vector<GoneLease> TakeGone();

  // ---- Recovery of others' leases, beside the work ----
  void Recovered(const std::map<std::string, std::int64_t>& spent);
  void RecoveryFailed(const std::vector<std::string>& leases, Deadline now);

  void ExpireWaiting(
      Deadline now);  // answers calls whose time is up, whatever the worker waits for

  // ---- End ----
  void Shutdown();            // every lease closes; Take() is unsettled from now on
  bool IsSettled();           // nothing is leased here any more, and no work is under way
  bool Forget(Deadline now);  // true once when it is of no more use
  void GiveUpWaiting();       // all waiting calls are unsettled

  // ---- Of holds ----
  enum class HoldEnd : std::uint8_t { kCommitted, kReleased, kUnknown, kFenced };
  void EndHold(const std::shared_ptr<HeldLease>& lease, std::int64_t amount,
               std::optional<ports::PartitionId> partition, HoldEnd end, Deadline now);

 private:
  struct Waiter {
    std::int64_t amount;
    Deadline give_up;
    Answer answer;
  };
  struct Answers {  // collected under the lock, given without it
    std::vector<std::pair<Answer, Result<BudgetAnswer>>> list;
    void Give();
  };
  struct Observed {
    std::uint64_t beat = 0;
    Deadline since{};
    bool recovering_here = false;
  };
  struct Seen {
    std::uint64_t version = 0;
    BudgetRecord record;
    Moment began{};
  };
  struct Demand {
    std::int64_t more = 0;  // beyond what the open lease has
    bool unmet = false;
  };

  // budget_account.cc; all need mutex_.
  std::shared_ptr<HeldLease> OpenLease() const;
  std::int64_t FreeNow(Deadline now) const;
  std::int64_t NeverFree() const;
  std::unique_ptr<BudgetHold> Grant(std::int64_t amount, Deadline now);
  Status Unsettled() const;
  void Serve(Deadline now, Answers& answers);
  void FailAll(const Status& status, Answers& answers);
  // budget_absorbing.cc; all need mutex_.
  void Absorb(std::uint64_t version, BudgetRecord record, Moment began);
  bool AbsorbOwn(HeldLease& lease, Moment began);
  void AbsorbForeign(Deadline began);
  void Report(const BudgetStep& step);
  // budget_planning.cc; all need mutex_.
  bool Contested() const;
  bool WatchDue(Deadline now) const;
  bool ReturnDue(Deadline now) const;
  void CloseWhatIsDue(Deadline now);
  BudgetStep Fence();
  BudgetStep Propose(Deadline now);
  bool ProposeSettled(BudgetRecord& next);
  Demand Measure(const BudgetRecord& next, Deadline now) const;
  bool ProposeMore(BudgetRecord& next, std::int64_t more);
  bool ProposeReturn(BudgetRecord& next, const Demand& demand, Deadline now);
  bool ProposeRecovery(BudgetRecord& next, std::vector<std::string>& recover, Deadline now);
  void ProposeWanted(BudgetRecord& next, const Demand& demand, bool& due) const;

  const engine::BudgetPeriod period_;
  const Environment environment_;
  const BudgetSettings& settings_;
  const ports::Key key_;

  std::mutex mutex_;  // guards everything below
  std::int64_t cap_;  // of the policy set that asked last
  std::deque<Waiter> waiters_;
  std::vector<std::shared_ptr<HeldLease>> leases_;  // at most one is not closing
  std::map<std::string, Observed> foreign_;
  std::map<std::string, std::int64_t> recovered_;  // fenced everywhere here, with what was spent
  std::vector<GoneLease> gone_;
  std::optional<Seen> seen_;
  bool stale_ = false;      // look again before deciding
  bool uncertain_ = false;  // a writing on seen_ may still arrive: only another one settles that
  bool working_ = false;
  bool shut_down_ = false;
  bool forgotten_ = false;
  bool exhausted_told_ = false;
  int recoveries_ = 0;  // under way
  Deadline last_take_{};
  Deadline last_grant_{};
  Deadline last_beat_{};
  Deadline not_before_{};  // background work rests after a failure of the store
};

}  // namespace kulanz::app
