// ChildProcess: a program that this process started, watches and ends.
//
// It gets a process group of its own, so that Ctrl-C in a terminal reaches only us, and SIGTERM when the
// thread that started it ends, however that happens: start it from a thread that lives as long as the
// child should. It inherits no file descriptor but the named one.
//
// Thread-safety: none.
// Ownership: the destructor kills what still runs.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "service/base/result.h"

namespace kulanz::redis {

class ChildProcess {
 public:
  // `arguments`: the program, looked up in PATH, and what it gets. `inherited_fd`: stays open in the
  // child; -1: none. UNAVAILABLE / CHILD_NOT_STARTED when the system cannot fork. A program that cannot be
  // executed ends with kCannotExecute.
  static constexpr int kCannotExecute = 127;
  static Result<ChildProcess> Start(const std::vector<std::string>& arguments, int inherited_fd);

  ChildProcess(ChildProcess&& other) noexcept;
  ChildProcess& operator=(ChildProcess&&) = delete;
  ~ChildProcess();

  pid_t pid() const { return pid_; }
  // Readable once it has ended.
  int end_fd() const { return pid_fd_; }
  // What it writes to its standard output and error; does not block.
  int output_fd() const { return output_fd_; }

  void Signal(int signal) const;  // before Reap
  // After end_fd became readable: "exit code 1", "signal 9 (Killed)". Once.
  std::string Reap();
  std::optional<int> exit_code() const { return exit_code_; }

 private:
  ChildProcess(pid_t pid, int pid_fd, int output_fd)
      : pid_(pid), pid_fd_(pid_fd), output_fd_(output_fd) {}

  pid_t pid_;  // -1: reaped
  int pid_fd_;
  int output_fd_;
  std::optional<int> exit_code_;
};

}  // namespace kulanz::redis
