// NodeProcess: a server for a test, written with packages of npm, in a process of its own.
//
// Says "port N" on its standard output once it listens on loopback; then each line of its standard input is a
// command that it answers with a line. Dies with the test. A failure ends the test.
#pragma once

#include <sys/types.h>

#include <cstdio>
#include <string>

namespace kulanz::testing {

class NodeProcess {
 public:
  // `script`: a .mjs beside its node_modules; `argument`: its only one.
  NodeProcess(const std::string& script, const std::string& argument);
  ~NodeProcess();
  NodeProcess(const NodeProcess&) = delete;
  NodeProcess& operator=(const NodeProcess&) = delete;

  int port() const { return port_; }
  std::string Command(const std::string& line);

 private:
  std::string ReadLine();

  pid_t pid_ = -1;
  int to_ = -1;
  std::FILE* from_ = nullptr;
  int port_ = 0;
};

}  // namespace kulanz::testing
