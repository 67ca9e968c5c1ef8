// EmbeddedRedis: a redis-server of our own, for a deployment of one process and one directory.
//
// Runs redis-server as a child on a Unix socket in the data directory, append-only, without snapshots
// and without TCP; watches it, starts it again with growing pauses when it ends, and stops it last. It
// ends with us even when we are killed; see DataDirectory for what happens until it has.
//
// Thread-safety: any method from any thread. Blocking: Start, Stop and the destructor.
#pragma once

#include <sys/types.h>

#include <atomic>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "service/adapters/redis/child_process.h"
#include "service/adapters/redis/data_directory.h"
#include "service/adapters/redis/options.h"
#include "service/ports/log.h"

namespace kulanz::redis {

// appendfsync: what a crash of the machine, or of Redis, may cost.
enum class AppendFsync : std::uint8_t {
  kEverySecond,  // up to two seconds of acknowledged writes
  kAlways,       // nothing
};

class EmbeddedRedis {
 public:
  struct Options {
    std::string directory;  // absolute; made when missing
    std::string program = "redis-server";
    AppendFsync append_fsync = AppendFsync::kEverySecond;
    // For a left-over server to end, the new one to start, and the file to be loaded.
    Duration start_timeout{30'000};
    // From SIGTERM to SIGKILL.
    Duration stop_timeout{10'000};
    Duration backoff_min{50};  // before it is started again; doubles while it does not stay up
    Duration backoff_max{2000};
  };

  // Returns once it answers. `log` is borrowed.
  //   UNAVAILABLE / REDIS_NOT_STARTED   it cannot be run, ended again, or did not answer in time; the
  //                                     message has its last words.
  //   and those of DataDirectory::Lock.
  static Result<std::unique_ptr<EmbeddedRedis>> Start(Options options, ports::Log& log);
  ~EmbeddedRedis();
  EmbeddedRedis(const EmbeddedRedis&) = delete;
  EmbeddedRedis& operator=(const EmbeddedRedis&) = delete;

  RedisAddress address() const;
  // Of the server that runs now; -1 while none does.
  pid_t pid() const { return pid_.load(); }
  // How often it ended on its own and was started again.
  int restarts() const { return restarts_.load(); }

  // SIGTERM, then SIGKILL; returns once it has ended. Idempotent.
  void Stop();

 private:
  EmbeddedRedis(Options options, DataDirectory directory, ports::Log& log);
  std::vector<std::string> Arguments() const;
  Status WaitUntilItAnswers(Deadline deadline);
  // On the supervising thread: the child dies with it.
  void Supervise();
  // Until it ends or Stop; then how it ended.
  std::string RunOnce(ChildProcess& child);
  void EndChild(ChildProcess& child) const;
  void LogOutput(int fd, std::string& partial_line);
  void LogLine(const std::string& line);
  bool PauseBeforeRestart(Duration pause);
  void ReportEnd(const ChildProcess* child, const std::string& how);

  const Options options_;
  const DataDirectory directory_;
  ports::Log& log_;
  int stop_fd_;  // readable once Stop was called

  std::atomic<pid_t> pid_{-1};
  std::atomic<int> restarts_{0};
  std::mutex mutex_;
  bool answered_once_ = false;               // under mutex_
  std::deque<std::string> last_lines_;       // under mutex_
  std::optional<std::string> failed_start_;  // under mutex_: it ended before it ever answered

  std::mutex stop_mutex_;  // for the join
  std::thread supervisor_;
};

}  // namespace kulanz::redis
