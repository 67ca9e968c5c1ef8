// AdaptiveLimit: how many calls may be in hand at once, found from how long they take.
//
// A server that takes in more than it can do answers everything late; one that takes in what it can do answers
// that in time, and the rest at once with "later". What it can do depends on the store, the machine and the
// calls, and changes, so no configured number is right for long. This one is moved after each window of calls:
//
//   slow   half of the calls took longer than `tolerance` times the usual: less, in proportion (gradient)
//   full   the limit was needed, and the calls were not slow: more, by half its square root
//   else   nothing is known about more, so it stays
//
// "Usual" is the latency without a queue. It is learnt while the limit holds nobody back, and, slowly, at the
// smallest limit, where a queue of ours is hardly the reason; else, in an overload, it only goes down. So neither
// an overload teaches the limit that slow is usual (as a long-term mean would), nor must traffic be throttled
// regularly to look (as Envoy does), nor does a store that is farther away since this morning hold it down for
// ever (as the lowest latency ever seen would). The smallest limit is as large as it may be while calls let in during
// an overload are answered within twice the usual time, and no smaller, because a server that refuses at half of
// what it can do, for the machine's noise, does more harm (ARCHITECTURE.md has the figures).
//
// Why a gradient and not AIMD alone: a store that is ten times slower for a moment is answered in one window,
// not in thirty. Why the median: a few calls that waited for a deadline say nothing about the queue. Why a
// latency that is never slow (`latency_floor`): below some milliseconds a queue is only what batches calls, and
// with batches the server does more; scheduling noise would otherwise rule.
//
// Thread-safety: none; CallAdmission guards it. Time comes in as an argument.
#pragma once

#include <cstdint>
#include <vector>

#include "service/domain/time.h"

namespace kulanz::app {

struct AdaptiveLimitSettings {
  bool adaptive = true;  // false: always `limit_max`
  std::uint32_t limit_min = 12;
  std::uint32_t limit_max = 1'024;
  std::uint32_t limit_first = 128;  // before anything is known
  double tolerance = 2.0;
  std::chrono::microseconds latency_floor{3'000};
  Duration window{100};             // at least so long,
  std::uint32_t window_calls = 20;  // and at least so many calls,
  Duration window_max{1'000};       // or so long, with any
};

class AdaptiveLimit {
 public:
  using Latency = std::chrono::steady_clock::duration;
  // Only so many latencies of a window are kept; of a busy window these are its first.
  static constexpr std::size_t kLatenciesMax = 512;

  explicit AdaptiveLimit(const AdaptiveLimitSettings& settings);

  // A call that did its work has ended; `in_flight` were in hand, itself included.
  void Observe(Latency latency, std::uint32_t in_flight, Deadline now);
  // Somebody was turned away: the limit was needed.
  void ObserveRefusal() { needed_ = true; }

  std::uint32_t limit() const { return static_cast<std::uint32_t>(limit_); }
  Latency usual() const { return usual_; }  // 0: not known yet

 private:
  void Close(Deadline now);
  void Learn(Latency median, bool held_back);

  const AdaptiveLimitSettings settings_;
  double limit_;
  Latency usual_{0};
  Deadline window_start_{};
  std::vector<Latency> latencies_;
  bool needed_ = false;
};

}  // namespace kulanz::app
