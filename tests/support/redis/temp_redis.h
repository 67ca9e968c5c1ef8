// TempRedis: a real redis-server of a test's own, on a Unix socket in a temporary directory.
//
// Started by the constructor, which returns once it answers; killed, and its directory removed, by the
// destructor. It dies with the test process whatever happens to that. Faults are commands of its own:
// Kill and Start, Freeze and Thaw, and any command of Redis through Run.
// A failure of any of these fails the test.
#pragma once

#include <sys/types.h>

#include <csignal>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "service/adapters/redis/blocking_client.h"
#include "service/adapters/redis/options.h"

namespace kulanz::testing {

class TempRedis {
 public:
  // `arguments` of redis-server, behind and so above the defaults: append-only, fsync every second,
  // no snapshots, noeviction.
  explicit TempRedis(std::vector<std::string> arguments = {});
  ~TempRedis();
  TempRedis(const TempRedis&) = delete;
  TempRedis& operator=(const TempRedis&) = delete;

  redis::RedisAddress address() const;
  std::string url() const { return address().ToString(); }
  const std::string& directory() const { return directory_; }
  pid_t pid() const { return pid_; }

  // Ends the process with `signal` and waits for its end.
  void Kill(int signal = SIGKILL);
  // After Kill: starts it again over the same directory.
  void Start();
  void Freeze();  // SIGSTOP: connections stay open, nothing answers
  void Thaw();

  // Runs one command on a connection of its own.
  redis::Reply Run(std::initializer_list<std::string_view> args) const;
  // The same where failing is allowed.
  Result<redis::Reply> TryRun(std::initializer_list<std::string_view> args) const;

 private:
  std::vector<std::string> arguments_;
  std::string directory_;
  pid_t pid_ = -1;
};

}  // namespace kulanz::testing
