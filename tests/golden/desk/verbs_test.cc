// The verbs for authors from end to end: what they print, and how they end.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "tests/golden/desk/run.h"
#include "tests/support/paths/paths.h"

namespace kulanz::test {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

constexpr const char* kTests = R"(kulanz: v1
tests: late
defaults:
  incident:
    type: late_delivery
    occurred_at: 2026-03-10T12:00:00+01:00
    order: {id: A-1, total: 80.00 EUR}
    attributes: {promised_at: 2026-03-07T18:00:00+01:00, delivered_at: 2026-03-10T11:00:00+01:00}
  customer: {orders_completed: 3}
cases:
  - name: three days
    expect:
      outcome: granted
      amount: 5.00 EUR
      policy: late
      reason: GRANTED
      message: late-delivery
      severity: mild
      valid_until: 2026-09-06
      vars: {days_late: 3}
  - name: decided a month later
    now: 2026-04-10T12:00:00+02:00
    expect: {outcome: granted, valid_until: 2026-10-07}
  - name: second voucher of the order
    history: [{policy: late, at: 2026-02-01T00:00:00Z, amount: 5.00 EUR, once_per: A-1}]
    expect: {outcome: denied, reason: ALREADY_COMPENSATED}
  - name: four euros are left
    budgets: {logistics: 4.00 EUR}
    expect: {outcome: denied, reason: BUDGET_EXHAUSTED}
  - name: five euros are left
    budgets: {logistics: 5.00 EUR}
    expect: {outcome: granted}
  - name: blocked
    customer: {blocked: true}
    expect: {outcome: denied, reason: CUSTOMER_BLOCKED}
)";

class VerbsTest : public ::testing::Test {
 protected:
  VerbsTest() {
    std::string pattern = (fs::temp_directory_path() / "kulanz-desk-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
    fs::copy(SourcePath("tests/golden/policy_errors/base"), folder_ / "rules",
             fs::copy_options::recursive);
    Write("rules/tests/late_test.yaml", kTests);
  }
  ~VerbsTest() override { fs::remove_all(folder_); }

  Ended Run(const std::string& shell) const { return RunShell(folder_.string(), shell); }
  void Write(const std::string& name, const std::string& text) const {
    fs::create_directories((folder_ / name).parent_path());
    std::ofstream(folder_ / name, std::ios::binary) << text;
  }
  void Replace(const std::string& name, const std::string& from, const std::string& to) const {
    std::string text = ReadText(folder_ / name);
    const std::size_t at = text.find(from);
    ASSERT_NE(at, std::string::npos);
    Write(name, text.replace(at, from.size(), to));
  }
  static std::string Golden(const std::string& name) {
    return SourcePath("tests/golden/desk/texts/" + name);
  }

  fs::path folder_;
};

TEST_F(VerbsTest, CasesThatPassAreCounted) {
  const Ended ended = Run("$K test");
  EXPECT_EQ(ended.status, 0);
  EXPECT_EQ(ended.out, "ok  rules/tests/late_test.yaml  6 cases\n6 cases passed\n");
  EXPECT_EQ(ended.error, "");
}

TEST_F(VerbsTest, AFailureShowsBothSidesAndWhy) {
  Replace("rules/tests/late_test.yaml", "amount: 5.00 EUR\n      policy",
          "amount: 8.00 EUR\n      policy");
  const Ended ended = Run("$K test");
  EXPECT_EQ(ended.status, 1);
  ExpectText(Golden("test_failure.txt"), ended.out);
}

TEST_F(VerbsTest, CoverageNamesWhatNoCaseReached) {
  const Ended ended = Run("$K test --coverage -v");
  EXPECT_EQ(ended.status, 0);
  ExpectText(Golden("test_coverage.txt"), ended.out);
  EXPECT_EQ(Run("$K test --threshold 50").status, 0);
  const Ended below = Run("$K test --threshold 51");
  EXPECT_EQ(below.status, 1);
  EXPECT_THAT(below.error, HasSubstr("reach 50 %, less than the 51 % of --threshold"));
  EXPECT_EQ(Run("$K test --threshold 101").status, 2);
}

TEST_F(VerbsTest, CasesAreChosenByAPattern) {
  EXPECT_THAT(Run("$K test --run 'late/.*euros'").out, HasSubstr("2 cases passed"));
  EXPECT_EQ(Run("$K test --run nothing-like-this").status, 2);
  EXPECT_EQ(Run("$K test --run '('").status, 2);
}

TEST_F(VerbsTest, TestsWithoutAnythingToRunAreAMistake) {
  fs::remove_all(folder_ / "rules/tests");
  const Ended ended = Run("$K test");
  EXPECT_EQ(ended.status, 2);
  EXPECT_THAT(ended.error, HasSubstr("there are no files *_test.yaml"));
}

TEST_F(VerbsTest, TestsOfABrokenSetAreNotRun) {
  Write("rules/policies/late.yaml", "kulanz: v1\n");
  const Ended ended = Run("$K test");
  EXPECT_EQ(ended.status, 2);
  EXPECT_EQ(ended.out, "");
  EXPECT_THAT(ended.error, HasSubstr("rules/policies/late.yaml:1:1: error: "));
}

TEST_F(VerbsTest, SetsWithinAFolderAreTestedEachWithItsOwn) {
  fs::create_directories(folder_ / "rules/examples");
  fs::copy(SourcePath("tests/golden/policy_errors/base"), folder_ / "rules/examples/other",
           fs::copy_options::recursive);
  Write("rules/examples/other/tests/late_test.yaml", kTests);
  EXPECT_THAT(Run("$K test").out, HasSubstr("12 cases passed"));
  EXPECT_THAT(Run("$K test rules/examples/other/tests/late_test.yaml").out,
              HasSubstr("6 cases passed"));
}

TEST_F(VerbsTest, ProgramsReadTheReportsWithTheirOwnParsers) {
  Replace("rules/tests/late_test.yaml", "reason: CUSTOMER_BLOCKED", "reason: NOT_ELIGIBLE");
  const Ended json = Run(
      "$K test --format json --coverage >r.json; test $? = 1 && python3 -c \"\n"
      "import json\n"
      "r = json.load(open('r.json'))\n"
      "assert (r['passed'], r['failed']) == (5, 1), r\n"
      "bad = [c for c in r['cases'] if not c['passed']]\n"
      "assert bad[0]['name'] == 'blocked' and bad[0]['decision']['reason'] == 'CUSTOMER_BLOCKED'\n"
      "assert r['coverage'][0]['covered'] == 2 and r['coverage'][0]['total'] == 4, r['coverage']\n"
      "\"");
  EXPECT_EQ(json.status, 0) << json.error;
  const Ended junit =
      Run("$K test --format junit >r.xml; test $? = 1 && python3 -c \"\n"
          "import xml.etree.ElementTree as tree\n"
          "suite = tree.parse('r.xml').getroot().find('testsuite')\n"
          "assert (suite.get('tests'), suite.get('failures')) == ('6', '1'), suite.attrib\n"
          "failed = [c for c in suite if c.find('failure') is not None]\n"
          "assert failed[0].get('name') == 'blocked'\n"
          "assert 'expected NOT_ELIGIBLE, got CUSTOMER_BLOCKED' in "
          "failed[0].find('failure').get('message')\n"
          "\"");
  EXPECT_EQ(junit.status, 0) << junit.error;
  Write("rules/policies/late.yaml", "kulanz: v1\n<&\": 1\n");
  const Ended check =
      Run("$K check --format junit >c.xml; test $? = 1 && $K check --format json >c.json; test $? "
          "= 1 && "
          "python3 -c \"\n"
          "import json, xml.etree.ElementTree as tree\n"
          "failures = len(tree.parse('c.xml').getroot().findall('.//failure'))\n"
          "assert failures == json.load(open('c.json'))['errors'] > 5\n"
          "\"");
  EXPECT_EQ(check.status, 0) << check.error;
}

TEST_F(VerbsTest, ExplainTellsWhyAndWhyNot) {
  const Ended why = Run("$K explain --case 'rules/tests/late_test.yaml:three days'");
  EXPECT_EQ(why.status, 0) << why.error;
  ExpectText(Golden("explain_granted.txt"), why.out);
  Write(
      "i.json",
      R"({"type": "late_delivery", "occurred_at": "2026-03-10T12:00:00+01:00", "order": {"id": "A-1"},
 "attributes": {"promised_at": "2026-03-07T18:00:00+01:00", "delivered_at": "2026-03-10T11:00:00+01:00",
                "cause": "customer", "parcels": 2}})");
  Write("c.yaml", "orders_completed: 1\n");
  Write("h.yaml", "- {policy: late, at: 2026-02-01T00:00:00Z, amount: 5.00 EUR}\n");
  const Ended why_not =
      Run("$K explain rules --incident - --customer c.yaml --history h.yaml --now "
          "2026-03-11T00:00:00Z <i.json");
  EXPECT_EQ(why_not.status, 0) << why_not.error;
  ExpectText(Golden("explain_denied.txt"), why_not.out);
}

TEST_F(VerbsTest, ExplainIsForProgramsToo) {
  const Ended ended = Run(
      "$K explain --case 'rules/tests/late_test.yaml:three days' --format json | python3 -c \"\n"
      "import json, sys\n"
      "r = json.load(sys.stdin)\n"
      "assert r['decision']['amount'] == '5.00 EUR', r\n"
      "said = {e['label']: e for p in r['policies'] for e in p['variables'] + p['expressions']}\n"
      "assert said['vars.days_late']['value'] == '3' and said['gesture 1']['value'] == 'false'\n"
      "assert said['eligible']['parts'][0] == "
      "{'depth': 0, 'expression': 'customer.orders_completed', 'value': '3'}\n"
      "\"");
  EXPECT_EQ(ended.status, 0) << ended.error;
}

TEST_F(VerbsTest, ExplainRefusesWhatTheServerWould) {
  Write("i.yaml", "type: late_delivery\noccurred_at: 2026-03-10T12:00:00Z\n");
  const Ended ended = Run("$K explain --incident i.yaml");
  EXPECT_EQ(ended.status, 2);
  EXPECT_THAT(ended.error, HasSubstr("i.yaml:1:1: error: incident.attributes[\"delivered_at\"]"));
  EXPECT_THAT(ended.error, HasSubstr("[invalid-incident]"));
  EXPECT_EQ(Run("$K explain").status, 2);
  EXPECT_EQ(Run("$K explain --incident nowhere.yaml").status, 2);
  EXPECT_EQ(Run("$K explain --case rules/tests/late_test.yaml").status, 2);
  const Ended no_case = Run("$K explain --case 'rules/tests/late_test.yaml:three dais'");
  EXPECT_EQ(no_case.status, 2);
  EXPECT_THAT(no_case.error, HasSubstr("did you mean 'three days'?"));
}

TEST_F(VerbsTest, FmtWritesChecksAndFilters) {
  const std::string before = ReadText(folder_ / "rules/policies/late.yaml");
  const Ended check = Run("$K fmt --check rules");
  EXPECT_EQ(check.status, 1);
  EXPECT_EQ(check.out, "rules/policies/late.yaml\n");
  EXPECT_EQ(ReadText(folder_ / "rules/policies/late.yaml"), before);
  EXPECT_EQ(Run("$K fmt rules").out, "rules/policies/late.yaml\n");
  ExpectText(Golden("fmt.txt"), ReadText(folder_ / "rules/policies/late.yaml"));
  EXPECT_EQ(Run("$K fmt --check rules").status, 0);
  EXPECT_EQ(Run("$K test").status, 0);
  EXPECT_EQ(Run("echo 'a:   { b: 1 }' | $K fmt --stdin").out, "a: {b: 1}\n");
  EXPECT_EQ(Run("echo 'a: [' | $K fmt --stdin").status, 2);
  EXPECT_EQ(Run("$K fmt nowhere.yaml").status, 2);
}

TEST_F(VerbsTest, WhatIsOnlyDoubtfulEndsWithThree) {
  Replace("rules/policies/late.yaml", "{when: vars.days_late >= 7, amount", "{amount");
  const Ended ended = Run("$K check");
  EXPECT_EQ(ended.status, 3);
  EXPECT_THAT(ended.out, HasSubstr("rules/policies/late.yaml:18:5: warning: "));
  EXPECT_THAT(ended.out, HasSubstr("1 warning in 1 file"));
  EXPECT_THAT(Run("$K check --format json").out, HasSubstr("\"errors\": 0, \"warnings\": 1"));
  EXPECT_THAT(Run("$K check --format junit").out, HasSubstr("failures=\"1\""));
}

TEST_F(VerbsTest, ValuesOfVariablesAreComparedByWhatTheyMean) {
  Replace("rules/policies/late.yaml", "eligible:",
          "  fee: eur(2.50) * vars.days_late\n  first: incident.promised_at\n"
          "  who: customer.segment\neligible: vars.who != \"x\" && vars.fee > eur(0.00) && "
          "vars.first < now &&");
  const std::string tests(kTests);
  const std::string head = tests.substr(0, tests.find("cases:"));
  const std::string one = head +
                          "cases:\n  - name: one\n    customer: {segment: gold}\n    expect:\n" +
                          "      outcome: granted\n      vars: ";
  Write("rules/tests/late_test.yaml",
        one + "{fee: 7.5 EUR, first: 2026-03-07T17:00:00Z, who: gold, days_late: 3}\n");
  const Ended same = Run("$K test");
  EXPECT_EQ(same.status, 0) << same.out << same.error;
  for (const char* vars : {"{fee: 7.51 EUR}", "{fee: 7.50 CHF}", "{first: 2026-03-07T18:00:00Z}",
                           "{who: silver}", "{days_late: 30}"}) {
    Write("rules/tests/late_test.yaml", one + vars + "\n");
    EXPECT_EQ(Run("$K test").status, 1) << vars;
  }
}

// Each one past its limit, and with one less it is taken.
TEST_F(VerbsTest, FilesOfTestsHaveLimits) {
  const std::string tests(kTests);
  const std::string head = tests.substr(0, tests.find("cases:")) + "cases:\n  - name: ";
  const auto repeated = [](const std::string& item, int times) {
    std::string text;
    for (int i = 0; i < times; ++i) {
      std::string one = item;
      one.replace(one.find('%'), 1, std::to_string(i));
      text += (i == 0 ? "" : ", ") + one;
    }
    return text;
  };
  const auto problem = [&](const std::string& body) {
    Write("rules/tests/late_test.yaml", head + body + "\n    expect: {outcome: granted}\n");
    const Ended ended = Run("$K test");
    return ended.status == 2 ? ended.error : "";
  };
  EXPECT_THAT(problem(std::string(201, 'x')), HasSubstr("[bad-text]"));
  EXPECT_EQ(problem(std::string(200, 'x')), "");
  const std::string gesture =
      "{policy: gone, at: 2020-01-01T00:00:00Z, amount: 1.00 EUR, once_per: O-%}";
  EXPECT_THAT(problem("x\n    history: [" + repeated(gesture, 513) + "]"),
              HasSubstr("[too-many-items]"));
  EXPECT_THAT(problem("x\n    customer: {tags: [" + repeated("t%", 33) + "]}"),
              HasSubstr("[too-many-items]"));
  EXPECT_EQ(problem("x\n    customer: {tags: [" + repeated("t%", 32) + "]}"), "");
  EXPECT_THAT(problem("x\n    customer: {attributes: {" + repeated("a%: b", 33) + "}}"),
              HasSubstr("[too-many-items]"));
  EXPECT_EQ(problem("x\n    customer: {attributes: {" + repeated("a%: b", 32) + "}}"), "");
  EXPECT_THAT(problem("x\n    # " + std::string(1 << 20, 'x')), HasSubstr("is larger than"));
  EXPECT_EQ(Run("head -c 1048577 /dev/zero | tr '\\0' '#' | $K fmt --stdin").status, 2);
  EXPECT_EQ(Run("$K test --run \"$(head -c 1001 /dev/zero | tr '\\0' 'x')\"").status, 2);
}

TEST_F(VerbsTest, TheFilesThatShipAreFormatted) {
  const Ended ended = Run("$K fmt --check '" + SourcePath("rules") + "'");
  EXPECT_EQ(ended.status, 0) << ended.out << ended.error;
}

TEST_F(VerbsTest, NewBeginningsPassCheckTestAndFmt) {
  EXPECT_EQ(Run("$K new ruleset mine && $K new incident-type wrong_item --rules mine && "
                "$K new policy wrong-item --rules mine && $K new test wrong-item --rules mine")
                .status,
            0);
  EXPECT_EQ(Run("$K check mine").status, 0);
  EXPECT_EQ(Run("$K fmt --check mine").out, "");
  const Ended tested = Run("$K test mine --coverage --threshold 100");
  EXPECT_EQ(tested.status, 0) << tested.out;
  EXPECT_THAT(tested.out, HasSubstr("8 cases passed"));
  EXPECT_EQ(Run("$K new policy wrong-item --rules mine").status, 1);
  EXPECT_EQ(Run("$K new ruleset mine").status, 1);
  EXPECT_EQ(Run("$K new incident-type wrong_item --rules mine").status, 1);
  EXPECT_EQ(Run("$K new test nobody --rules mine").status, 1);
  EXPECT_EQ(Run("$K new policy Wrong --rules mine").status, 1);
  EXPECT_EQ(Run("$K new thing x").status, 2);
  EXPECT_EQ(Run("$K new policy x --rules nowhere").status, 2);
}

TEST_F(VerbsTest, LettersAreChecked) {
  fs::copy(SourcePath("rules/messages"), folder_ / "rules/messages", fs::copy_options::recursive);
  EXPECT_EQ(Run("$K check").status, 0);
  std::ofstream(folder_ / "rules/messages/late-delivery/en/body.txt", std::ios::app)
      << "{{customer_nme}}\n";
  const Ended ended = Run("$K check");
  EXPECT_EQ(ended.status, 1);
  EXPECT_THAT(ended.out, HasSubstr("rules/messages/late-delivery/en/body.txt:"));
  EXPECT_THAT(ended.out, HasSubstr("[bad-message]"));
  EXPECT_THAT(ended.out, HasSubstr("1 error in 1 file"));
}

TEST_F(VerbsTest, EveryVerbHasHelpWithAnExample) {
  EXPECT_THAT(Run("$K --version").out, HasSubstr("0."));
  for (const char* verb : {"check", "test", "explain", "fmt", "new", "completion"}) {
    const Ended ended = Run(std::string("$K ") + verb + " --help");
    EXPECT_EQ(ended.status, 0);
    EXPECT_THAT(ended.out, HasSubstr("Example"));
  }
}

TEST_F(VerbsTest, NoColoursWithoutATerminal) {
  EXPECT_EQ(Run("$K test -v").out.find('\x1b'), std::string::npos);
  EXPECT_NE(Run("$K test -v --color always").out.find('\x1b'), std::string::npos);
}

}  // namespace
}  // namespace kulanz::test
