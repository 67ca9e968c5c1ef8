// CheckReport: what `kulanz check` found, as text for people or JSON for programs.
//
// Thread-safety: plain values.
#pragma once

#include <string>
#include <vector>

#include "service/policy/diagnostic.h"

namespace kulanz::command {

// One policy set that was checked.
struct CheckedSet {
  std::string directory;  // as the user wrote it, "rules"
  policy::Diagnostics diagnostics;
  bool ok = false;  // it could be loaded
  std::size_t policies = 0;
  std::string revision;  // empty unless ok
};

std::size_t CountErrors(const std::vector<CheckedSet>& sets);

// "rules/policies/late.yaml:3:1: error: ..." with carets, then one line that sums up.
std::string ReportText(const std::vector<CheckedSet>& sets, bool color);
// {"errors": 1, "warnings": 0, "sets": [{"directory": ..., "diagnostics": [...]}]}, one line.
std::string ReportJson(const std::vector<CheckedSet>& sets);

}  // namespace kulanz::command
