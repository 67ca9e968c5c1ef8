// QueueingModel: a server with a queue in front of it, in virtual time, behind a CallAdmission.
//
// `workers` calls are worked on at once, each for `work`; who comes while all are busy waits. So it can do
// workers / work calls a second, and what it takes in beyond that only waits longer.
#pragma once

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "service/app/call_admission.h"

namespace kulanz::app {

class QueueingModel {
 public:
  using Micros = std::chrono::microseconds;

  // `way`: what a call takes besides, without keeping anybody busy.
  QueueingModel(CallAdmission& admission, std::size_t workers, Micros work, Micros way = Micros{0})
      : admission_(admission), free_at_(workers), work_(work), way_(way) {}

  struct Load {
    std::string caller;
    double per_second = 0;
  };
  struct Served {
    std::map<std::string, int> by_caller;
    std::map<std::string, int> refused;
    std::vector<Micros> latencies;
    std::uint32_t in_flight_most = 0;
    int total() const { return static_cast<int>(latencies.size()); }
    Micros Percentile(double part) {
      std::sort(latencies.begin(), latencies.end());
      return latencies.at(
          static_cast<std::size_t>(part * static_cast<double>(latencies.size() - 1)));
    }
  };

  double capacity_per_second() const {
    return static_cast<double>(free_at_.size()) * 1e6 / static_cast<double>(work_.count());
  }
  void SetWork(Micros work) { work_ = work; }

  // Random arrivals of each of `loads` for so long.
  Served Run(const std::vector<Load>& loads, Micros duration) {
    Served served;
    std::multimap<Micros, std::string> arrivals;
    for (const Load& load : loads) {
      arrivals.emplace(now_ + Gap(load.per_second), load.caller);
    }
    for (const Micros end = now_ + duration;;) {
      const auto arrival = arrivals.begin();
      if (arrival->first > end) {
        now_ = end;
        FinishUntil(now_, served);
        return served;
      }
      now_ = arrival->first;
      FinishUntil(now_, served);
      const std::string caller = arrival->second;
      arrivals.erase(arrival);
      const auto load = std::find_if(loads.begin(), loads.end(),
                                     [&](const Load& one) { return one.caller == caller; });
      arrivals.emplace(now_ + Gap(load->per_second), caller);
      Arrive(caller, served);
    }
  }

 private:
  void Arrive(const std::string& caller, Served& served) {
    if (!admission_.Enter(caller, Deadline(now_)).ok()) {
      ++served.refused[caller];
      return;
    }
    served.in_flight_most = std::max(served.in_flight_most, admission_.view().in_flight);
    const auto worker = std::min_element(free_at_.begin(), free_at_.end());
    *worker = std::max(*worker, now_) + work_;
    ends_.emplace(*worker + way_, Call{caller, now_});
  }
  void FinishUntil(Micros until, Served& served) {
    while (!ends_.empty() && ends_.begin()->first <= until) {
      const auto [end, call] = *ends_.begin();
      ends_.erase(ends_.begin());
      admission_.Leave(call.caller, CallAdmission::Ended::kServed, Deadline(call.start),
                       Deadline(end));
      ++served.by_caller[call.caller];
      served.latencies.push_back(end - call.start);
    }
  }
  // Of a Poisson process.
  Micros Gap(double per_second) {
    state_ = state_ * 6'364'136'223'846'793'005U + 1'442'695'040'888'963'407U;
    const double uniform = (static_cast<double>(state_ >> 11U) + 1) / 9'007'199'254'740'993.0;
    return Micros(static_cast<std::int64_t>(-std::log(uniform) * 1e6 / per_second) + 1);
  }

  struct Call {
    std::string caller;
    Micros start;
  };
  CallAdmission& admission_;
  std::vector<Micros> free_at_;
  Micros work_;
  Micros way_;
  Micros now_{3'600'000'000};
  std::multimap<Micros, Call> ends_;
  std::uint64_t state_ = 42;
};

}  // namespace kulanz::app
