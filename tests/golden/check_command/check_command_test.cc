// `kulanz check` as its users see it: output and exit status of the program itself.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "tests/support/paths/paths.h"

namespace kulanz {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::StartsWith;

struct Ended {
  int status = -1;
  std::string output;  // both streams
};

class CheckCommandTest : public ::testing::Test {
 protected:
  CheckCommandTest() {
    std::string pattern = (fs::temp_directory_path() / "kulanz-check-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
    fs::copy(test::SourcePath("tests/golden/policy_errors/base"), folder_ / "rules",
             fs::copy_options::recursive);
  }
  ~CheckCommandTest() override { fs::remove_all(folder_); }

  // Runs `kulanz <arguments>` in the test's folder.
  Ended Run(const std::string& arguments) const {
    const std::string command = "cd '" + folder_.string() + "' && '" + test::BinPath("kulanz") +
                                "' " + arguments + " 2>&1 </dev/null";
    Ended ended;
    std::FILE* const pipe = popen(command.c_str(), "r");
    std::array<char, 4096> buffer{};
    while (pipe != nullptr && std::fgets(buffer.data(), buffer.size(), pipe) != nullptr) {
      ended.output += buffer.data();
    }
    const int status = pclose(pipe);
    ended.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    return ended;
  }
  void Append(const std::string& name, const std::string& text) const {
    std::ofstream(folder_ / name, std::ios::app) << text;
  }

  fs::path folder_;
};

TEST_F(CheckCommandTest, AFlawlessSetEndsWithZero) {
  const Ended ended = Run("check");  // "rules" unless named
  EXPECT_EQ(ended.status, 0);
  EXPECT_THAT(ended.output, StartsWith("1 policy, no problems; revision "));
}

TEST_F(CheckCommandTest, EveryProblemIsShownWithItsPlaceAndCounted) {
  Append("rules/policies/late.yaml", "mode: shadow\nnonsense: 1\n");
  const Ended ended = Run("check rules");
  EXPECT_EQ(ended.status, 1);
  EXPECT_EQ(
      ended.output,
      "rules/policies/late.yaml:26:1: error: the key 'mode' is given twice; the first is in line "
      "7; "
      "keep one of them [duplicate-key]\n"
      "  mode: shadow\n"
      "  ^~~~\n"
      "rules/policies/late.yaml:27:1: error: unknown key 'nonsense' in a policy [unknown-key]\n"
      "  nonsense: 1\n"
      "  ^~~~~~~~\n"
      "2 errors in 1 file\n");
}

TEST_F(CheckCommandTest, ColoursAreForTerminalsOrOnDemand) {
  Append("rules/policies/late.yaml", "nonsense: 1\n");
  EXPECT_EQ(Run("check rules").output.find('\x1b'), std::string::npos);
  EXPECT_THAT(Run("check rules --color always").output, HasSubstr("\x1b[1;31merror:\x1b[0m"));
}

TEST_F(CheckCommandTest, JsonIsForPrograms) {
  Append("rules/policies/late.yaml", "\"non\\\"sense\": 1\n");
  const Ended ended = Run("check rules --format json");
  EXPECT_EQ(ended.status, 1);
  EXPECT_EQ(
      ended.output,
      "{\"errors\": 1, \"warnings\": 0, \"sets\": [{\"directory\": \"rules\", \"policies\": 0, "
      "\"revision\": \"\", \"diagnostics\": [{\"id\": \"unknown-key\", \"severity\": \"error\", "
      "\"file\": \"rules/policies/late.yaml\", \"line\": 26, \"column\": 1, "
      "\"message\": \"unknown key 'non\\\"sense' in a policy\", \"hint\": \"\"}]}]}\n");
}

TEST_F(CheckCommandTest, ASingleFileIsCheckedWithinItsSet) {
  fs::copy_file(folder_ / "rules/policies/late.yaml", folder_ / "rules/policies/later.yaml");
  EXPECT_EQ(Run("check rules/policies/late.yaml").status, 0);  // the other one has the problem
  const Ended ended = Run("check rules/policies/later.yaml");
  EXPECT_EQ(ended.status, 1);
  EXPECT_THAT(ended.output, HasSubstr("[duplicate-policy]"));
}

TEST_F(CheckCommandTest, AFolderThatIsNotThereIsAnError) {
  const Ended ended = Run("check nowhere");
  EXPECT_EQ(ended.status, 1);
  EXPECT_THAT(ended.output, HasSubstr("[unreadable]"));
}

TEST_F(CheckCommandTest, AWrongCommandLineEndsWithTwo) {
  EXPECT_EQ(Run("check --format xml").status, 2);
  EXPECT_EQ(Run("chek").status, 2);
  EXPECT_EQ(Run("").status, 2);
  EXPECT_EQ(Run("--help").status, 0);
  EXPECT_EQ(Run("check --help").status, 0);
}

}  // namespace
}  // namespace kulanz
