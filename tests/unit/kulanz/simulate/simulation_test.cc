// Simulations against a plain reading of the rules, and against themselves with other numbers of jobs.
#include "service/kulanz/simulate/simulation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <random>
#include <string>

#include "service/engine/history.h"
#include "service/kulanz/simulate/decisions_file.h"
#include "service/kulanz/simulate/repeats.h"
#include "service/kulanz/simulate/scenario.h"
#include "service/policy/loader.h"
#include "service/policy/policy.h"
#include "tests/support/paths/paths.h"

namespace kulanz::command {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr const char* kHeader =
    "incident_id,customer_id,type,occurred_at,reported_at,revision,order_id,order_total,currency,"
    "promised_at,delivered_at,minutes\n";

class SimulationTest : public ::testing::Test {
 protected:
  SimulationTest() {
    std::string pattern = (fs::temp_directory_path() / "kulanz-sim-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
  }
  ~SimulationTest() override { fs::remove_all(folder_); }

  std::string Write(const std::string& name, const std::string& text) const {
    std::ofstream(folder_ / name, std::ios::binary) << text;
    return folder_ / name;
  }
  std::string Read(const std::string& path) const {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  SimulatedSet Run(const std::string& csv, std::size_t jobs,
                   const std::string& rules = test::SourcePath("tests/golden/report/rules"),
                   const std::string& customers = "") {
    ScenarioOptions options;
    options.incidents = Write("in.csv", csv);
    options.jobs = jobs;
    options.customers = customers;
    const Result<Scenario> scenario = Scenario::Open(options);
    EXPECT_TRUE(scenario.ok()) << scenario.status().message();
    Result<SimulatedSet> set = scenario->Run(rules);
    EXPECT_TRUE(set.ok()) << set.status().message();
    return *std::move(set);
  }
  std::string Decisions(const SimulatedSet& set) {
    const std::string path = folder_ / "out.csv";
    EXPECT_TRUE(WriteDecisions(path, *set.log, *set.simulation).ok());
    return Read(path);
  }

  fs::path folder_;
};

std::string Late(const std::string& id, const std::string& customer, const std::string& at,
                 int days_late, const std::string& revision = "", const std::string& order = "") {
  const Instant delivered = *ParseInstant(at);
  return id + "," + customer + ",late_delivery," + at + ",," + revision + "," +
         (order.empty() ? "O-" + id : order) + ",100.00,EUR," +
         FormatInstant(delivered - std::chrono::hours{24 * days_late}) + "," + at + ",\n";
}

// Many reports of few customers, close enough for limits and budgets to bind.
std::string RandomReports(int count, unsigned seed) {
  std::mt19937 random(seed);
  const Instant start = *ParseInstant("2025-01-01T00:00:00Z");
  std::string csv = kHeader;
  for (int i = 0; i < count; ++i) {
    const Instant at = start + std::chrono::minutes{random() % (60 * 24 * 360)};
    csv += Late("I-" + std::to_string(i), "C-" + std::to_string(random() % 2000), FormatInstant(at),
                static_cast<int>(random() % 10), "", "O-" + std::to_string(random() % 30'000));
  }
  return csv;
}

// Deciding one by one, as plainly as it can be written.
std::vector<std::string> OneByOne(const policy::PolicySet& policies, const IncidentLog& log) {
  std::map<std::uint32_t, History> histories;
  std::map<std::string, std::int64_t> spent;
  std::vector<std::string> decisions;
  for (const ReportedIncident& report : log.reports) {
    std::vector<engine::ExhaustedBudget> exhausted;
    while (true) {
      const engine::Verdict verdict =
          engine::Decide(policies, {report.incident, log.profiles[report.profile],
                                    histories[report.customer], exhausted, report.reported_at});
      const Decision& decision = verdict.decision;
      if (verdict.budget) {
        std::int64_t& sum = spent[verdict.budget->name + FormatDate(verdict.budget->starts)];
        const std::int64_t amount = decision.voucher->amount.minor_units();
        if (sum + amount > verdict.budget->cap.minor_units()) {
          exhausted.push_back({*verdict.budget, decision.voucher->amount});
          continue;
        }
        sum += amount;
      }
      histories[report.customer] =
          engine::WithDecision(histories[report.customer], decision,
                               policies.longest_window() + log.latest_report, decision.decided_at);
      decisions.push_back(report.incident.id.text() + " " + decision.reason +
                          (decision.voucher ? " " + decision.voucher->amount.ToString() : ""));
      break;
    }
  }
  return decisions;
}

TEST_F(SimulationTest, ResultsAreThoseOfDecidingOneByOneWhateverTheNumberOfJobs) {
  // Three blocks; budgets run out in every month, so that blocks are taken back.
  const std::string csv = RandomReports(36'000, 3);
  const SimulatedSet one = Run(csv, 1);
  std::vector<std::string> got;
  for (std::size_t i = 0; i < one.log->reports.size(); ++i) {
    const CaseOutcome& outcome = one.simulation->outcomes()[i];
    got.push_back(one.log->reports[i].incident.id.text() + " " + outcome.reason +
                  (outcome.amount ? " " + outcome.amount->ToString() : ""));
  }
  EXPECT_EQ(got, OneByOne(*one.policies, *one.log));
  ASSERT_GT(one.simulation->budgets().refused(), 100U) << "the budgets must bind for this test";
  const std::string expected = Decisions(one);
  for (const std::size_t jobs : {2U, 3U, 8U}) {
    const SimulatedSet many = Run(csv, jobs);
    EXPECT_GT(many.simulation->repeated_blocks(), 0U) << "no block was taken back";
    EXPECT_EQ(Decisions(many), expected) << jobs << " jobs";
    EXPECT_EQ(many.simulation->histories(), one.simulation->histories()) << jobs << " jobs";
  }
}

TEST_F(SimulationTest, ASmallerGrantThatStillFitsIsGivenAfterABudgetRefused) {
  // 120 EUR a month: 5 of 20, 1 of 10, then 20 do not fit, 10 do.
  std::string csv = kHeader;
  for (int i = 0; i < 5; ++i) {
    csv += Late("I-" + std::to_string(i), "C-" + std::to_string(i),
                "2025-01-02T00:00:0" + std::to_string(i) + "Z", 8);
  }
  csv += Late("I-5", "C-5", "2025-01-02T00:01:00Z", 4) +
         Late("I-6", "C-6", "2025-01-02T00:02:00Z", 8) +
         Late("I-7", "C-7", "2025-01-02T00:03:00Z", 4) +
         Late("I-8", "C-8", "2025-01-02T00:04:00Z", 2) +
         Late("I-9", "C-9", "2025-02-02T00:00:00Z", 8);
  const SimulatedSet set = Run(csv, 2);
  std::vector<std::string> reasons;
  for (const CaseOutcome& outcome : set.simulation->outcomes()) {
    reasons.push_back(outcome.reason);
  }
  EXPECT_THAT(reasons, ElementsAre("GRANTED", "GRANTED", "GRANTED", "GRANTED", "GRANTED", "GRANTED",
                                   "BUDGET_EXHAUSTED", "GRANTED", "BUDGET_EXHAUSTED", "GRANTED"));
  ASSERT_EQ(set.totals.budgets.size(), 2U);
  EXPECT_EQ(set.totals.budgets[0].spent_minor_units, 12'000);
  EXPECT_EQ(set.totals.budgets[0].refused, 2U);
}

TEST_F(SimulationTest, ReportsAreDecidedInTheOrderInWhichTheyCame) {
  const SimulatedSet set =
      Run(std::string(kHeader) +
              "I-b,C-1,outage,2025-01-03T00:00:00Z,,,,,,,,70\n"
              "I-a,C-1,outage,2025-01-03T00:00:00Z,,,,,,,,70\n"
              "I-c,C-1,outage,2025-01-01T00:00:00Z,2025-01-09T00:00:00Z,,,,,,,70\n"
              "I-d,C-1,outage,2025-01-05T00:00:00Z,,,,,,,,70\n",
          1);
  EXPECT_EQ(Decisions(set),
            "incident_id,customer_id,outcome,reason,policy,amount,currency\n"
            "I-a,C-1,granted,GRANTED,outage,2.00,EUR\n"
            "I-b,C-1,granted,GRANTED,outage,2.00,EUR\n"
            "I-d,C-1,granted,GRANTED,outage,2.00,EUR\n"
            "I-c,C-1,granted,GRANTED,outage,2.00,EUR\n");
}

TEST_F(SimulationTest, ARepetitionIsAnsweredAsBeforeAndOtherFactsAreAConflict) {
  const std::string first = Late("I-1", "C-1", "2025-01-03T00:00:00Z", 4);
  const SimulatedSet set =
      Run(kHeader + first + first + Late("I-1", "C-1", "2025-01-03T00:00:00Z", 5) +
              Late("I-1", "C-2", "2025-01-04T00:00:00Z", 4),
          2);
  EXPECT_EQ(Decisions(set),
            "incident_id,customer_id,outcome,reason,policy,amount,currency\n"
            "I-1,C-1,granted,GRANTED,late-delivery,10.00,EUR\n"
            "I-1,C-1,granted,GRANTED,late-delivery,10.00,EUR\n"
            "I-1,C-1,refused,INCIDENT_CONFLICT,,,\n"
            "I-1,C-2,refused,INCIDENT_CONFLICT,,,\n");
  EXPECT_EQ(set.totals.all.vouchers, 1U) << "a repetition gives nothing more";
  ASSERT_EQ(set.log->problems.size(), 2U);
  EXPECT_EQ(set.log->problems[0].line, 4U);
  EXPECT_EQ(set.log->problems[0].text,
            "incident 'I-1' was reported before (line 2) with other facts: incident.attributes");
  EXPECT_THAT(set.log->problems[1].text, HasSubstr("incident.customer_id,incident.occurred_at"));
}

TEST_F(SimulationTest, RowsThatCannotBeUsedAreToldAndStandInTheDecisions) {
  const SimulatedSet set =
      Run(std::string(kHeader) + "I-1,C-1,boat,2025-01-03T00:00:00Z,,,,,,,,\n" +
              "I-2,C-1,outage,yesterday,,,,,,,,70\n" + "short\n" +
              Late("I-3", "C-1", "2025-01-03T00:00:00Z", 4),
          1);
  EXPECT_EQ(Decisions(set),
            "incident_id,customer_id,outcome,reason,policy,amount,currency\n"
            ",,refused,ROW,,,\n,,refused,ROW,,,\n"
            "I-1,C-1,refused,INVALID_REQUEST,,,\n"
            "I-3,C-1,granted,GRANTED,late-delivery,10.00,EUR\n");
  ASSERT_EQ(set.log->problems.size(), 3U);
  EXPECT_EQ(set.log->problems[0].line, 2U);
  EXPECT_THAT(set.log->problems[0].text, HasSubstr("incident.type: is no declared type"));
}

TEST_F(SimulationTest, WithAFileOfCustomersOthersAreRefused) {
  const std::string customers =
      Write("customers.csv", "customer_id,segment\nC-1,gold\nC-1,\nC-2,gold\n");
  const SimulatedSet set = Run(kHeader + Late("I-1", "C-1", "2025-01-03T00:00:00Z", 4) +
                                   Late("I-2", "C-2", "2025-01-03T00:00:00Z", 4) +
                                   Late("I-3", "C-3", "2025-01-03T00:00:00Z", 4),
                               1, test::SourcePath("tests/golden/report/rules"), customers);
  EXPECT_EQ(Decisions(set),
            "incident_id,customer_id,outcome,reason,policy,amount,currency\n"
            "I-1,C-1,granted,GRANTED,late-delivery,10.00,EUR\n"
            "I-2,C-2,granted,GRANTED,late-delivery-gold,10.00,EUR\n"
            "I-3,C-3,refused,UNKNOWN_CUSTOMER,,,\n");
  EXPECT_TRUE(set.log->problems.empty()) << "an unknown customer is an answer, not a bad row";
}

TEST_F(SimulationTest, AnOutputFileIsThereAsAWholeOrNotAtAll) {
  const SimulatedSet set = Run(kHeader + Late("I-1", "C-1", "2025-01-03T00:00:00Z", 4), 1);
  const Status full = WriteDecisions("/dev/full", *set.log, *set.simulation);
  EXPECT_THAT(full.message(), HasSubstr("No space left on device"));
  const std::string nowhere = folder_ / "no-such-folder" / "out.csv";
  EXPECT_THAT(WriteDecisions(nowhere, *set.log, *set.simulation).message(),
              HasSubstr("cannot write"));
  const std::string kept = Write("kept.csv", "old");
  ASSERT_TRUE(WriteDecisions(kept, *set.log, *set.simulation).ok());
  EXPECT_THAT(Read(kept), HasSubstr("I-1,C-1,granted"));
  std::size_t files = 0;
  for (const auto& entry : fs::directory_iterator(folder_)) {
    files += entry.path().string().find(".new-") != std::string::npos ? 1U : 0U;
  }
  EXPECT_EQ(files, 0U) << "a temporary file was left behind";
}

}  // namespace
}  // namespace kulanz::command
