// `kulanz fmt`: what it makes of a file, and over every YAML file of this repository, that it never changes
// what one means.
#include "service/kulanz/fmt/format.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "service/policy/loader.h"
#include "tests/support/paths/paths.h"

namespace kulanz::command {
namespace {

namespace fs = std::filesystem;

std::string Formatted(const std::string& text) {
  const FormatResult result = Format(policy::SourceFile("file.yaml", text));
  EXPECT_EQ(result.outcome, FormatOutcome::kFormatted) << text;
  return result.text;
}

TEST(FormatTest, IndentationIsTwoColumnsALevel) {
  EXPECT_EQ(Formatted("a:\n    b:\n         c: 1\nd:\n- x\n-   y\n"),
            "a:\n  b:\n    c: 1\nd:\n  - x\n  - y\n");
}

TEST(FormatTest, BlanksWithinFlowsAreOnes) {
  EXPECT_EQ(Formatted("a: { b:   1,c: [ x ,y ] }\ne: [  ]\n"), "a: {b: 1, c: [x, y]}\ne: []\n");
}

TEST(FormatTest, QuotesGoWhereTheySayNothing) {
  EXPECT_EQ(Formatted("a: 'plain words'\nb: {c: \"x > 3 && y\"}\n"),
            "a: plain words\nb: {c: x > 3 && y}\n");
}

TEST(FormatTest, QuotesStayWhereSomethingElseWouldBeRead) {
  for (const char* line :
       {"a: '17'\n", "a: \"2025-01\"\n", "a: 'yes'\n", "a: ''\n", "a: 'x: y'\n", "a: 'x # y'\n",
        "a: '- x'\n", "a: '[x'\n", "a: \"tab\\there\"\n", "a: {b: 'min(x, y)'}\n", "a: ' x'\n",
        "a: '~'\n", "a: 'null'\n", "a: '12:30'\n", "a: '%x'\n", "a: {b: 'x ? y : z'}\n"}) {
    EXPECT_EQ(Formatted(line), line);
  }
}

TEST(FormatTest, CommentsStayWithWhatTheyAreAbout) {
  const std::string text =
      "# the file\n\n# of a\na: 1   # behind a\nb:      # behind b\n    # above c\n    c: 2\n"
      "    # below c\n# above d\nd: {e: 3}  # behind d\n\n# the end\n";
  EXPECT_EQ(Formatted(text),
            "# the file\n\n# of a\na: 1   # behind a\nb:      # behind b\n  # above c\n  c: 2\n"
            "  # below c\n# above d\nd: {e: 3}  # behind d\n\n# the end\n");
}

TEST(FormatTest, CommentsThatStandUnderEachOtherStaySo) {
  const std::string text = "short: 1           # one\na_longer_key: 2    # two\n";
  EXPECT_EQ(Formatted(text), text);
}

TEST(FormatTest, AHashWithinTextIsNoComment) {
  const std::string text = "a: x#y\nb: 'x # y'\nc: |\n  # text\n  more\n";
  EXPECT_EQ(Formatted(text), text);
}

TEST(FormatTest, BlocksOfTextMoveAsAWhole) {
  EXPECT_EQ(
      Formatted("a:\n      b: |\n         one\n           two\n\n      c: >-\n        folded\n"
                "        text\n"),
      "a:\n  b: |\n     one\n       two\n\n  c: >-\n    folded\n    text\n");
}

TEST(FormatTest, ALongFlowKeepsItsLinesAndAShortOneBecomesOne) {
  EXPECT_EQ(Formatted("a: [x,\n   y]\n"), "a: [x, y]\n");
  const std::string entry = "'" + std::string(60, 'x') + ",'";
  const std::string text = "a: [" + entry + ",\n    " + entry + "]\n";
  EXPECT_EQ(Formatted(text), text);
}

TEST(FormatTest, AFlowWithCommentsWithinKeepsThem) {
  const std::string text = "a: [x,  # why x\n    y]\n";
  EXPECT_EQ(Formatted(text), text);
}

TEST(FormatTest, ItemsThatAreMappingsBeginBehindTheirDash) {
  EXPECT_EQ(Formatted("a:\n-\n    b: 1\n    c: 2\n-   # of the second\n    b: 3\n"),
            "a:\n  - b: 1\n    c: 2\n  -  # of the second\n    b: 3\n");
}

TEST(FormatTest, BlankLinesAreSinglesAndNoneAtTheEdges) {
  EXPECT_EQ(Formatted("\n\na: 1  \n\n\n\nb: 2\t\n\n\n"), "a: 1\n\nb: 2\n");
  EXPECT_EQ(Formatted("a: 1\r\nb: 2"), "a: 1\nb: 2\n");
}

TEST(FormatTest, APolicysKeysComeInTheOrderOfTheDocumentation) {
  EXPECT_EQ(
      Formatted("# the file\ndelivery: {message: m}\n# who\neligible: x == 1\npolicy: late\n"
                "kulanz: v1\n# the rows\ngesture:\n  - {amount: eur(5.00)}\nunknown: 1\n"),
      "# the file\nkulanz: v1\npolicy: late\n\n# who\neligible: x == 1\n\n# the rows\ngesture:\n"
      "  - {amount: eur(5.00)}\n\ndelivery: {message: m}\n\nunknown: 1\n");
}

TEST(FormatTest, OtherFilesKeepTheirOrder) { EXPECT_EQ(Formatted("b: 1\na: 2\n"), "b: 1\na: 2\n"); }

TEST(FormatTest, WhatItDoesNotFollowIsLeftAlone) {
  for (const char* text : {"{a: 1}\n", "just text\n", "[a, b]\n"}) {
    EXPECT_EQ(Format(policy::SourceFile("file.yaml", text)).outcome, FormatOutcome::kLeftAlone)
        << text;
  }
  const FormatResult broken = Format(policy::SourceFile("file.yaml", "a: [1\n"));
  EXPECT_EQ(broken.outcome, FormatOutcome::kNotYaml);
  EXPECT_FALSE(broken.diagnostics.empty());
}

// --- over every file ---

std::string ReadFile(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return std::move(text).str();
}

std::vector<fs::path> YamlFiles() {
  std::vector<fs::path> files;
  for (const char* folder : {"rules", "tests/golden", "tests/data", "tests/e2e"}) {
    for (const auto& entry : fs::recursive_directory_iterator(test::SourcePath(folder))) {
      if (entry.path().extension() == ".yaml") {
        files.push_back(entry.path());
      }
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

// Every "# ..." that begins a line or follows a blank, wherever it stands; text that only looks like one
// stays as well as a comment does.
std::vector<std::string> HashTails(const std::string& text) {
  std::vector<std::string> tails;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    line.erase(line.find_last_not_of(" \t\r") + 1);
    for (std::size_t at = line.find('#'); at != std::string::npos; at = line.find('#', at + 1)) {
      if (at == 0 || line[at - 1] == ' ') {
        tails.push_back(line.substr(at));
        break;
      }
    }
  }
  std::sort(tails.begin(), tails.end());
  return tails;
}

TEST(FormatCorpusTest, IsIdempotentAndKeepsEveryComment) {
  std::size_t formatted = 0;
  for (const fs::path& path : YamlFiles()) {
    const std::string text = ReadFile(path);
    const FormatResult once = Format(policy::SourceFile("file.yaml", text));
    if (once.outcome != FormatOutcome::kFormatted) {
      continue;
    }
    ++formatted;
    EXPECT_EQ(Formatted(once.text), once.text) << path;
    EXPECT_EQ(HashTails(once.text), HashTails(text)) << path;
  }
  EXPECT_GT(formatted, 100U);
}

// What the loader says, without where: lines move.
std::vector<std::string> Verdict(const policy::PolicyFiles& files) {
  std::vector<std::string> said;
  const policy::LoadResult result = policy::LoadPolicySet(files);
  for (const policy::Diagnostic& diagnostic : result.diagnostics) {
    std::string message = diagnostic.message;
    message.erase(
        std::remove_if(message.begin(), message.end(), [](char c) { return c >= '0' && c <= '9'; }),
        message.end());
    said.push_back(diagnostic.file + " " + std::string(diagnostic.id) + " " + message);
  }
  std::sort(said.begin(), said.end());
  return said;
}

TEST(FormatCorpusTest, TheLoaderSaysTheSameOfEverySet) {
  std::vector<fs::path> sets = {test::SourcePath("rules")};
  for (const char* folder : {"tests/golden/policy_errors", "rules/examples"}) {
    for (const auto& entry : fs::directory_iterator(test::SourcePath(folder))) {
      if (entry.is_directory()) {
        sets.push_back(entry.path());
      }
    }
  }
  ASSERT_GT(sets.size(), 60U);
  for (const fs::path& set : sets) {
    policy::DiagnosticSink sink;
    const policy::PolicyFiles before = policy::ReadPolicyFiles(set.string(), sink);
    policy::PolicyFiles after = before;
    for (policy::PolicyFile& file : after.files) {
      const FormatResult result = Format(policy::SourceFile(file.name, file.text));
      if (result.outcome == FormatOutcome::kFormatted) {
        file.text = result.text;
      }
    }
    EXPECT_EQ(Verdict(after), Verdict(before)) << set;
  }
}

}  // namespace
}  // namespace kulanz::command
