// A small deterministic world: one thread, time that jumps from event to event, and processes that can
// be killed or stopped. Everything that happens follows from the seed.
//
// A test builds a SimWorld, gives each simulated process a SimProcess (its Scheduler port) and a
// SimStore (sim_store.h), starts coroutines with Spawn() and calls RunUntil(). Print the seed when
// something fails: the same seed does the same again.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <queue>
#include <span>
#include <utility>
#include <vector>

#include "service/base/task.h"
#include "service/domain/time.h"
#include "service/ports/entropy.h"
#include "service/ports/scheduler.h"

namespace kulanz::simulation {

// SplitMix64: small, fast, good enough to choose faults, the same on every machine.
class Random final : public ports::Entropy {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}
  std::uint64_t Next() {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15U);
    z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31U);
  }
  // 0 to `bound` - 1.
  std::int64_t Below(std::int64_t bound) {
    return static_cast<std::int64_t>(Next() % static_cast<std::uint64_t>(bound));
  }
  std::int64_t Between(std::int64_t low, std::int64_t high) { return low + Below(high - low + 1); }
  bool Chance(std::int64_t per_thousand) { return Below(1000) < per_thousand; }
  void Fill(std::span<std::uint8_t> bytes) override {
    for (std::uint8_t& byte : bytes) {
      byte = static_cast<std::uint8_t>(Next());
    }
  }

 private:
  std::uint64_t state_;
};

class SimWorld {
 public:
  explicit SimWorld(std::uint64_t seed) : random_(seed) {}

  Random& random() { return random_; }
  Deadline now() const { return now_; }
  // Follows from everything that has happened: two runs with the same one were the same run.
  std::uint64_t fingerprint() const { return fingerprint_; }
  void Mix(std::uint64_t value) { fingerprint_ = Random(fingerprint_ ^ value).Next(); }
  // The wall clock of every host and of the store.
  Instant wall() const {
    return *ParseInstant("2026-03-01T12:00:00Z") +
           std::chrono::duration_cast<Duration>(now_.time_since_epoch());
  }

  void After(Duration pause, std::function<void()> event) {
    events_.push({now_ + pause, random_.Next(), std::move(event)});
  }

  // Runs events until `done`, at most `limit` of simulated time; gives done().
  bool RunUntil(const std::function<bool()>& done, Duration limit) {
    const Deadline end = now_ + limit;
    while (!done()) {
      if (events_.empty() || events_.top().at > end) {
        return false;
      }
      RunNext();
    }
    return true;
  }
  void RunFor(Duration time) {
    const Deadline end = now_ + time;
    while (!events_.empty() && events_.top().at <= end) {
      RunNext();
    }
    now_ = end;
  }

 private:
  struct Event {
    Deadline at;
    std::uint64_t order;  // chance decides between events of the same instant
    std::function<void()> run;
    friend bool operator>(const Event& a, const Event& b) {
      return std::pair(a.at, a.order) > std::pair(b.at, b.order);
    }
  };
  void RunNext() {
    Event event = std::move(const_cast<Event&>(events_.top()));  // about to be popped
    events_.pop();
    now_ = event.at;
    Mix(static_cast<std::uint64_t>(now_.time_since_epoch().count()) ^ event.order);
    event.run();
  }

  Random random_;
  std::uint64_t fingerprint_ = 0;
  Deadline now_{};
  std::priority_queue<Event, std::vector<Event>, std::greater<>> events_;
};

// One process: its scheduler, and what can happen to it.
class SimProcess final : public ports::Scheduler {
 public:
  explicit SimProcess(SimWorld& world) : world_(world) {}

  SimWorld& world() { return world_; }
  bool dead() const { return dead_; }
  bool stopped() const { return stopped_; }

  // ---- Scheduler ----
  Deadline Now() const override { return world_.now(); }
  bool stopping() const override { return dead_; }
  Task<void> Sleep(Duration pause) override {
    auto start = [&](auto resume) {
      const std::uint64_t wait = Expect([resume](bool) { resume(0); });
      world_.After(pause, [this, wait] { Arrive(wait); });
    };
    if (!dead_) {
      auto wake = Complete<int>(start);
      co_await wake;
    }
  }

  // ---- Waiting for the world ----
  // `resume(died)` is called once: when Arrive() is, later if the process is stopped then, or when it
  // dies.
  std::uint64_t Expect(std::function<void(bool)> resume) {
    waits_.emplace(++last_wait_, std::move(resume));
    return last_wait_;
  }
  void Arrive(std::uint64_t wait) {
    if (stopped_) {
      inbox_.push_back(wait);
      return;
    }
    if (const auto found = waits_.find(wait); found != waits_.end()) {
      const auto resume = std::move(found->second);
      waits_.erase(found);
      resume(false);
    }
  }

  // ---- Faults ----
  // Whatever it had sent may still arrive at the store; it will never know.
  void Kill() {
    dead_ = true;
    stopped_ = false;
    while (!waits_.empty()) {
      const auto resume = std::move(waits_.begin()->second);
      waits_.erase(waits_.begin());
      resume(true);
    }
  }
  void Stop() { stopped_ = !dead_; }  // as SIGSTOP
  void Continue() {
    stopped_ = false;
    for (const std::uint64_t wait : std::exchange(inbox_, {})) {
      Arrive(wait);
    }
  }

 private:
  SimWorld& world_;
  bool dead_ = false;
  bool stopped_ = false;
  std::uint64_t last_wait_ = 0;
  std::map<std::uint64_t, std::function<void(bool)>> waits_;
  std::vector<std::uint64_t> inbox_;
};

}  // namespace kulanz::simulation
