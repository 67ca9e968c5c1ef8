// Runs the built command as a user does, and holds what it prints to recorded texts.
#pragma once

#include <string>

namespace kulanz::test {

struct Ended {
  int status = -1;
  std::string out;    // standard output
  std::string error;  // standard error
};

// `shell`: a command line in which $K is the command; run in `folder` with bash, without a terminal.
Ended RunShell(const std::string& folder, const std::string& shell);

// Compares with the file, or writes it when KULANZ_UPDATE_GOLDEN is set.
void ExpectText(const std::string& path, const std::string& text);

std::string ReadText(const std::string& path);

}  // namespace kulanz::test
