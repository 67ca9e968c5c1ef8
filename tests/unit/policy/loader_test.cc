#include "service/policy/loader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "service/policy/incident_type.h"
#include "service/policy/policy.h"
#include "service/policy/yaml_reader.h"
#include "tests/support/paths/paths.h"

namespace kulanz::policy {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr const char* kIncidents =
    "kulanz: v1\n"
    "incidents:\n"
    "  late: {summary: Late, attributes: {days: {type: int}, note: {type: string, optional: "
    "true}}}\n"
    "  outage: {summary: Outage, attributes: {days: {type: int}, hours: {type: int}}}\n";

std::string PolicyOf(const std::string& id, const std::string& rest = "") {
  return "kulanz: v1\npolicy: " + id +
         "\nsummary: A test\ndepartment: logistics\nincidents: [late]\nzone: Europe/Berlin\n"
         "currency: EUR\ngesture: [{amount: eur(5.00)}]\nvoucher: {valid_for: 10d}\n"
         "delivery: {message: late, signed_by: anna}\n" +
         rest;
}

PolicyFiles SetOf(const std::vector<PolicyFile>& policies) {
  PolicyFiles files;
  files.files = policies;
  files.files.push_back({.name = "incidents.yaml", .text = kIncidents});
  return files;
}

std::string Problems(const LoadResult& result) {
  std::string out;
  for (const Diagnostic& d : result.diagnostics) {
    out += d.file + ":" + std::to_string(d.line) + " " + std::string(d.id) + "\n";
  }
  return out;
}

class FolderTest : public ::testing::Test {
 protected:
  FolderTest() {
    std::string pattern = (fs::temp_directory_path() / "kulanz-loader-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
  }
  ~FolderTest() override { fs::remove_all(folder_); }
  void Write(const std::string& name, const std::string& text) const {
    fs::create_directories((folder_ / name).parent_path());
    std::ofstream(folder_ / name, std::ios::binary) << text;
  }
  LoadResult Load() const { return LoadPolicySet(folder_.string()); }

  fs::path folder_;
};

TEST(LoaderTest, TheRevisionNamesTheContent) {
  const LoadResult first =
      LoadPolicySet(SetOf({{.name = "policies/a.yaml", .text = PolicyOf("a")},
                           {.name = "policies/b.yaml", .text = PolicyOf("b")}}));
  const LoadResult reordered =
      LoadPolicySet(SetOf({{.name = "policies/b.yaml", .text = PolicyOf("b")},
                           {.name = "policies/a.yaml", .text = PolicyOf("a")},
                           {.name = "README.md", .text = "not part of it"},
                           {.name = "policies/a_test.yaml", .text = "nor this"}}));
  const LoadResult commented =
      LoadPolicySet(SetOf({{.name = "policies/a.yaml", .text = PolicyOf("a", "# a comment\n")},
                           {.name = "policies/b.yaml", .text = PolicyOf("b")}}));
  const LoadResult renamed =
      LoadPolicySet(SetOf({{.name = "policies/a.yaml", .text = PolicyOf("a")},
                           {.name = "policies/c.yaml", .text = PolicyOf("b")}}));
  ASSERT_TRUE(first.ok() && reordered.ok() && commented.ok() && renamed.ok());
  EXPECT_EQ(first.policies->revision(), reordered.policies->revision());
  EXPECT_NE(first.policies->revision(), commented.policies->revision());
  EXPECT_NE(first.policies->revision(), renamed.policies->revision());
  EXPECT_EQ(first.policies->revision().text().size(), 64U);
}

TEST(LoaderTest, ASetKnowsItsTypesAndPolicies) {
  const LoadResult result = LoadPolicySet(
      SetOf({{.name = "policies/a.yaml",
              .text = PolicyOf(
                  "a", "priority: 1\nlimits: [{vouchers: 1, per: customer, within: 30d}]\n")},
             {.name = "policies/b.yaml", .text = PolicyOf("b", "priority: 2\n")},
             {.name = "policies/c.yaml", .text = PolicyOf("c", "mode: off\n")}}));
  ASSERT_TRUE(result.ok()) << Render(result.diagnostics);
  const PolicySet& set = *result.policies;
  EXPECT_EQ(set.policy_count(), 3U);
  EXPECT_EQ(set.longest_window(), std::chrono::hours(24 * 30));
  EXPECT_THAT(set.IncidentTypeNames(), ElementsAre("late", "outage"));
  EXPECT_EQ(set.FindIncidentType("lat"), nullptr);
  ASSERT_NE(set.FindIncidentType("late"), nullptr);
  const auto& asked = set.PoliciesFor(*set.FindIncidentType("late"));
  ASSERT_EQ(asked.size(), 2U);  // without the one that is off
  EXPECT_EQ(asked[0]->id, PolicyId("b"));
  EXPECT_TRUE(set.PoliciesFor(*set.FindIncidentType("outage")).empty());
  ASSERT_NE(set.FindPolicy("c"), nullptr);
  EXPECT_EQ(set.FindPolicy("c")->mode, Mode::kOff);
  EXPECT_EQ(set.FindPolicy("d"), nullptr);
}

TEST(LoaderTest, OncePerReachesTwoYears) {
  const LoadResult result = LoadPolicySet(
      SetOf({{.name = "policies/a.yaml", .text = PolicyOf("a", "once_per: incident.id\n")}}));
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result.policies->longest_window(), kOncePerReach);
}

TEST(LoaderTest, AllProblemsOfAllFilesAreReportedInOrder) {
  const LoadResult result = LoadPolicySet(
      SetOf({{.name = "policies/b.yaml", .text = PolicyOf("b", "mode: of\nzone: X\n")},
             {.name = "policies/a.yaml", .text = PolicyOf("b", "eligible: incident.day > 1\n")},
             {.name = "policies/c.yaml", .text = "policy: [\n"}}));
  EXPECT_FALSE(result.ok());
  EXPECT_EQ(Problems(result),
            "policies/a.yaml:11 unknown-attribute\n"
            "policies/b.yaml:2 duplicate-policy\n"
            "policies/b.yaml:11 unknown-word\n"
            "policies/b.yaml:12 duplicate-key\n"
            "policies/c.yaml:2 yaml-syntax\n");
}

TEST(LoaderTest, AnEmptySetNeedsItsIncidentTypes) {
  EXPECT_EQ(Problems(LoadPolicySet(PolicyFiles{})), "incidents.yaml:0 missing-file\n");
  EXPECT_TRUE(LoadPolicySet(SetOf({})).ok());
}

TEST(LoaderTest, WithoutIncidentTypesExpressionsAreNotBlamed) {
  PolicyFiles files;
  files.files.push_back({.name = "incidents.yaml", .text = "kulanz: [\n"});
  files.files.push_back(
      {.name = "policies/a.yaml", .text = PolicyOf("a", "eligible: incident.days > 1\n")});
  EXPECT_EQ(Problems(LoadPolicySet(files)), "incidents.yaml:2 yaml-syntax\n");
}

TEST(LoaderTest, AGuardInOnePartCoversThePartsThatDependOnIt) {
  const auto load = [](const std::string& rest) {
    return Problems(
        LoadPolicySet(SetOf({{.name = "policies/a.yaml", .text = PolicyOf("a", rest)}})));
  };
  const std::string reads = "order.total > eur(1)";
  EXPECT_EQ(load("eligible: " + reads + "\n"), "policies/a.yaml:11 unguarded-optional\n");
  EXPECT_EQ(load("eligible: has(order.total) && " + reads + "\n"), "");
  EXPECT_EQ(load("eligible: has(order.total)\nexclude: [{when: " + reads + ", reason: X}]\n"), "");
  EXPECT_EQ(load("eligible: has(order.total) // why\namount: {at_most: order.total}\n"), "");
  EXPECT_EQ(load("eligible: has(order.id)\nonce_per: order.id\n"), "");
  EXPECT_EQ(load("once_per: order.id\n"), "policies/a.yaml:11 unguarded-optional\n");
  EXPECT_EQ(load("eligible: has(order.id) || has(order.total)\nonce_per: order.id\n"),
            "policies/a.yaml:12 unguarded-optional\n");
}

TEST(LoaderTest, WhatOnlySomeTypesDeclareMayBeAbsent) {
  const auto load = [](const std::string& eligible) {
    std::string text = PolicyOf("a", "eligible: " + eligible + "\n");
    text.replace(text.find("[late]"), 6, "[late, outage]");
    return Problems(LoadPolicySet(SetOf({{.name = "policies/a.yaml", .text = text}})));
  };
  EXPECT_EQ(load("incident.days > 1"), "");
  EXPECT_EQ(load("incident.hours > 1"), "policies/a.yaml:11 unguarded-optional\n");
  EXPECT_EQ(load("has(incident.hours) && incident.hours > 1"), "");
}

TEST(LoaderTest, SixtyFourVariablesAndOneMore) {
  const auto load = [](int count) {
    std::string rest = "variables:\n  v0: incident.days\n";
    for (int i = 1; i < count; ++i) {
      rest += "  v" + std::to_string(i) + ": vars.v" + std::to_string(i - 1) + " + 1\n";
    }
    rest += "eligible: vars.v" + std::to_string(count - 1) + " > 10\n";
    return LoadPolicySet(SetOf({{.name = "policies/a.yaml", .text = PolicyOf("a", rest)}}));
  };
  EXPECT_TRUE(load(static_cast<int>(kVariablesMax)).ok());
  EXPECT_THAT(Problems(load(static_cast<int>(kVariablesMax) + 1)), HasSubstr("too-many-items"));
}

TEST_F(FolderTest, ReadsItsLayoutAndLeavesTheRestAlone) {
  Write("incidents.yaml", kIncidents);
  Write("people.yaml",
        "kulanz: v1\npeople: {anna: {name: Anna, role: Boss, email: a@example.com}}\n");
  Write("policies/a.yaml", PolicyOf("a"));
  Write("policies/a_test.yaml", "not: [read");
  Write("policies/.hidden.yaml", "not: [read");
  Write("policies/notes.txt", "not read");
  Write("examples/b.yaml", "not: [read");
  Write("schema/c.yaml", "not: [read");
  Write("messages/late/en.txt", "Dear customer");
  Write(".git/d.yaml", "not: [read");
  const LoadResult result = Load();
  ASSERT_TRUE(result.ok()) << Render(result.diagnostics);
  EXPECT_EQ(result.policies->policy_count(), 1U);
  EXPECT_EQ(result.policies->people().at("anna").reply_to, "a@example.com");
}

TEST_F(FolderTest, SignersAndMessagesMustExistOnceThereAreAny) {
  Write("incidents.yaml", kIncidents);
  Write("policies/a.yaml", PolicyOf("a"));
  EXPECT_TRUE(Load().ok());
  Write("people.yaml",
        "kulanz: v1\npeople: {jonas: {name: Jonas, role: Boss, email: j@example.com}}\n");
  fs::create_directories(folder_ / "messages" / "early");
  fs::create_directories(folder_ / "messages" / "shared");
  EXPECT_EQ(Problems(Load()),
            "policies/a.yaml:10 unknown-message\npolicies/a.yaml:10 unknown-person\n");
}

TEST_F(FolderTest, FollowsTheLinksOfAConfigMap) {
  Write("..2026_11_21/incidents.yaml", kIncidents);
  fs::create_symlink("..2026_11_21", folder_ / "..data");
  fs::create_symlink("..data/incidents.yaml", folder_ / "incidents.yaml");
  Write("policies/..2026_11_21/a.yaml", PolicyOf("a"));
  fs::create_symlink("..2026_11_21", folder_ / "policies" / "..data");
  fs::create_symlink("..data/a.yaml", folder_ / "policies" / "a.yaml");
  const LoadResult result = Load();
  ASSERT_TRUE(result.ok()) << Render(result.diagnostics);
  EXPECT_EQ(result.policies->policy_count(), 1U);
}

TEST_F(FolderTest, WhatCannotBeReadIsNamed) {
  EXPECT_THAT(Problems(LoadPolicySet((folder_ / "nowhere").string())), HasSubstr("unreadable"));
  Write("incidents.yaml", kIncidents);
  fs::create_directories(folder_ / "policies");
  fs::create_symlink("missing.yaml", folder_ / "policies" / "a.yaml");
  EXPECT_EQ(Problems(Load()), "policies/a.yaml:0 unreadable\n");
  fs::remove(folder_ / "policies" / "a.yaml");
  fs::create_directories(folder_ / "policies" / "deep");
  fs::create_directory_symlink("..", folder_ / "policies" / "deep" / "circle");
  EXPECT_THAT(Problems(Load()), HasSubstr("unexpected-file"));
}

TEST_F(FolderTest, AFileThatIsTooLargeIsNotRead) {
  Write("incidents.yaml", kIncidents);
  Write("policies/a.yaml", PolicyOf("a") + std::string(kYamlBytesMax, '#'));
  EXPECT_EQ(Problems(Load()), "policies/a.yaml:0 file-too-large\n");
}

TEST(ShippedRulesTest, AreFlawless) {
  for (const std::string folder :
       {"rules", "tests/data/reference/policy-a", "tests/data/reference/policy-b"}) {
    const LoadResult result = LoadPolicySet(test::SourcePath(folder));
    EXPECT_TRUE(result.ok()) << Render(result.diagnostics);
    EXPECT_TRUE(result.diagnostics.empty()) << Render(result.diagnostics);
  }
}

TEST(ShippedRulesTest, ExamplesAreFlawless) {
  int examples = 0;
  for (const auto& entry : fs::directory_iterator(test::SourcePath("rules/examples"))) {
    if (entry.is_directory()) {
      const LoadResult result = LoadPolicySet(entry.path().string());
      EXPECT_TRUE(result.diagnostics.empty()) << entry.path().filename() << ":\n"
                                              << Render(result.diagnostics);
      ++examples;
    }
  }
  EXPECT_GE(examples, 11);
}

}  // namespace
}  // namespace kulanz::policy
