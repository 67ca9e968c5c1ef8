// FaultyClock: a clock that is wrong, for a redis-server of a test.
//
//   FaultyClock clock;       // before the server, which inherits it
//   TempRedis server;
//   clock.StopInheriting();
//   clock.Set(std::chrono::hours(-1));
//
// Done by LD_PRELOAD (faulty_clock_preload.cc), beside what is there. Not thread-safe while servers are started: it
// sets environment variables.
#pragma once

#include <chrono>
#include <string>

namespace kulanz::testing {

class FaultyClock {
 public:
  FaultyClock();
  ~FaultyClock();
  FaultyClock(const FaultyClock&) = delete;
  FaultyClock& operator=(const FaultyClock&) = delete;

  static void StopInheriting();
  // From now on it goes so much before the true one, or behind it.
  void Set(std::chrono::seconds offset) const;

 private:
  const std::string path_;
};

}  // namespace kulanz::testing
