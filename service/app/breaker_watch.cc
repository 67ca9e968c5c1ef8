#include "service/app/breaker_watch.h"

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
#include <utility>
#include <variant>

#include "service/app/breaker_levels.h"
#include "service/app/breaker_store.h"
#include "service/app/contention.h"
#include "service/app/keys.h"
#include "service/app/policy_holder.h"
#include "service/app/store_time.h"
#include "service/ports/log.h"
#include "service/ports/scheduler.h"

namespace kulanz::app {
namespace {

using policy::BreakerName;
using policy::BreakerRule;
using policy::BreakerScope;

// The breakers that a gesture counts towards, with their rules: none, one or two.
struct NamedRule {
  std::string name;
  BreakerRule rule;
};
std::vector<NamedRule> RulesFor(const policy::Breakers& breakers, const CountedGesture& gesture) {
  std::vector<NamedRule> rules;
  const auto add = [&](BreakerScope scope, std::string_view name) {
    if (const BreakerRule* rule = breakers.Find(scope, name)) {
      rules.push_back({BreakerName(scope, name), *rule});
    }
  };
  add(BreakerScope::kPolicy, gesture.policy.text());
  add(BreakerScope::kType, gesture.type);
  return rules;
}

}  // namespace

class BreakerWatch::Core {
 public:
  Core(const Dependencies& dependencies, BreakerSettings settings)
      : dependencies_(dependencies),
        settings_(settings),
        levels_(dependencies, settings.count_held) {}

  static Task<Result<std::string>> Admit(std::shared_ptr<Core> self,
                                         std::shared_ptr<const policy::PolicySet> policies,
                                         CountedGesture gesture, Deadline deadline);
  void TakeBack(const policy::PolicySet& policies, const CountedGesture& gesture);
  std::vector<std::string> Releasing() const;
  static Task<void> Turn(std::shared_ptr<Core> self);
  static Task<void> Run(std::shared_ptr<Core> self);
  void Stop() { stopped_ = true; }

 private:
  // A breaker as this server knows it.
  struct Local {
    BreakerRule rule;
    StoredBreaker seen;
    std::uint64_t version = 0;
    Deadline read_at{};          // by the scheduler
    BreakerWindow counted;       // and not written yet
    BreakerWindow on_their_way;  // counted, and being written
    bool IsReleasing() const { return seen.release && !seen.release->done; }
    bool IsBusy() const { return seen.trip || IsReleasing(); }
  };
  // What a gesture has to ask the store about before it can be given or held.
  struct Question {
    NamedRule breaker;
    BreakerTally wanted;
  };
  struct Look {
    std::string held_by;
    std::optional<Question> question;
  };

  // `just_read`: the breaker that the store was asked about a moment ago.
  Look LookAndCount(const std::vector<NamedRule>& rules, const CountedGesture& gesture,
                    const std::string& just_read, Instant now);
  static Task<Status> Write(std::shared_ptr<Core> self, NamedRule breaker, BreakerTally wanted,
                            Deadline deadline);
  static Task<Status> WriteCounted(std::shared_ptr<Core> self, NamedRule breaker,
                                   BreakerWindow counted, BreakerTally wanted, Deadline deadline);
  void Remember(const std::string& name, const VersionedBreaker& read);
  std::vector<NamedRule> ToWrite(Instant now);
  BreakerLevels::Busy Busy() const;

  const Dependencies dependencies_;
  const BreakerSettings settings_;
  std::atomic<bool> stopped_{false};
  mutable std::mutex mutex_;
  std::map<std::string, Local> breakers_;  // under mutex_
  BreakerLevels levels_;                   // of Turn(), which runs once at a time
};

// Counts the gesture when nothing stands against it.
BreakerWatch::Core::Look BreakerWatch::Core::LookAndCount(const std::vector<NamedRule>& rules,
                                                          const CountedGesture& gesture,
                                                          const std::string& just_read,
                                                          Instant now) {
  const Deadline at = dependencies_.scheduler.Now();
  const std::lock_guard lock(mutex_);
  for (const NamedRule& breaker : rules) {
    Local& local = breakers_[breaker.name];
    local.rule = breaker.rule;
    const BreakerTally wanted = TallyOf(breaker.rule, gesture.amount);
    if (local.seen.trip) {
      if (breaker.name == just_read || at - local.read_at <= settings_.trust) {
        return {breaker.name, std::nullopt};
      }
      return {{}, Question{breaker, wanted}};
    }
    BreakerTally sum = Sum(Counted(local.counted, local.rule, now), wanted);
    sum = Sum(sum, Counted(local.on_their_way, local.rule, now));
    if (IsOver(local.rule, Sum(sum, Counted(local.seen.window, local.rule, now)))) {
      return {{}, Question{breaker, wanted}};
    }
  }
  for (const NamedRule& breaker : rules) {
    AddTo(breakers_[breaker.name].counted, breaker.rule, now,
          TallyOf(breaker.rule, gesture.amount));
  }
  return {};
}

Task<Result<std::string>> BreakerWatch::Core::Admit(
    std::shared_ptr<Core> self, std::shared_ptr<const policy::PolicySet> policies,
    CountedGesture gesture, Deadline deadline) {
  const std::vector<NamedRule> rules = RulesFor(policies->breakers(), gesture);
  std::string just_read;
  // Each round is a trip to the store, which may have to wait for what another call is writing just now.
  do {
    const Result<Instant> now = StoreTime(self->dependencies_.store);
    if (!now.ok()) {
      co_return now.status();
    }
    const Look look = self->LookAndCount(rules, gesture, just_read, *now);
    if (!look.question) {
      co_return look.held_by;
    }
    NamedRule breaker = look.question->breaker;
    just_read = breaker.name;
    const Status written =
        co_await Write(self, std::move(breaker), look.question->wanted, deadline);
    if (!written.ok()) {
      co_return written;
    }
  } while (self->dependencies_.scheduler.Now() < deadline);
  co_return Contention("a breaker was changed by others at once");
}

void BreakerWatch::Core::TakeBack(const policy::PolicySet& policies,
                                  const CountedGesture& gesture) {
  const std::optional<Instant> now = dependencies_.store.Now();
  if (!now) {
    return;
  }
  const std::lock_guard lock(mutex_);
  for (const NamedRule& breaker : RulesFor(policies.breakers(), gesture)) {
    const BreakerTally tally = TallyOf(breaker.rule, gesture.amount);
    AddTo(breakers_[breaker.name].counted, breaker.rule, *now,
          {-tally.gestures, -tally.minor_units});
  }
}

// What was counted since the last writing is in the record afterwards, or still to be written.
Task<Status> BreakerWatch::Core::Write(std::shared_ptr<Core> self, NamedRule breaker,
                                       BreakerTally wanted, Deadline deadline) {
  BreakerWindow counted;
  const std::string name = breaker.name;
  {
    const std::lock_guard lock(self->mutex_);
    Local& local = self->breakers_[name];
    counted = std::exchange(local.counted, {});
    Merge(local.on_their_way, counted);
  }
  const Status status = co_await WriteCounted(self, std::move(breaker), counted, wanted, deadline);
  const std::lock_guard lock(self->mutex_);
  Local& local = self->breakers_[name];
  Merge(local.on_their_way, counted, -1);
  if (!status.ok()) {
    Merge(local.counted, counted);
  }
  co_return status;
}

Task<Status> BreakerWatch::Core::WriteCounted(std::shared_ptr<Core> self, NamedRule breaker,
                                              BreakerWindow counted, BreakerTally wanted,
                                              Deadline deadline) {
  const Dependencies& dependencies = self->dependencies_;
  const BreakerRule& rule = breaker.rule;
  do {
    const Result<Instant> now = StoreTime(dependencies.store);
    if (!now.ok()) {
      co_return now.status();
    }
    std::string name = breaker.name;
    const auto read = co_await ReadBreaker(dependencies, std::move(name), deadline);
    if (!read.ok()) {
      co_return read.status();
    }
    StoredBreaker next = read->stored;
    next.name = breaker.name;
    const std::string currency(rule.amount ? rule.amount->currency().code() : "");
    if (next.currency != currency) {  // another rule: its sums begin anew
      next.currency = currency;
      for (BreakerBucket& bucket : next.window) {
        bucket.tally.minor_units = 0;
      }
    }
    Forget(next.window, rule, *now);
    Merge(next.window, counted);
    const BreakerTally sum = Sum(Counted(next.window, rule, *now), wanted);
    const bool trips = !next.trip && IsOver(rule, sum);
    if (trips) {
      next.trip = BreakerTrip{*now, sum};
    }
    if (next == read->stored || (counted.empty() && !trips)) {
      self->Remember(breaker.name, *read);
      co_return Status::Ok();
    }
    VersionedBreaker written{next, read->version};
    const auto tells = trips ? std::optional(EventType::kBreakerTripped) : std::nullopt;
    const auto done = co_await WriteBreaker(dependencies, written, trips, tells, deadline);
    if (!done.ok()) {
      co_return done.status();
    }
    if (*done) {
      written.version = **done;
      self->Remember(breaker.name, written);
      if (trips) {
        dependencies.log.Error("breaker_tripped",
                               "more was given at once than a breaker allows; gestures go to "
                               "review until somebody releases them",
                               {{"breaker", breaker.name},
                                {"gestures", std::to_string(sum.gestures)},
                                {"minor_units", std::to_string(sum.minor_units)},
                                {"currency", currency}});
      }
      co_return Status::Ok();
    }
  } while (dependencies.scheduler.Now() < deadline);
  co_return Contention("a breaker was changed by others at once");
}

// Readings may overtake each other; and a store may forget what it had written.
void BreakerWatch::Core::Remember(const std::string& name, const VersionedBreaker& read) {
  const std::lock_guard lock(mutex_);
  Local& local = breakers_[name];
  const Deadline now = dependencies_.scheduler.Now();
  if (read.version >= local.version || now - local.read_at > settings_.trust) {
    local.seen = read.stored;
    local.version = read.version;
    local.read_at = now;
  }
}

std::vector<std::string> BreakerWatch::Core::Releasing() const {
  std::vector<std::string> names;
  const std::lock_guard lock(mutex_);
  for (const auto& [name, local] : breakers_) {
    if (local.IsReleasing()) {
      names.push_back(name);
    }
  }
  return names;
}

// What has something to write, and what nobody has to look after any more, as far as the others know; those that
// count nothing any more are forgotten.
std::vector<NamedRule> BreakerWatch::Core::ToWrite(Instant now) {
  std::vector<NamedRule> rules;
  const std::lock_guard lock(mutex_);
  for (auto at = breakers_.begin(); at != breakers_.end();) {
    const Local& local = at->second;
    const bool busy = local.IsBusy();
    if (!local.counted.empty() ||
        (busy && dependencies_.scheduler.Now() - local.read_at > settings_.trust)) {
      rules.push_back({at->first, local.rule});
    }
    const bool idle = local.counted.empty() && local.on_their_way.empty() && !busy &&
                      Counted(local.seen.window, local.rule, now) == BreakerTally{};
    at = idle ? breakers_.erase(at) : std::next(at);
  }
  return rules;
}

BreakerLevels::Busy BreakerWatch::Core::Busy() const {
  BreakerLevels::Busy busy;
  const std::lock_guard lock(mutex_);
  for (const auto& [name, local] : breakers_) {
    if (local.IsBusy()) {
      busy.emplace(name, local.seen.trip.has_value());
    }
  }
  return busy;
}

Task<void> BreakerWatch::Core::Turn(std::shared_ptr<Core> self) {
  const Dependencies& dependencies = self->dependencies_;
  const auto now = dependencies.store.Now();
  if (!now) {
    co_return;
  }
  const Deadline deadline = dependencies.scheduler.Now() + self->settings_.store_timeout;
  // Those that hold something, or have it released: nobody here need have given anything.
  const auto busy = co_await ReadBusyBreakers(dependencies, deadline);
  if (busy.ok()) {
    for (const VersionedBreaker& breaker : *busy) {
      self->Remember(breaker.stored.name, breaker);
    }
  }
  for (NamedRule& breaker : self->ToWrite(*now)) {
    co_await Write(self, std::move(breaker), {}, deadline);
  }
  co_await self->levels_.Tell(self->Busy(), deadline);
}

Task<void> BreakerWatch::Core::Run(std::shared_ptr<Core> self) {
  ports::Scheduler& scheduler = self->dependencies_.scheduler;
  while (!self->stopped_ && !scheduler.stopping()) {
    co_await Turn(self);
    co_await scheduler.Sleep(self->settings_.poll);
  }
  const auto now = self->dependencies_.store.Now();
  if (now && !self->ToWrite(*now).empty()) {
    co_await Turn(self);  // what was counted last
  }
}

BreakerWatch::BreakerWatch(const Dependencies& dependencies, BreakerSettings settings)
    : core_(std::make_shared<Core>(dependencies, settings)) {}

BreakerWatch::~BreakerWatch() = default;

Task<Result<std::string>> BreakerWatch::Admit(std::shared_ptr<const policy::PolicySet> policies,
                                              CountedGesture gesture, Deadline deadline) {
  return Core::Admit(core_, std::move(policies), std::move(gesture), deadline);
}

void BreakerWatch::TakeBack(const policy::PolicySet& policies, const CountedGesture& gesture) {
  core_->TakeBack(policies, gesture);
}

std::vector<std::string> BreakerWatch::Releasing() const { return core_->Releasing(); }

Task<void> BreakerWatch::Run() { return Core::Run(core_); }

Task<void> BreakerWatch::Turn() { return Core::Turn(core_); }

void BreakerWatch::Stop() { core_->Stop(); }

}  // namespace kulanz::app
