// TempServer: a redis-server process of a test's own, with a Unix socket in a temporary directory.
//
// Started by the constructor of a subclass (TempRedis, TempSentinel), killed by the destructor, and its
// directory removed. It dies with the thread that started it, so with the test process whatever happens. Faults are commands of its
// own: Kill and Start, Freeze and Thaw, and any command of Redis through Run.
// A failure of any of these fails the test.
#pragma once

#include <sys/types.h>

#include <csignal>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "service/adapters/redis/blocking_client.h"
#include "service/adapters/redis/options.h"

namespace kulanz::testing {

// A port on loopback that was free a moment ago, and that no connection gets by chance. Never the same
// twice in one process.
std::uint16_t FreePort();

class TempServer {
 public:
  TempServer(const TempServer&) = delete;
  TempServer& operator=(const TempServer&) = delete;

  // Of its Unix socket.
  redis::RedisAddress address() const;
  std::string url() const { return address().ToString(); }
  const std::string& directory() const { return directory_; }
  pid_t pid() const { return pid_; }
  bool is_running() const { return pid_ > 0; }

  // Ends the process with `signal` and waits for its end.
  void Kill(int signal = SIGKILL);
  // After Kill: starts it again over the same directory.
  void Start();
  void Freeze();  // SIGSTOP: connections stay open, nothing answers
  void Thaw();

  // Runs one command on a connection of its own; again when that is lost, as Sentinels close all connections
  // of a server whose role they change.
  redis::Reply Run(std::initializer_list<std::string_view> args) const;
  // The same where failing is allowed.
  Result<redis::Reply> TryRun(std::initializer_list<std::string_view> args) const;
  // The same for commands of computed length.
  Result<redis::Reply> TryRun(const std::vector<std::string>& args) const;

 protected:
  TempServer();  // makes the directory
  ~TempServer();
  // Of redis-server, without its name.
  void SetArguments(std::vector<std::string> arguments) { arguments_ = std::move(arguments); }

 private:
  std::vector<std::string> arguments_;
  std::string directory_;
  pid_t pid_ = -1;
};

}  // namespace kulanz::testing
