// JUnit XML, as the servers of continuous integration read it. Pure functions.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace kulanz::command {

struct JunitFailure {
  std::string type;     // "unknown-key", "failure"
  std::string message;  // one line
  std::string text;     // the whole story
};

struct JunitCase {
  std::string name;
  std::string file;
  std::vector<JunitFailure> failures;  // none: passed
  bool skipped = false;
};

struct JunitSuite {
  std::string name;
  std::vector<JunitCase> cases;
};

std::string ReportJunit(const std::vector<JunitSuite>& suites);

}  // namespace kulanz::command
