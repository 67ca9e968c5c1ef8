// CheckedSet: one policy set with everything that is wrong with it, and how that is told.
//
// Thread-safety: plain values and pure functions.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "service/kulanz/terminal/style.h"
#include "service/policy/diagnostic.h"

namespace kulanz::command {

struct CheckedSet {
  std::string directory;           // as the user wrote it, "rules"
  std::vector<std::string> files;  // that were looked at, relative to the directory, sorted
  policy::Diagnostics diagnostics;
  bool ok = false;            // it could be loaded
  bool has_messages = false;  // there are letters, which were checked too
  std::size_t policies = 0;
  std::string revision;  // empty unless ok
};

// What the server would say of the folder, with its letters when it has any. `locale`: the language that
// every letter must have. Never fails: a folder that cannot be read is a diagnostic.
CheckedSet CheckFolder(const std::string& directory, const std::string& locale);

std::size_t CountOf(const std::vector<CheckedSet>& sets, policy::Severity severity);

// "rules/" for "rules", so that a file's name follows.
std::string PrefixOf(const std::string& directory);

// "rules/policies/late.yaml:3:1: error: ..." with carets, then one line that sums up.
std::string ReportText(const std::vector<CheckedSet>& sets, const Style& style);
// {"errors": 1, "warnings": 0, "sets": [{"directory": ..., "diagnostics": [...]}]}, one line.
std::string ReportJson(const std::vector<CheckedSet>& sets);
// A suite per set, a case per file, a failure per problem.
std::string ReportJunit(const std::vector<CheckedSet>& sets);

}  // namespace kulanz::command
