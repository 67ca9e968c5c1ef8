// OpenLoad: reports at a rate that does not care how they are answered, as a crowd of clients would send them.
//
// A call's time begins when it is handed to its connection's socket, or would be if the server took it, and ends when
// its answer is read: one thread does nothing else, so that what it is late itself is no part of that. How late it was
// is counted, too.
//
// Thread-safety: one thread calls.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "tests/e2e/raw_calls.h"

namespace kulanz::e2e {

struct LoadResult {
  using Seconds = std::chrono::duration<double>;
  // "OK", "SERVER_OVERLOADED", "CALLER_OVER_SHARE"; else the code's number, or "" without one.
  std::map<std::string, int> by_reason;
  int without_hint = 0;            // refused, and not told when to come again
  std::vector<double> ok_ms;       // of each that was served, sorted
  std::vector<double> refused_ms;  // of each that was not, sorted
  std::vector<double> late_ms;     // of each call: how much later it was sent than planned, sorted
  Seconds duration{0};
  std::vector<Seconds> refusals;  // when, from the start

  int ok() const { return static_cast<int>(ok_ms.size()); }
  int refused() const;  // SERVER_OVERLOADED, CALLER_OVER_SHARE
  int others() const;   // neither
  double ok_part() const { return static_cast<double>(ok()) / std::max(ok() + refused(), 1); }
  double ok_per_second() const { return ok() / duration.count(); }
  // From when on, for half a second, nobody was refused.
  Seconds all_served_from() const;
};

// Of sorted values; 0 of none.
double Percentile(const std::vector<double>& sorted, double part);

class OpenLoad {
 public:
  // Over so many connections from 127.0.0.<host>: to the server another caller than from another one. Ids begin with
  // `name`; customers "C-0" to "C-<customers - 1>" exist.
  struct Crowd {
    std::string name;
    std::uint32_t host = 1;
    int connections = 8;
    int customers = 1;
  };
  OpenLoad(const std::string& address, Crowd crowd);

  // So many a second for so long; waits for all answers.
  LoadResult Run(double per_second, std::chrono::milliseconds duration);
  // As many as are answered, with so many under way.
  LoadResult RunClosed(int in_flight, std::chrono::milliseconds duration);

 private:
  using Clock = std::chrono::steady_clock;
  void Start(Clock::time_point planned);
  void Ended(std::uint64_t number, std::string_view trailers);
  // Sends and receives, and waits for that until `until` at the longest.
  void Exchange(Clock::time_point until);
  LoadResult Collect();

  const Crowd crowd_;
  std::vector<std::unique_ptr<RawCalls>> connections_;
  std::uint64_t number_ = 0;
  std::unordered_map<std::uint64_t, Clock::time_point> begun_;  // by number, under way
  Clock::time_point start_{};
  LoadResult result_;
};

}  // namespace kulanz::e2e
