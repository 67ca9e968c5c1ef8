// ChildProcess: a server of the benchmark in a process of its own, ended with this one.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

namespace kulanz::bench {

class ChildProcess {
 public:
  // Starts arguments[0], found on PATH; its output goes to `log_file`.
  ChildProcess(const std::vector<std::string>& arguments, const std::string& log_file);
  ~ChildProcess();  // SIGTERM, and waits
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  bool running() const;
  // User and system time so far.
  double cpu_seconds() const;

 private:
  pid_t pid_ = -1;
};

// The text of a file once it is there and not empty; nothing after `seconds`.
std::optional<std::string> WaitForFile(const std::string& path, int seconds);

}  // namespace kulanz::bench
