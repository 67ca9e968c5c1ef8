#include "tests/support/node/node_process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>

#include "service/base/check.h"

namespace kulanz::testing {

NodeProcess::NodeProcess(const std::string& script, const std::string& argument) {
  std::array<int, 2> in{};
  std::array<int, 2> out{};
  KULANZ_CHECK(pipe2(in.data(), O_CLOEXEC) == 0 && pipe2(out.data(), O_CLOEXEC) == 0, "pipes");
  pid_ = fork();
  KULANZ_CHECK(pid_ >= 0, "a test can start a program");
  if (pid_ == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    dup2(in[0], STDIN_FILENO);
    dup2(out[1], STDOUT_FILENO);
    execlp("node", "node", script.c_str(), argument.c_str(), static_cast<char*>(nullptr));
    _exit(127);
  }
  close(in[0]);
  close(out[1]);
  to_ = in[1];
  from_ = fdopen(out[0], "r");
  const std::string line = ReadLine();
  KULANZ_CHECK(line.starts_with("port "), "the server says its port");
  port_ = std::stoi(line.substr(5));
}

NodeProcess::~NodeProcess() {
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
  close(to_);
  std::fclose(from_);
}

std::string NodeProcess::ReadLine() {
  std::string text;
  std::array<char, 4096> part{};
  while (!text.ends_with('\n') &&
         std::fgets(part.data(), static_cast<int>(part.size()), from_) != nullptr) {
    text += part.data();
  }
  if (text.ends_with('\n')) text.pop_back();
  return text;
}

std::string NodeProcess::Command(const std::string& line) {
  const std::string text = line + "\n";
  KULANZ_CHECK(write(to_, text.data(), text.size()) == static_cast<ssize_t>(text.size()),
               "the server runs");
  return ReadLine();
}

}  // namespace kulanz::testing
