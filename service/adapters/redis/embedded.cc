#include "service/adapters/redis/embedded.h"

#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>

#include "service/adapters/redis/blocking_client.h"
#include "service/base/check.h"
#include "service/base/steady_now.h"

namespace kulanz::redis {
namespace {

constexpr std::size_t kLastLinesMax = 5;
constexpr std::size_t kLineBytesMax = 1000;
constexpr Duration kProbeTimeout{1000};
constexpr int kProbePauseMs = 10;
// A server that ran for so long did stay up: its next end starts with the shortest pause again.
constexpr Duration kStayedUp{10'000};

}  // namespace

Result<std::unique_ptr<EmbeddedRedis>> EmbeddedRedis::Start(Options options, ports::Log& log) {
  const Deadline deadline = SteadyNow() + options.start_timeout;
  KULANZ_ASSIGN_OR_RETURN(DataDirectory directory,
                          DataDirectory::Lock(options.directory, deadline));
  // NOLINTNEXTLINE(cppcoreguidelines-owning-memory): the constructor is private
  std::unique_ptr<EmbeddedRedis> redis(
      new EmbeddedRedis(std::move(options), std::move(directory), log));
  KULANZ_RETURN_IF_ERROR(redis->WaitUntilItAnswers(deadline));
  return redis;
}

EmbeddedRedis::EmbeddedRedis(Options options, DataDirectory directory, ports::Log& log)
    : options_(std::move(options)),
      directory_(std::move(directory)),
      log_(log),
      stop_fd_(eventfd(0, EFD_CLOEXEC)) {
  KULANZ_CHECK(stop_fd_ >= 0, "an eventfd");
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);  // signals are for the main thread
  supervisor_ = std::thread([this] { Supervise(); });
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

EmbeddedRedis::~EmbeddedRedis() {
  Stop();
  close(stop_fd_);
}

RedisAddress EmbeddedRedis::address() const {
  RedisAddress address;
  address.unix_path = directory_.socket_path();
  return address;
}

void EmbeddedRedis::Stop() {
  const std::lock_guard lock(stop_mutex_);
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t size = write(stop_fd_, &one, sizeof one);
  if (supervisor_.joinable()) {
    supervisor_.join();
  }
}

std::vector<std::string> EmbeddedRedis::Arguments() const {
  return {options_.program,
          "--port",
          "0",
          "--unixsocket",
          directory_.socket_path(),
          "--unixsocketperm",
          "700",
          "--dir",
          directory_.path(),
          "--pidfile",
          directory_.pid_path(),
          "--daemonize",
          "no",
          "--save",
          "",
          "--appendonly",
          "yes",
          "--appendfsync",
          options_.append_fsync == AppendFsync::kAlways ? "always" : "everysec",
          "--maxmemory-policy",
          "noeviction",
          "--protected-mode",
          "yes"};
}

Status EmbeddedRedis::WaitUntilItAnswers(Deadline deadline) {
  const auto failed = [this](const std::string& why) {
    std::string message = "redis-server " + why;
    const std::lock_guard lock(mutex_);
    for (const std::string& line : last_lines_) {
      message += "\n  " + line;
    }
    return Status(Code::kUnavailable, "REDIS_NOT_STARTED", message);
  };
  for (;;) {
    Result<BlockingClient> client = BlockingClient::Connect(address(), kProbeTimeout);
    const bool answers = client.ok() && client->Run({"PING"}).ok();  // an error while it is loading
    std::optional<std::string> ended;
    {
      const std::lock_guard lock(mutex_);
      ended = failed_start_;
      answered_once_ = answers && !ended;
    }
    if (ended) {
      return failed(*ended);
    }
    if (answers) {
      return Status::Ok();
    }
    if (SteadyNow() >= deadline) {
      return failed("did not answer in time");
    }
    poll(nullptr, 0, kProbePauseMs);
  }
}

void EmbeddedRedis::Supervise() {
  pthread_setname_np(pthread_self(), "redis-watch");
  Duration pause = options_.backoff_min;
  for (;;) {
    const Deadline started = SteadyNow();
    Result<ChildProcess> child = ChildProcess::Start(Arguments(), directory_.lock_fd());
    if (child.ok()) {
      pid_.store(child->pid());
      const std::string how = RunOnce(*child);
      pid_.store(-1);
      ReportEnd(&*child, how);
    } else {
      ReportEnd(nullptr, child.status().message());
    }
    {
      const std::lock_guard lock(mutex_);
      if (failed_start_) {
        return;  // Start reports it
      }
    }
    if (SteadyNow() - started >= kStayedUp) {
      pause = options_.backoff_min;
    }
    if (!PauseBeforeRestart(pause)) {
      return;
    }
    pause = std::min(pause * 2, options_.backoff_max);
    restarts_.fetch_add(1);
  }
}

std::string EmbeddedRedis::RunOnce(ChildProcess& child) {
  std::string partial_line;
  std::array<pollfd, 3> fds{pollfd{child.end_fd(), POLLIN, 0}, pollfd{stop_fd_, POLLIN, 0},
                            pollfd{child.output_fd(), POLLIN, 0}};
  for (;;) {
    poll(fds.data(), fds.size(), -1);
    if (fds[1].revents != 0) {
      EndChild(child);
      LogOutput(child.output_fd(), partial_line);
      return child.Reap();
    }
    if (fds[2].revents != 0) {
      LogOutput(child.output_fd(), partial_line);
      if ((fds[2].revents & POLLHUP) != 0) {
        fds[2].fd = -1;  // it closed its output; its end is on its way
      }
    }
    if (fds[0].revents != 0) {
      LogOutput(child.output_fd(), partial_line);
      return child.Reap();
    }
  }
}

void EmbeddedRedis::EndChild(ChildProcess& child) const {
  child.Signal(SIGTERM);
  pollfd end{child.end_fd(), POLLIN, 0};
  if (poll(&end, 1, static_cast<int>(options_.stop_timeout.count())) == 0) {
    log_.Error("redis_killed", "redis-server did not end after SIGTERM: killed");
    child.Signal(SIGKILL);
    poll(&end, 1, -1);
  }
}

void EmbeddedRedis::ReportEnd(const ChildProcess* child, const std::string& how) {
  pollfd stop{stop_fd_, POLLIN, 0};
  if (poll(&stop, 1, 0) == 1) {
    log_.Info("redis_stopped", "redis-server has ended", {{"how", how}});
    return;
  }
  const bool not_found = child != nullptr && child->exit_code() == ChildProcess::kCannotExecute;
  const std::lock_guard lock(mutex_);
  if (!answered_once_) {
    failed_start_ = not_found ? "cannot be run: " + options_.program + " is not installed"
                              : "ended with " + how;
  }
  log_.Error("redis_ended", "redis-server ended on its own", {{"how", how}});
}

bool EmbeddedRedis::PauseBeforeRestart(Duration pause) {
  pollfd stop{stop_fd_, POLLIN, 0};
  return poll(&stop, 1, static_cast<int>(pause.count())) == 0;
}

void EmbeddedRedis::LogOutput(int fd, std::string& partial_line) {
  std::array<char, 4096> buffer{};
  for (ssize_t size = 0; (size = read(fd, buffer.data(), buffer.size())) > 0;) {
    for (const char symbol : std::string_view(buffer.data(), static_cast<std::size_t>(size))) {
      if (symbol != '\n') {
        partial_line.push_back(symbol);
      }
      if (symbol == '\n' || partial_line.size() >= kLineBytesMax) {
        LogLine(partial_line);
        partial_line.clear();
      }
    }
  }
}

void EmbeddedRedis::LogLine(const std::string& line) {
  // "<pid>:<role> <date> <time> <level> <text>", with '#' for what it warns of; its banner is indented.
  if (line.empty() || line.front() == ' ') {
    return;
  }
  // It also announces its ordinary start and end with '#'; what is worth waking for says so.
  const bool is_warning =
      line.find(" # ") != std::string::npos &&
      (line.find("WARNING") != std::string::npos || line.find("rror") != std::string::npos ||
       line.find("fail") != std::string::npos);
  log_.Write(is_warning ? ports::LogLevel::kWarning : ports::LogLevel::kDebug, "redis_output", line,
             {});
  const std::lock_guard lock(mutex_);
  last_lines_.push_back(line);
  if (last_lines_.size() > kLastLinesMax) {
    last_lines_.pop_front();
  }
}

}  // namespace kulanz::redis
