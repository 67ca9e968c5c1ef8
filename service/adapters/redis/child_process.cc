#include "service/adapters/redis/child_process.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <utility>

#include "service/base/check.h"

#ifndef CLOSE_RANGE_CLOEXEC  // of the kernel's headers, which some distributions keep apart
#define CLOSE_RANGE_CLOEXEC (1U << 2)
#endif

namespace kulanz::redis {
namespace {

// In the child, between fork and exec: only calls that are safe there, and no allocation.
[[noreturn]] void Execute(char* const* argv, int output_fd, int inherited_fd, pid_t parent) {
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (getppid() != parent) {
    _exit(0);  // the parent ended before it could be heard of
  }
  setpgid(0, 0);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  const int null_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
  dup2(null_fd, STDIN_FILENO);
  dup2(output_fd, STDOUT_FILENO);
  dup2(output_fd, STDERR_FILENO);
  close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC);
  if (inherited_fd >= 0) {
    fcntl(inherited_fd, F_SETFD, 0);
  }
  execvp(argv[0], argv);
  _exit(ChildProcess::kCannotExecute);
}

}  // namespace

Result<ChildProcess> ChildProcess::Start(const std::vector<std::string>& arguments,
                                         int inherited_fd) {
  KULANZ_CHECK(!arguments.empty(), "a program to start");
  std::vector<char*> argv;
  argv.reserve(arguments.size() + 1);
  for (const std::string& argument : arguments) {
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-const-cast): exec changes nothing
    argv.push_back(const_cast<char*>(argument.c_str()));
  }
  argv.push_back(nullptr);
  const auto failed = [](const char* what) {
    return Status(Code::kUnavailable, "CHILD_NOT_STARTED",
                  std::string(what) + ": " + std::strerror(errno));
  };
  std::array<int, 2> output{};
  if (pipe2(output.data(), O_CLOEXEC) != 0) {
    return failed("pipe2");
  }
  const pid_t parent = getpid();
  const pid_t pid = fork();
  if (pid == 0) {
    Execute(argv.data(), output[1], inherited_fd, parent);
  }
  close(output[1]);
  if (pid < 0) {
    close(output[0]);
    return failed("fork");
  }
  fcntl(output[0], F_SETFL, O_NONBLOCK);
  // By number: the header of glibc 2.36 does not declare it for C++.
  const int pid_fd = static_cast<int>(syscall(SYS_pidfd_open, pid, 0));
  KULANZ_CHECK(pid_fd >= 0, "a child that was not reaped has a pidfd (Linux 5.3 or newer)");
  return ChildProcess(pid, pid_fd, output[0]);
}

ChildProcess::ChildProcess(ChildProcess&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      pid_fd_(std::exchange(other.pid_fd_, -1)),
      output_fd_(std::exchange(other.output_fd_, -1)),
      exit_code_(other.exit_code_) {}

ChildProcess::~ChildProcess() {
  if (pid_ > 0) {
    Signal(SIGKILL);
    Reap();
  }
  if (pid_fd_ >= 0) {
    close(pid_fd_);
    close(output_fd_);
  }
}

// Its number cannot be another process' before Reap.
void ChildProcess::Signal(int signal) const { kill(pid_, signal); }

std::string ChildProcess::Reap() {
  int status = 0;
  waitpid(pid_, &status, 0);
  pid_ = -1;
  if (WIFSIGNALED(status)) {
    const int signal = WTERMSIG(status);
    return "signal " + std::to_string(signal) + " (" + strsignal(signal) + ")";
  }
  exit_code_ = WEXITSTATUS(status);
  return "exit code " + std::to_string(*exit_code_);
}

}  // namespace kulanz::redis
