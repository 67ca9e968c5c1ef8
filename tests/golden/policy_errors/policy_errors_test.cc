// Each folder beside this file is a mistake; see README.md here.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <vector>

#include "service/policy/diagnostic_ids.h"
#include "service/policy/loader.h"
#include "tests/support/paths/paths.h"

namespace kulanz::policy {
namespace {

namespace fs = std::filesystem;

const fs::path kFolder = test::SourcePath("tests/golden/policy_errors");

std::string ReadAll(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// Relative name -> text.
std::map<std::string, std::string> FilesOf(const fs::path& folder) {
  std::map<std::string, std::string> files;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(folder)) {
    const std::string name = entry.path().lexically_relative(folder).generic_string();
    if (entry.is_regular_file() && name != "expected.txt") {
      files[name] = ReadAll(entry.path());
    }
  }
  return files;
}

std::string Judge(const std::string& mistake) {
  std::map<std::string, std::string> files = FilesOf(kFolder / "base");
  for (auto& [name, text] : FilesOf(kFolder / mistake)) {
    files[name] = text;
  }
  if (const auto without = files.extract("without.txt")) {
    files.erase(without.mapped().substr(0, without.mapped().find('\n')));
  }
  PolicyFiles set;
  set.messages = {"late-delivery"};
  for (const auto& [name, text] : files) {
    set.files.push_back({.name = name, .text = text});
  }
  const LoadResult result = LoadPolicySet(set);
  EXPECT_EQ(result.ok(), !HasErrors(result.diagnostics));
  return Render(result.diagnostics);
}

std::vector<std::string> Mistakes() {
  std::vector<std::string> names;
  for (const fs::directory_entry& entry : fs::directory_iterator(kFolder)) {
    if (entry.is_directory() && entry.path().filename() != "base") {
      names.push_back(entry.path().filename().string());
    }
  }
  std::sort(names.begin(), names.end());
  return names;
}

TEST(PolicyErrorsTest, TheBaseIsFlawless) { EXPECT_EQ(Judge("base"), ""); }

TEST(PolicyErrorsTest, EveryMistakeIsSaidToTheLetter) {
  const bool update = std::getenv("KULANZ_UPDATE_GOLDEN") != nullptr;
  const std::vector<std::string> mistakes = Mistakes();
  EXPECT_GE(mistakes.size(), 40U);
  for (const std::string& mistake : mistakes) {
    SCOPED_TRACE(mistake);
    const std::string said = Judge(mistake);
    const fs::path expected = kFolder / mistake / "expected.txt";
    if (update) {
      std::ofstream(expected, std::ios::binary) << said;
    }
    EXPECT_EQ(said, ReadAll(expected))
        << "if that is wanted: KULANZ_UPDATE_GOLDEN=1, and read the diff";
  }
}

TEST(PolicyErrorsTest, EveryFolderBearsTheNameOfWhatIsSaid) {
  for (const std::string& mistake : Mistakes()) {
    const std::size_t digits = mistake.find_last_not_of("0123456789");
    const bool numbered = digits + 1 < mistake.size() && mistake[digits] == '-';
    const std::string id = numbered ? mistake.substr(0, digits) : mistake;
    if (id != "several") {
      EXPECT_NE(ReadAll(kFolder / mistake / "expected.txt").find("[" + id + "]"), std::string::npos)
          << mistake;
    }
  }
}

}  // namespace
}  // namespace kulanz::policy
