// `kulanz simulate` and `kulanz diff` as their users see them: decisions, summaries, reports and exit
// status of the program itself, against the texts in expected/, and against the decisions of the project's
// reference data where that is there.
//
// KULANZ_UPDATE_GOLDEN=1 writes what came out to expected/.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "tests/support/paths/paths.h"

namespace kulanz {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Not;

struct Ended {
  int status = -1;
  std::string output;
};

Ended Shell(const std::string& command) {
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

std::string ReadAll(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

class ReportGoldenTest : public ::testing::Test {
 protected:
  ReportGoldenTest() {
    std::string pattern = (fs::temp_directory_path() / "kulanz-report-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
  }
  ~ReportGoldenTest() override { fs::remove_all(folder_); }

  // Runs the program among the golden files, so that their names are short.
  static Ended Kulanz(const std::string& arguments, const std::string& streams = "2>/dev/null") {
    return Shell("cd '" + test::SourcePath("tests/golden/report") + "' && '" +
                 test::BinPath("kulanz") + "' " + arguments + " </dev/null " + streams);
  }
  std::string Out(const std::string& name) const { return (folder_ / name).string(); }
  static void ExpectGolden(const std::string& name, const std::string& text) {
    const fs::path path = test::SourcePath("tests/golden/report/expected/" + name);
    if (std::getenv("KULANZ_UPDATE_GOLDEN") != nullptr) {
      fs::create_directories(path.parent_path());
      std::ofstream(path, std::ios::binary) << text;
    }
    EXPECT_TRUE(ReadAll(path) == text) << name << " differs; KULANZ_UPDATE_GOLDEN=1 writes it";
  }

  fs::path folder_;
};

constexpr const char* kData = " --incidents incidents.csv --map map.yaml";

TEST_F(ReportGoldenTest, ASimulationsDecisionsSummaryAndReport) {
  const std::string command = std::string("simulate rules") + kData + " --decisions " +
                              Out("d.csv") + " --report " + Out("r.html");
  const Ended text = Kulanz(command);
  EXPECT_EQ(text.status, 1) << "five rows cannot be used";
  ExpectGolden("simulate.txt", text.output);
  ExpectGolden("decisions.csv", ReadAll(Out("d.csv")));
  const std::string report = ReadAll(Out("r.html"));
  ExpectGolden("simulate.html", report);
  ExpectGolden("simulate.json", Kulanz(command + " --format json").output);
  for (const int jobs : {1, 2, 5}) {
    Kulanz(command + " --jobs " + std::to_string(jobs));
    EXPECT_TRUE(ReadAll(Out("r.html")) == report) << jobs << " jobs";
  }
}

TEST_F(ReportGoldenTest, AComparisonsSummaryAndReport) {
  const std::string command =
      std::string("diff rules stricter") + kData + " --report " + Out("r.html");
  ExpectGolden("diff.txt", Kulanz(command).output);
  ExpectGolden("diff.html", ReadAll(Out("r.html")));
  ExpectGolden("diff.json", Kulanz(command + " --format json").output);
}

TEST_F(ReportGoldenTest, ASetComparedWithItselfChangesNothing) {
  const Ended ended = Kulanz(std::string("diff rules rules") + kData);
  EXPECT_THAT(ended.output, HasSubstr("0 decisions of 513 change: no change"));
  EXPECT_THAT(ended.output, HasSubstr("0 customers gain no change, 0 customers lose no change"));
}

// Customer ids are whatever a file says.
TEST_F(ReportGoldenTest, HostileIdsAreTextAndNothingIsFetchedFromElsewhere) {
  for (const std::string& command :
       {std::string("simulate rules"), std::string("diff rules stricter")}) {
    Kulanz(command + kData + " --report " + Out("r.html"));
    const std::string report = ReadAll(Out("r.html"));
    ASSERT_GT(report.size(), 20'000U);
    EXPECT_THAT(report, Not(HasSubstr("<script")));
    EXPECT_THAT(report, Not(HasSubstr("\xE2\x80\xAE"))) << "a mark that turns the direction";
    for (const char* const elsewhere : {"http:", "https:", "src=", "href=", "url(", "@import"}) {
      EXPECT_THAT(report, Not(HasSubstr(elsewhere)));
    }
    EXPECT_THAT(report, HasSubstr("default-src 'none'"));
  }
  EXPECT_THAT(ReadAll(Out("r.html")), HasSubstr("C &quot;quoted&quot;; &amp; S\xC3\xB6hne"));
}

TEST_F(ReportGoldenTest, EveryUnusableRowIsNamedWithItsLine) {
  const Ended ended = Kulanz(std::string("simulate rules") + kData, "2>&1 >/dev/null");
  for (const char* const expected :
       {"incidents.csv:522: incident 'I-7' was reported before (line 8) with other facts",
        "incidents.csv:523: occurred_at: '31.02.2025 12:00' is not a time",
        "incidents.csv:524: type: 'boat' is none of its 'words'",
        "incidents.csv:525: the row has 7 fields, the header 10", "s reading, ", "s deciding"}) {
    EXPECT_THAT(ended.output, HasSubstr(expected));
  }
}

TEST_F(ReportGoldenTest, WhatCannotBeRunEndsWithTwoAndLeavesNoHalfFile) {
  const std::string rules = "simulate rules";
  EXPECT_EQ(Kulanz(rules).status, 2);
  EXPECT_EQ(Kulanz(rules + " --incidents nowhere.csv").status, 2);
  EXPECT_EQ(Kulanz(rules + " --incidents incidents.csv").status, 2) << "without its map";
  EXPECT_EQ(Kulanz("simulate nowhere" + std::string(kData)).status, 2);
  EXPECT_EQ(Kulanz(rules + kData + " --jobs 65").status, 2);
  EXPECT_EQ(Kulanz(rules + kData + " --map incidents.csv").status, 2);
  EXPECT_EQ(Kulanz("diff rules" + std::string(kData)).status, 2);
  EXPECT_EQ(Kulanz("simulate --help").status, 0);
  const Ended full = Kulanz(rules + kData + " --decisions /dev/full", "2>&1");
  EXPECT_EQ(full.status, 2);
  EXPECT_THAT(full.output, HasSubstr("cannot write /dev/full: No space left on device"));
  EXPECT_EQ(Kulanz(rules + kData + " --report " + Out("none/r.html")).status, 2);
  EXPECT_TRUE(fs::is_empty(folder_));
  EXPECT_EQ(Kulanz(rules + kData, ">/dev/full 2>/dev/null").status, 2);
}

// --- the project's reference data -----------------------------------------------------------------

fs::path DataFolder() {
  const char* const named = std::getenv("KULANZ_REFERENCE_DATA");
  return named != nullptr ? fs::path(named) : fs::path(test::SourcePath("../shared/data"));
}

struct Reference {
  const char* rules;
  const char* incidents;
  const char* map;
  const char* expected;
  std::size_t decided;
};

std::vector<std::string> Lines(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    lines.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return lines;
}

// The fields of a line without quotes; the ids of these data have none.
std::vector<std::string> Fields(const std::string& line) {
  std::vector<std::string> fields(1);
  for (const char c : line) {
    c == ',' ? fields.emplace_back() : fields.back().append(1, c);
  }
  return fields;
}

class ReferenceTest : public ReportGoldenTest, public ::testing::WithParamInterface<Reference> {};

TEST_P(ReferenceTest, SimulateGivesTheExpectedDecisionsRowByRow) {
  const Reference& reference = GetParam();
  const fs::path incidents = DataFolder() / reference.incidents;
  if (!fs::exists(incidents)) {
    GTEST_SKIP() << "the reference data is not at " << DataFolder() << " (KULANZ_REFERENCE_DATA)";
  }
  const Ended ended =
      Kulanz("simulate '" + test::SourcePath("tests/data/reference/") + reference.rules +
             "' --incidents '" + incidents.string() + "' --map '" +
             test::SourcePath("tests/e2e/maps/") + reference.map + "' --decisions " + Out("d.csv"));
  ASSERT_EQ(ended.status, 0) << ended.output;
  std::vector<std::string> got;
  const std::vector<std::string> decisions = Lines(ReadAll(Out("d.csv")));
  for (std::size_t i = 1; i < decisions.size(); ++i) {
    const std::vector<std::string> row = Fields(decisions[i]);
    if (row[3] != "NOT_ELIGIBLE") {
      got.push_back(row[0] + " " + row[1] + " " + row[3] + " " + row[5]);
    }
  }
  const std::map<std::string, std::string> reasons = {
      {"issue", "GRANTED"}, {"customer_cap", "CUSTOMER_LIMIT"}, {"budget", "BUDGET_EXHAUSTED"}};
  const std::vector<std::string> expected = Lines(
      Shell("gzip -dc '" + (DataFolder() / "expected" / reference.expected).string() + "'").output);
  ASSERT_EQ(expected.size(), reference.decided + 1);
  ASSERT_EQ(got.size(), reference.decided);
  for (std::size_t i = 1; i < expected.size(); ++i) {
    const std::vector<std::string> row = Fields(expected[i]);
    ASSERT_EQ(got[i - 1], row[1] + " " + row[2] + " " + reasons.at(row[6]) + " " +
                              (row[6] == "issue" ? row[5] + ".00" : ""))
        << "decision " << i;
  }
}

INSTANTIATE_TEST_SUITE_P(
    , ReferenceTest,
    ::testing::Values(Reference{"policy-a", "scms-deliveries.csv.gz", "scms.yaml",
                                "scms.policy-A.decisions.csv.gz", 1'186},
                      Reference{"policy-a", "nyc-flights.csv.gz", "flights.yaml",
                                "nyc-flights.policy-A.decisions.csv.gz", 133'004},
                      Reference{"policy-b", "nyc-flights.csv.gz", "flights.yaml",
                                "nyc-flights.policy-B.decisions.csv.gz", 28'317}),
    [](const auto& tested) {
      std::string name = std::string(tested.param.map).substr(0, 5) + tested.param.rules;
      std::erase_if(name, [](char c) { return c == '-' || c == '.'; });
      return name;
    });

}  // namespace
}  // namespace kulanz
