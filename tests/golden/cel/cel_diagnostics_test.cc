// Every diagnostic of the language, word for word: errors/<id>.txt holds wrong expressions, each with
// what the author is told. KULANZ_UPDATE_GOLDEN=1 rewrites the files from what is told now; read the
// difference before you commit it.
//
// A case is "> expression" (more lines with ">" too), after an optional line "# expect TYPE [CURRENCY]",
// followed by the rendered diagnostics; an empty line ends it.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "service/cel/diagnostic_ids.h"
#include "tests/support/paths/paths.h"
#include "tests/unit/cel/policy_environment.h"

namespace kulanz::cel {
namespace {

namespace fs = std::filesystem;

fs::path Folder() { return test::SourcePath("tests/golden/cel/errors"); }

struct Case {
  std::string expectation;  // the line "# expect ...", or empty
  std::string text;
  std::string told;
};

Expected ExpectedOf(const std::string& line) {
  std::istringstream words(line);
  std::string skip;
  std::string type;
  std::string currency;
  words >> skip >> skip >> type >> currency;
  Expected expected;
  for (const Type& known : {Type::Bool(), Type::Int(), Type::String(), Type::Money()}) {
    if (known.name() == type) {
      expected.type = known;
    }
  }
  expected.currency = Currency::FromCode(currency);
  if (type == "string" && !currency.empty()) {
    expected.literals = {"standard", "premium"};
  }
  return expected;
}

std::string Told(const Case& one) {
  static const Environment env = PolicyEnvironment();
  return Problems(Compile(one.text, env, ExpectedOf(one.expectation)), one.text);
}

std::vector<Case> ReadCases(const fs::path& path) {
  std::ifstream file(path);
  std::vector<Case> cases;
  std::string line;
  bool open = false;
  while (std::getline(file, line)) {
    if (line.empty()) {
      open = false;
      continue;
    }
    if (!open) {
      cases.emplace_back();
      open = true;
    }
    Case& one = cases.back();
    if (line.starts_with("# expect ")) {
      one.expectation = line;
    } else if (line.starts_with(">")) {
      one.text +=
          (one.text.empty() ? "" : "\n") + line.substr(std::min<std::size_t>(2, line.size()));
    } else {
      one.told += line + "\n";
    }
  }
  return cases;
}

void WriteCases(const fs::path& path, const std::vector<Case>& cases) {
  std::ofstream file(path);
  for (const Case& one : cases) {
    file << (&one == cases.data() ? "" : "\n");
    if (!one.expectation.empty()) {
      file << one.expectation << "\n";
    }
    std::istringstream lines(one.text);
    for (std::string line; std::getline(lines, line);) {
      file << "> " << line << "\n";
    }
    file << Told(one);
  }
}

class CelDiagnostics : public testing::TestWithParam<std::string_view> {};

TEST_P(CelDiagnostics, AreToldWordForWord) {
  const fs::path path = Folder() / (std::string(GetParam()) + ".txt");
  const std::vector<Case> cases = ReadCases(path);
  ASSERT_FALSE(cases.empty()) << "add wrong expressions to " << path;
  if (std::getenv("KULANZ_UPDATE_GOLDEN") != nullptr) {
    WriteCases(path, cases);
    return;
  }
  for (const Case& one : cases) {
    EXPECT_EQ(Told(one), one.told) << one.text;
    EXPECT_NE(one.told.find("[" + std::string(GetParam()) + "]"), std::string::npos)
        << one.text << "\nshould be told as " << GetParam();
  }
}

INSTANTIATE_TEST_SUITE_P(Ids, CelDiagnostics, testing::ValuesIn(id::kAll), [](const auto& test) {
  std::string name(test.param);
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
});

TEST(CelDiagnosticsFolder, HoldsNoFileOfAnUnknownId) {
  const std::set<std::string_view> known(std::begin(id::kAll), std::end(id::kAll));
  for (const auto& entry : fs::directory_iterator(Folder())) {
    EXPECT_TRUE(known.contains(entry.path().stem().string())) << entry.path();
  }
}

}  // namespace
}  // namespace kulanz::cel
