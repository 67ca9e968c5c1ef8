// Processors: who runs where, so that one who measures does not take the time of what is measured, and whether the
// machine had them at all.
//
// Linux hands an affinity on to threads and child processes at their start: so what is made while an OnProcessor
// lives stays there. With one processor all share it.
// Thread-safety: each thread has its own.
#pragma once

#include <sched.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

namespace kulanz::e2e {

// Those that this thread may use.
inline std::vector<unsigned> Processors() {
  cpu_set_t set;
  CPU_ZERO(&set);
  sched_getaffinity(0, sizeof(set), &set);
  std::vector<unsigned> all;
  for (unsigned cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (CPU_ISSET(cpu, &set)) {
      all.push_back(cpu);
    }
  }
  return all;
}

// What whoever runs this virtual machine has taken of all its processors since it began; 0 where nobody tells.
inline double StolenSeconds() {
  std::ifstream file("/proc/stat");
  std::string field;
  double ticks = 0;
  // cpu user nice system idle iowait irq softirq steal
  for (int i = 0; i <= 8 && file >> field; ++i) {
    ticks = i == 8 ? std::strtod(field.c_str(), nullptr) : 0;
  }
  return ticks / static_cast<double>(sysconf(_SC_CLK_TCK));
}

// Which part of all processors' time that is, since this was made.
class StolenWatch {
 public:
  double part() const {
    const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - begun_;
    return (StolenSeconds() - before_) / passed.count() /
           static_cast<double>(sysconf(_SC_NPROCESSORS_ONLN));
  }

 private:
  const double before_ = StolenSeconds();
  const std::chrono::steady_clock::time_point begun_ = std::chrono::steady_clock::now();
};

class OnProcessor {
 public:
  explicit OnProcessor(unsigned cpu) {
    sched_getaffinity(0, sizeof(before_), &before_);
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(cpu, &set);
    sched_setaffinity(0, sizeof(set), &set);
  }
  ~OnProcessor() { sched_setaffinity(0, sizeof(before_), &before_); }
  OnProcessor(const OnProcessor&) = delete;
  OnProcessor& operator=(const OnProcessor&) = delete;

 private:
  cpu_set_t before_{};
};

}  // namespace kulanz::e2e
