// Every mistake in a file of tests is told, with its place and what to do: one bad file per kind.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <vector>

#include "tests/golden/desk/run.h"
#include "tests/support/paths/paths.h"

namespace kulanz::test {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> BadFiles() {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(SourcePath("tests/golden/desk/bad_tests"))) {
    const std::string name = entry.path().filename().string();
    if (name.ends_with("_test.yaml")) {
      names.push_back(name.substr(0, name.size() - std::string_view("_test.yaml").size()));
    }
  }
  std::sort(names.begin(), names.end());
  return names;
}

class BadTestsTest : public ::testing::TestWithParam<std::string> {};

TEST_P(BadTestsTest, EveryProblemIsTold) {
  const std::string folder = SourcePath("tests/golden/desk/bad_tests");
  const Ended ended =
      RunShell(folder, "$K test ../../policy_errors/base " + GetParam() + "_test.yaml");
  EXPECT_EQ(ended.status, 2);
  EXPECT_EQ(ended.out, "");
  ExpectText(folder + "/" + GetParam() + ".txt", ended.error);
}

INSTANTIATE_TEST_SUITE_P(Files, BadTestsTest, ::testing::ValuesIn(BadFiles()),
                         [](const auto& test) { return test.param; });

}  // namespace
}  // namespace kulanz::test
