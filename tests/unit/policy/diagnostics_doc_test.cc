// rules/diagnostics.md has a section for every id, and no section for an id that does not exist.
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <set>
#include <string>

#include "service/cel/diagnostic_ids.h"
#include "service/kulanz/diagnostic_ids.h"
#include "service/policy/diagnostic_ids.h"
#include "tests/support/paths/paths.h"

namespace kulanz::policy {
namespace {

std::string ReadSource(const std::string& name) {
  std::ifstream file(test::SourcePath(name));
  return {std::istreambuf_iterator<char>(file), {}};
}

// What stands between `begin` and `end`, as often as it does.
std::set<std::string> Between(const std::string& text, const std::string& begin,
                              const std::string& end) {
  std::set<std::string> found;
  for (std::size_t at = text.find(begin); at != std::string::npos; at = text.find(begin, at)) {
    at += begin.size();
    found.insert(text.substr(at, text.find(end, at) - at));
  }
  return found;
}

TEST(DiagnosticsDocTest, EveryIdIsExplainedToAuthors) {
  std::set<std::string> wanted;
  for (const std::string_view id : cel::id::kAll) {
    wanted.emplace(id);
  }
  for (const std::string_view id : diagnostic_id::kAll) {
    wanted.emplace(id);
  }
  for (const std::string_view id : command::diagnostic_id::kAll) {
    wanted.emplace(id);
  }
  const std::set<std::string> sections =
      Between(ReadSource("rules/diagnostics.md"), "\n### ", "\n");
  for (const std::string& id : wanted) {
    EXPECT_EQ(sections.count(id), 1U)
        << "write a section '### " << id << "' in rules/diagnostics.md";
  }
  for (const std::string& section : sections) {
    EXPECT_EQ(wanted.count(section), 1U) << section << " in rules/diagnostics.md is no id any more";
  }
}

TEST(DiagnosticsDocTest, AllHoldsEveryIdOfTheHeader) {
  const std::set<std::string> declared =
      Between(ReadSource("service/policy/diagnostic_ids.h"), "std::string_view k", "\";");
  EXPECT_EQ(declared.size(), diagnostic_id::kAll.size());
}

}  // namespace
}  // namespace kulanz::policy
