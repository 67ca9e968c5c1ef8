// TestRun: what a run of tests came to, and how that is told. Pure functions.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "service/kulanz/terminal/style.h"
#include "service/kulanz/test/coverage.h"
#include "service/kulanz/test/run_case.h"
#include "service/kulanz/test/test_file.h"

namespace kulanz::command {

struct CaseRun {
  std::string name;
  int line = 0;
  CaseResult result;
};

struct FileRun {
  std::string file;
  std::string suite;
  std::vector<CaseRun> cases;
  std::size_t failed() const;
};

// The tests of one policy set.
struct SetRun {
  std::string directory;
  std::shared_ptr<const policy::PolicySet> policies;
  std::vector<FileRun> files;
  std::vector<Coverage> coverage;  // one, when it was asked for
};

// `verbose`: tell of each case that passed, too.
std::string ReportTestsText(const std::vector<SetRun>& runs, bool verbose, const Style& style);
std::string ReportTestsJson(const std::vector<SetRun>& runs);
std::string ReportTestsJunit(const std::vector<SetRun>& runs);

// The story of one failed case: what differs, and how the policies in question came to it.
std::string RenderFailure(const FileRun& file, const CaseRun& one, const Style& style);

}  // namespace kulanz::command
