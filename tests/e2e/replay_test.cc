// Recorded incidents through the running server: `kulanz import-customers`, `replay`, `summary`.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "service/domain/time.h"
#include "service/kulanz/data/data_table.h"
#include "tests/e2e/programs.h"
#include "tests/support/eventually.h"
#include "tests/support/paths/paths.h"

namespace kulanz::e2e {
namespace {

using command::DataTable;
using kulanz::testing::Eventually;
using ::testing::HasSubstr;

std::string SharedData() {
  const char* variable = std::getenv("KULANZ_SHARED_DATA");
  return variable != nullptr ? variable : test::SourcePath("../shared/data");
}

std::string MapFile(const std::string& name) { return test::SourcePath("tests/e2e/maps/" + name); }

// The rows of a CSV file by their values in `columns`.
std::vector<std::vector<std::string>> Select(const DataTable& table,
                                             const std::vector<std::string>& columns) {
  std::vector<std::vector<std::string>> rows;
  for (std::size_t i = 0; i < table.row_count(); ++i) {
    const std::vector<std::string> row = table.Fields(i);
    std::vector<std::string> selected;
    for (const std::string& column : columns) {
      selected.push_back(row[table.ColumnIndex(column).value()]);
    }
    rows.push_back(std::move(selected));
  }
  return rows;
}

class ReplayTest : public ::testing::Test {
 protected:
  void Start(const std::string& rules, std::vector<std::string> more = {}) {
    CopyRules(rules, path("rules"));
    std::vector<std::string> arguments = {"--embedded",       "--data",      path("data"),
                                          "--rules",          path("rules"), "--no-deliveries",
                                          "--intake-max-age", "36500d"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    server_ = std::make_unique<ServerProcess>(arguments);
    ASSERT_TRUE(server_->AwaitServing());
  }
  std::string path(const std::string& name) const { return directory_.path() + "/" + name; }
  Outcome Kulanz(std::vector<std::string> arguments) const {
    arguments.insert(arguments.end(), {"--server", server_->address()});
    return RunProgram("kulanz", arguments);
  }
  void ImportIdsOf(const DataTable& table) {
    std::set<std::string> ids;
    for (const auto& row : Select(table, {"customer_id"})) {
      ids.insert(row[0]);
    }
    std::string text = "customer_id\n";
    for (const std::string& id : ids) {
      text += id + "\n";
    }
    WriteFile(path("customers.csv"), text);
    const Outcome outcome = Kulanz({"import-customers", path("customers.csv")});
    ASSERT_EQ(outcome.exit_code, 0) << outcome.output;
  }

  TemporaryDirectory directory_;
  std::unique_ptr<ServerProcess> server_;
};

// A set of the reference data, decided by a reference policy and compared row by row.
struct Reference {
  std::string rules;
  std::string input;
  std::string map;
  std::string expected;
  std::size_t decided;  // rows of the expected file
  bool slow;            // only when KULANZ_SLOW_TESTS is set
};

void PrintTo(const Reference& reference, std::ostream* out) { *out << reference.expected; }

class ReferenceReplayTest : public ReplayTest, public ::testing::WithParamInterface<Reference> {};

TEST_P(ReferenceReplayTest, GivesExactlyTheExpectedDecisions) {
  const Reference& reference = GetParam();
  const std::string file = SharedData() + "/" + reference.input;
  if (!std::filesystem::exists(file)) {
    GTEST_SKIP() << "the reference data is not at " << SharedData() << " (KULANZ_SHARED_DATA)";
  }
  if (reference.slow && std::getenv("KULANZ_SLOW_TESTS") == nullptr) {
    GTEST_SKIP() << "takes a minute or two; set KULANZ_SLOW_TESTS=1 to run it";
  }
  const Result<DataTable> input = DataTable::Read(file);
  const Result<DataTable> expected =
      DataTable::Read(SharedData() + "/expected/" + reference.expected);
  ASSERT_TRUE(input.ok() && expected.ok());
  ASSERT_NO_FATAL_FAILURE(Start(reference.rules));
  ImportIdsOf(*input);
  const Outcome outcome = Kulanz({"replay", file, "--map", MapFile(reference.map), "--by-time",
                                  "--decisions", path("decisions.csv")});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.output;
  const Result<DataTable> decided = DataTable::Read(path("decisions.csv"));
  ASSERT_TRUE(decided.ok());

  // The same rules without a server decide the same.
  const Outcome simulated = RunProgram(
      "kulanz", {"simulate", path("rules"), "--incidents", file, "--map", MapFile(reference.map),
                 "--customers", path("customers.csv"), "--decisions", path("simulated.csv")});
  EXPECT_EQ(simulated.exit_code, 0) << simulated.output;
  EXPECT_TRUE(ReadFile(path("simulated.csv")) == ReadFile(path("decisions.csv")))
      << "a simulation and a server disagree";

  // What was not late enough gets NO_GESTURE and is not in the expected file; all else is, in this order.
  std::vector<std::string> got;
  for (const auto& row : Select(*decided, {"incident_id", "customer_id", "reason", "amount"})) {
    if (row[2] != "NO_GESTURE") {
      got.push_back(row[0] + " " + row[1] + " " + row[2] + " " + row[3]);
    }
  }
  std::vector<std::string> wanted;
  const std::map<std::string, std::string> reasons = {
      {"issue", "GRANTED"}, {"customer_cap", "CUSTOMER_LIMIT"}, {"budget", "BUDGET_EXHAUSTED"}};
  for (const auto& row : Select(*expected, {"event_id", "customer_id", "decision", "amount"})) {
    wanted.push_back(row[0] + " " + row[1] + " " + reasons.at(row[2]) + " " +
                     (row[2] == "issue" ? row[3] + ".00" : ""));
  }
  EXPECT_EQ(wanted.size(), reference.decided);
  ASSERT_EQ(got.size(), wanted.size());
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    ASSERT_EQ(got[i], wanted[i]) << "row " << i;
  }
}

INSTANTIATE_TEST_SUITE_P(
    , ReferenceReplayTest,
    ::testing::Values(Reference{"reference_a", "scms-deliveries.csv.gz", "scms.yaml",
                                "scms.policy-A.decisions.csv.gz", 1'186, false},
                      Reference{"reference_a", "nyc-flights.csv.gz", "flights.yaml",
                                "nyc-flights.policy-A.decisions.csv.gz", 133'004, true},
                      Reference{"reference_b", "nyc-flights.csv.gz", "flights.yaml",
                                "nyc-flights.policy-B.decisions.csv.gz", 28'317, true}),
    [](const auto& tested) {
      return std::string(tested.param.slow ? "Flights" : "Scms") +
             (tested.param.rules == "reference_a" ? "ByPolicyA" : "ByPolicyB");
    });

constexpr char kIncidents[] =
    "incident_id,customer_id,type,occurred_at,order_id,order_total,currency,promised_at,"
    "delivered_at,cause\n"
    "I-1,C-1,late_delivery,2026-03-03T12:00:00Z,O-1,50.00,EUR,2026-03-01T12:00:00Z,"
    "2026-03-03T12:00:00Z,carrier\n"
    "I-2,C-none,late_delivery,2026-03-03T12:00:00Z,O-2,50.00,EUR,2026-03-01T12:00:00Z,"
    "2026-03-03T12:00:00Z,\n"
    "I-3,C-1,late_delivery,2026-03-04T12:00:00Z,O-3,,,2026-03-01T12:00:00Z,"
    "2026-03-04T12:00:00Z,customer\n"
    "I-1,C-1,late_delivery,2026-03-03T12:00:00Z,O-1,50.00,EUR,2026-03-01T12:00:00Z,"
    "2026-03-03T12:00:00Z,carrier\n";

constexpr char kDecisions[] =
    "incident_id,customer_id,outcome,reason,policy,amount,currency\n"
    "I-1,C-1,granted,GRANTED,late-delivery,5.00,EUR\n"
    "I-2,C-none,refused,UNKNOWN_CUSTOMER,,,\n"
    "I-3,C-1,denied,NOT_OUR_FAULT,late-delivery,,\n"
    "I-1,C-1,granted,GRANTED,late-delivery,5.00,EUR\n";

TEST_F(ReplayTest, ColumnsAreUnderstoodByTheirNamesAndAnswersStandInTheFilesOrder) {
  ASSERT_NO_FATAL_FAILURE(Start("rules"));
  WriteFile(path("customers.csv"),
            "customer_id,orders_completed,lifetime_value,currency,tags,store\n"
            "C-1,3,10.50,EUR,a;b,Bonn\n");
  const Outcome imported = Kulanz({"import-customers", path("customers.csv")});
  EXPECT_EQ(imported.exit_code, 0) << imported.output;
  EXPECT_THAT(imported.output, HasSubstr("1 customers: 1 new"));
  EXPECT_EQ(server_->api().GetCustomer("C-1")->attributes().at("store"), "Bonn");

  WriteFile(path("incidents.csv"), kIncidents);
  const Outcome replayed =
      Kulanz({"replay", path("incidents.csv"), "--decisions", path("decisions.csv")});
  EXPECT_EQ(replayed.exit_code, 0) << replayed.output;
  EXPECT_EQ(ReadFile(path("decisions.csv")), kDecisions);
  EXPECT_THAT(replayed.output, HasSubstr("1  of these had been decided before"));

  const Outcome summary = RunProgram(
      "kulanz", {"summary", "--server", server_->address(), "--metrics", server_->metrics()});
  EXPECT_EQ(summary.exit_code, 0) << summary.output;
  EXPECT_THAT(summary.output, HasSubstr("denied  NOT_OUR_FAULT"));
  EXPECT_THAT(summary.output, HasSubstr("5.00 EUR"));
  EXPECT_EQ(Kulanz({"health"}).exit_code, 0);
}

// Reports of few customers, many of them again: the same, with a higher revision, with a lower one that comes
// late, or with other facts under a revision that is known. (Of an id for two customers whichever comes first
// is the incident; a replay sends the reports of different customers at the same time.)
std::string ReportsAgainAndAgain(unsigned seed) {
  std::mt19937 random(seed);
  std::string csv =
      "incident_id,customer_id,type,occurred_at,revision,order_id,promised_at,delivered_at\n";
  const Instant start = *ParseInstant("2026-01-01T12:00:00Z");
  for (int incident = 0; incident < 120; ++incident) {
    const Instant at = start + std::chrono::hours(7 * incident);
    const std::string number = std::to_string(incident);
    const std::string customer = "C-" + std::to_string(random() % 12);
    for (unsigned report = 0; report < 1 + random() % 5; ++report) {
      const unsigned revision = random() % 4;
      // Mostly one fact per revision, growing with it.
      const unsigned days = 1 + 3 * revision + (random() % 8 == 0 ? 1 : 0);
      csv += "I-" + number + "," + customer + ",late_delivery," + FormatInstant(at) + "," +
             std::to_string(revision) + ",O-" + number + "," +
             FormatInstant(at - std::chrono::hours(24)) + "," +
             FormatInstant(at - std::chrono::hours(24) + std::chrono::days(days)) + "\n";
    }
  }
  return csv;
}

TEST_F(ReplayTest, RevisionsRepetitionsAndConflictsEndAsInASimulation) {
  ASSERT_NO_FATAL_FAILURE(Start("reference_a"));
  const unsigned seed = 20'261'122;
  WriteFile(path("incidents.csv"), ReportsAgainAndAgain(seed));
  const Result<DataTable> input = DataTable::Read(path("incidents.csv"));
  ASSERT_TRUE(input.ok());
  ImportIdsOf(*input);
  const Outcome replayed =
      Kulanz({"replay", path("incidents.csv"), "--by-time", "--decisions", path("decisions.csv")});
  EXPECT_EQ(replayed.exit_code, 1) << replayed.output;
  const Outcome simulated = RunProgram(
      "kulanz", {"simulate", path("rules"), "--incidents", path("incidents.csv"), "--customers",
                 path("customers.csv"), "--decisions", path("simulated.csv")});
  EXPECT_EQ(simulated.exit_code, 1) << simulated.output;
  const std::string decisions = ReadFile(path("decisions.csv"));
  EXPECT_EQ(ReadFile(path("simulated.csv")), decisions);
  for (const char* const outcome :
       {"granted,GRANTED", "NOTHING_TO_ADD", "CUSTOMER_LIMIT", "refused,INCIDENT_CONFLICT"}) {
    EXPECT_THAT(decisions, HasSubstr(outcome)) << "the reports must be of every kind";
  }
}

TEST_F(ReplayTest, AnInterruptedReplayGoesOnWhereItWas) {
  ASSERT_NO_FATAL_FAILURE(Start("rules"));
  ASSERT_EQ(Reason(server_->api().Upsert(ACustomer()).status), "OK");
  const std::string text = kIncidents;
  WriteFile(path("incidents.csv"), text);
  const std::vector<std::string> replay = {"replay",      path("incidents.csv"),
                                           "--decisions", path("decisions.csv"),
                                           "--state",     path("state")};
  ASSERT_EQ(Kulanz(replay).exit_code, 0);
  // As if the run had been cut off after two rows, in the middle of writing the third.
  const std::string decisions = ReadFile(path("decisions.csv"));
  const std::size_t two_rows = decisions.find("I-3");
  std::string state = ReadFile(path("state"));
  state = state.substr(0, state.find(' ')) + " 2 " + std::to_string(two_rows) + "\n";
  WriteFile(path("state"), state);
  WriteFile(path("decisions.csv"), decisions.substr(0, two_rows + 5));
  const Outcome outcome = Kulanz(replay);
  EXPECT_EQ(outcome.exit_code, 0) << outcome.output;
  EXPECT_EQ(ReadFile(path("decisions.csv")), kDecisions);
  EXPECT_THAT(outcome.output, HasSubstr("2  of these had been decided before"));

  WriteFile(path("incidents.csv"), text + "I-9,C-1,late_delivery,2026-03-03T12:00:00Z,,,,,,\n");
  EXPECT_EQ(Kulanz(replay).exit_code, 2) << "a state belongs to its file";
}

TEST_F(ReplayTest, RowsThatAreRefusedAreNamedWithTheirLine) {
  ASSERT_NO_FATAL_FAILURE(Start("rules"));
  ASSERT_EQ(Reason(server_->api().Upsert(ACustomer()).status), "OK");
  WriteFile(path("incidents.csv"),
            "incident_id,customer_id,type,occurred_at,cause\n"
            "I-1,C-1,late_delivery,2026-03-03T12:00:00Z,gremlins\n"
            "I-2,C-1,late_delivery,yesterday,carrier\n");
  const Outcome outcome = Kulanz({"replay", path("incidents.csv")});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.output, HasSubstr("incidents.csv:2: INVALID_ARGUMENT/INVALID_REQUEST"));
  EXPECT_THAT(outcome.output, HasSubstr(R"(incident.attributes["cause"])"));
  EXPECT_THAT(outcome.output,
              HasSubstr("incidents.csv:3: occurred_at: 'yesterday' is not a time with its zone"));
}

TEST_F(ReplayTest, AReplayOutlivesARestartOfTheServer) {
  ASSERT_NO_FATAL_FAILURE(Start("rules"));
  std::string customers = "customer_id\n";
  std::string incidents = "incident_id,customer_id,type,occurred_at\n";
  for (int i = 0; i < 20'000; ++i) {
    const std::string id = std::to_string(i);
    customers += i < 200 ? "C-" + id + "\n" : "";
    incidents += "I-" + id + ",C-" + std::to_string(i % 200) + ",everything,2026-03-03T12:00:00Z\n";
  }
  WriteFile(path("customers.csv"), customers);
  WriteFile(path("incidents.csv"), incidents);
  ASSERT_EQ(Kulanz({"import-customers", path("customers.csv")}).exit_code, 0);

  const std::string address = server_->address();
  Outcome outcome;
  std::thread replay([&] { outcome = Kulanz({"replay", path("incidents.csv")}); });
  EXPECT_TRUE(Eventually([&] { return server_->api().GetDecision("I-100").ok(); }));
  server_->Signal(SIGKILL);
  server_->AwaitExit();
  ServerProcess second({"--embedded", "--data", path("data"), "--rules", path("rules"),
                        "--no-deliveries", "--intake-max-age", "36500d"},
                       address);
  EXPECT_TRUE(second.AwaitServing());
  replay.join();
  EXPECT_EQ(outcome.exit_code, 0) << outcome.output;
  EXPECT_THAT(outcome.output, HasSubstr("20,000  denied NO_POLICY"));
}

}  // namespace
}  // namespace kulanz::e2e
