#include "service/app/breaker_drip.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "service/app/breaker_store.h"
#include "service/app/decide_held.h"
#include "service/app/keys.h"
#include "service/app/parallel.h"
#include "service/app/partition_walk.h"
#include "service/base/crypto.h"
#include "service/ports/log.h"
#include "service/ports/scheduler.h"

namespace kulanz::app {
namespace {

constexpr std::int64_t kMinuteMs = 60'000;
constexpr int kSlices = 10;  // of a pause, so that Stop() is soon noticed

std::string RandomName(ports::Entropy& entropy) {
  std::array<std::uint8_t, 8> bytes{};
  entropy.Fill(bytes);
  return ToHex(std::string(bytes.begin(), bytes.end()));
}

}  // namespace

std::int64_t TakeAllowance(BreakerRelease& release, Instant now) {
  const std::int64_t rate = std::max<std::int64_t>(1, release.per_minute);
  const std::int64_t most = std::max<std::int64_t>(1, rate / 30);
  const std::int64_t since = ToMillis(now) - ToMillis(release.paced_until);
  if (since <= 0) {
    return 0;
  }
  if (since > kMinuteMs * (most + 1)) {  // so long that nothing can be multiplied with it
    release.paced_until = now;
    return most;
  }
  const std::int64_t count = since * rate / kMinuteMs;
  if (count > most) {
    release.paced_until = now;
    return most;
  }
  const std::int64_t used = (count * kMinuteMs + rate - 1) / rate;
  release.paced_until = InstantFromMillis(ToMillis(release.paced_until) + used);
  return count;
}

class BreakerDrip::Core {
 public:
  Core(const Dependencies& dependencies, const BreakerWatch& watch, ports::Entropy& entropy,
       BreakerDripSettings settings)
      : dependencies_(dependencies),
        watch_(watch),
        worker_(RandomName(entropy)),
        settings_(settings) {}

  static Task<void> Turn(std::shared_ptr<Core> self);
  static Task<void> Run(std::shared_ptr<Core> self);
  void Stop() { stopped_ = true; }

 private:
  // How far the round of a release has come. Used by one turn after the other.
  struct Round {
    std::string request_id;
    Instant begun{};
    WalkPlace place;
    bool is_begun = false;
    bool found = false;  // anything in it
    Instant next{};      // not before that
  };
  struct Case {
    ports::Key list;
    ports::IndexEntry entry;
  };
  // A helping of cases, worked at side by side.
  struct Helping {
    std::vector<Case> cases;
    bool dismiss = false;
    Deadline until{};  // the lease ends
  };

  static Task<void> Drip(std::shared_ptr<Core> self, std::string name);
  // Up to `count` cases; `round.place` stands at the end when there are fewer.
  static Task<std::vector<Case>> Collect(std::shared_ptr<Core> self, Round& round,
                                         StoredBreaker breaker, std::size_t count);
  static Task<void> Decide(std::shared_ptr<Core> self, std::shared_ptr<Helping> helping,
                           std::size_t number);
  static Task<void> Finish(std::shared_ptr<Core> self, VersionedBreaker breaker);
  bool AtEnd(const Round& round) const {
    return round.place.partition >= dependencies_.keys.partition_count();
  }
  Deadline CallDeadline() const { return dependencies_.scheduler.Now() + settings_.store_timeout; }

  const Dependencies dependencies_;
  const BreakerWatch& watch_;
  const std::string worker_;
  const BreakerDripSettings settings_;
  std::atomic<bool> stopped_{false};
  std::map<std::string, Round> rounds_;  // by breaker
};

Task<std::vector<BreakerDrip::Core::Case>> BreakerDrip::Core::Collect(std::shared_ptr<Core> self,
                                                                      Round& round,
                                                                      StoredBreaker breaker,
                                                                      std::size_t count) {
  const Dependencies& dependencies = self->dependencies_;
  const std::int64_t before = breaker.trip ? ToMillis(breaker.trip->at) : ports::kStoredIntegerMax;
  std::vector<Case> cases;
  while (!self->AtEnd(round) && cases.size() < count) {
    const ports::PartitionId partition{static_cast<std::uint16_t>(round.place.partition)};
    const ports::Key list = dependencies.keys.Held(partition, breaker.name);
    const auto entries = co_await ReadAfter(dependencies, list, round.place, self->CallDeadline());
    if (!entries.ok()) {
      break;
    }
    bool over = entries->empty();
    for (const ports::IndexEntry& entry : *entries) {
      over = over || entry.score >= before;
      if (over || cases.size() == count) {
        break;
      }
      cases.push_back({list, entry});
      round.place.score = entry.score;
      round.place.member = entry.member;
    }
    if (over) {
      round.place = WalkPlace{.partition = round.place.partition + 1, .member = {}};
    }
  }
  co_return cases;
}

Task<void> BreakerDrip::Core::Decide(std::shared_ptr<Core> self, std::shared_ptr<Helping> helping,
                                     std::size_t number) {
  if (self->stopped_ || self->dependencies_.scheduler.Now() >= helping->until) {
    co_return;  // whoever has the lease next finds it in its round
  }
  const Case& one = helping->cases[number];
  ports::IndexEntry entry = one.entry;
  co_await DecideHeld(self->dependencies_, one.list, std::move(entry), helping->dismiss,
                      self->CallDeadline());
}

Task<void> BreakerDrip::Core::Finish(std::shared_ptr<Core> self, VersionedBreaker breaker) {
  const std::string name = breaker.stored.name;
  BreakerRelease& release = *breaker.stored.release;
  release.done = true;
  release.worker.clear();
  const auto written = co_await WriteBreaker(self->dependencies_, std::move(breaker), false,
                                             std::nullopt, self->CallDeadline());
  if (written.ok() && *written) {
    self->dependencies_.log.Info("breaker_drained", "all that a released breaker held is decided",
                                 {{"breaker", name}});
    self->rounds_.erase(name);
  }
}

Task<void> BreakerDrip::Core::Drip(std::shared_ptr<Core> self, std::string name) {
  const Dependencies& dependencies = self->dependencies_;
  std::string wanted = name;
  const auto read = co_await ReadBreaker(dependencies, std::move(wanted), self->CallDeadline());
  const auto now = dependencies.store.Now();
  if (!read.ok() || !now || !read->stored.release || read->stored.release->done) {
    co_return;
  }
  VersionedBreaker next = *read;
  BreakerRelease& release = *next.stored.release;
  const bool mine = release.worker == self->worker_;
  Round& round = self->rounds_[name];
  if (!mine || round.request_id != release.request_id) {
    round = Round{.request_id = release.request_id, .place = {}};
  }
  if (!mine && release.lease_until > *now) {
    co_return;
  }
  const bool rests = *now < round.next;
  const std::int64_t count = rests ? 0 : TakeAllowance(release, *now);
  if (count == 0 && mine && release.lease_until - *now > self->settings_.lease / 2) {
    co_return;
  }
  release.worker = self->worker_;
  release.lease_until = *now + self->settings_.lease;
  const Deadline until =
      dependencies.scheduler.Now() + self->settings_.lease - self->settings_.store_timeout;
  VersionedBreaker claim = next;
  const auto claimed = co_await WriteBreaker(dependencies, std::move(claim), true, std::nullopt,
                                             self->CallDeadline());
  if (!claimed.ok() || !*claimed || count == 0) {
    co_return;
  }
  next.version = **claimed;
  if (!std::exchange(round.is_begun, true)) {
    round.begun = *now;
  }
  auto helping = std::make_shared<Helping>();
  helping->dismiss = release.dismiss;
  helping->until = until;
  helping->cases = co_await Collect(self, round, next.stored, static_cast<std::size_t>(count));
  round.found = round.found || !helping->cases.empty();
  std::function<Task<void>(std::size_t)> work = [self, helping](std::size_t number) {
    return Decide(self, helping, number);
  };
  co_await ForEach(helping->cases.size(), self->settings_.in_flight_max, std::move(work));
  if (!self->AtEnd(round)) {
    co_return;
  }
  const bool is_over = !round.found && round.begun - release.at >= self->settings_.settle;
  const Instant rest = *now + (round.found ? Duration(0) : self->settings_.idle);
  round = Round{.request_id = release.request_id, .place = {}, .next = rest};
  if (is_over) {
    co_await Finish(self, std::move(next));
  }
}

Task<void> BreakerDrip::Core::Turn(std::shared_ptr<Core> self) {
  for (std::string& name : self->watch_.Releasing()) {
    if (self->stopped_) {
      co_return;
    }
    co_await Drip(self, std::move(name));
  }
}

Task<void> BreakerDrip::Core::Run(std::shared_ptr<Core> self) {
  ports::Scheduler& scheduler = self->dependencies_.scheduler;
  while (!self->stopped_ && !scheduler.stopping()) {
    co_await Turn(self);
    for (int slice = 0; slice < kSlices && !self->stopped_; ++slice) {
      co_await scheduler.Sleep(self->settings_.poll / kSlices);
    }
  }
}

BreakerDrip::BreakerDrip(const Dependencies& dependencies, const BreakerWatch& watch,
                         ports::Entropy& entropy, BreakerDripSettings settings)
    : core_(std::make_shared<Core>(dependencies, watch, entropy, settings)) {}

BreakerDrip::~BreakerDrip() = default;

Task<void> BreakerDrip::Run() { return Core::Run(core_); }

Task<void> BreakerDrip::Turn() { return Core::Turn(core_); }

void BreakerDrip::Stop() { core_->Stop(); }

}  // namespace kulanz::app
