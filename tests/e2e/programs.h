// The real programs as child processes: kulanzd, kulanz, and a Redis for several servers to share.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "service/adapters/redis/embedded.h"
#include "service/ports/log.h"
#include "tests/e2e/api.h"
#include "tests/e2e/test_rules.h"

namespace kulanz::e2e {

// What a program did: its exit code (or 128 + signal) and what it printed, both outputs together.
struct Outcome {
  int exit_code = -1;
  std::string output;
};

// Runs build/.../bin/<program> to its end.
Outcome RunProgram(const std::string& program, const std::vector<std::string>& arguments);

// A kulanzd. Killed at the end of its scope if it still runs, and when the thread ends that made it; what it
// logs is in log().
class ServerProcess {
 public:
  // `arguments` beside --listen, --metrics, --port-file, which are chosen here. `program`: of this build, or the
  // path of another one.
  explicit ServerProcess(std::vector<std::string> arguments,
                         const std::string& listen = "127.0.0.1:0",
                         const std::string& program = "kulanzd");
  ~ServerProcess();
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;

  // Waits until both ports are open and, unless told otherwise, health says SERVING. False, with the log
  // printed, when that does not happen.
  bool AwaitPorts();
  bool AwaitServing();

  const std::string& address() const { return address_; }  // after AwaitPorts
  const std::string& metrics() const { return metrics_; }
  std::shared_ptr<grpc::Channel> NewChannel() const;
  Api& api() { return *api_; }
  // Ends api() and its connection: a gRPC client that waits for no answer hears of a server's end only seconds
  // later, and the server waits for it.
  void HangUp() { api_.reset(); }
  pid_t pid() const { return pid_; }

  bool is_running() const { return pid_ > 0; }  // as far as AwaitExit knows
  void Signal(int signal) const;
  // The exit code (or 128 + signal) once it has ended; -1 when it does not.
  int AwaitExit(std::chrono::seconds at_most = std::chrono::seconds{30});
  std::string log() const;

 private:
  TemporaryDirectory directory_;
  pid_t pid_ = -1;
  std::string address_;
  std::string metrics_;
  std::unique_ptr<Api> api_;
};

// A Redis on a Unix socket, and all that servers on it have in common.
class SharedStore {
 public:
  SharedStore();
  // The arguments for a kulanzd on it; letters go to mail_dir(), or nowhere.
  std::vector<std::string> ServerArguments(bool deliveries) const;
  std::size_t letters() const;  // in mail_dir(), new and read
  std::string rules() const { return directory_.path() + "/rules"; }
  std::string secrets() const { return directory_.path() + "/secrets"; }
  std::string url() const { return redis_->address().ToString(); }

 private:
  TemporaryDirectory directory_;
  ports::NullLog log_;
  std::unique_ptr<redis::EmbeddedRedis> redis_;
};

}  // namespace kulanz::e2e
