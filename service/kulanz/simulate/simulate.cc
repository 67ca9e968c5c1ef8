// kulanz simulate: what recorded incidents would have got from a policy set.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <string>

#include "service/kulanz/report/simulation_report.h"
#include "service/kulanz/simulate/decisions_file.h"
#include "service/kulanz/simulate/output_file.h"
#include "service/kulanz/simulate/scenario.h"
#include "service/kulanz/simulate/summary_json.h"
#include "service/kulanz/simulate/summary_text.h"
#include "service/kulanz/verbs.h"

namespace kulanz::command {
namespace {

struct SimulateOptions {
  std::string rules = "rules";
  std::string decisions;
  ScenarioOptions scenario;
};

int FailSimulate(const Status& status) {
  std::fprintf(stderr, "kulanz simulate: %s\n", status.message().c_str());
  return kExitUsage;
}

Status WriteResults(const SimulateOptions& options, const SimulatedSet& set) {
  if (!options.decisions.empty()) {
    KULANZ_RETURN_IF_ERROR(WriteDecisions(options.decisions, *set.log, *set.simulation));
  }
  if (options.scenario.report.empty()) {
    return Status::Ok();
  }
  return WriteFile(options.scenario.report, SimulationReport(set, options.scenario.incidents));
}

int RunSimulate(const SimulateOptions& options) {
  const Result<Scenario> scenario = Scenario::Open(options.scenario);
  if (!scenario.ok()) {
    return FailSimulate(scenario.status());
  }
  const Result<SimulatedSet> set = scenario->Run(options.rules);
  if (!set.ok()) {
    return FailSimulate(set.status());
  }
  if (const Status status = WriteResults(options, *set); !status.ok()) {
    return FailSimulate(status);
  }
  const std::size_t problems = PrintProblems(*scenario, *set->log);
  const std::string summary = options.scenario.format == "json"
                                  ? SummaryJson(*set)
                                  : SummaryText(*set, Style::ForOutput(options.scenario.color));
  if (std::fputs(summary.c_str(), stdout) < 0 || std::fflush(stdout) != 0) {
    return FailSimulate(Status(Code::kInvalidArgument, "FILE", "cannot write to standard output"));
  }
  if (options.scenario.format == "text") {
    std::fprintf(stderr, "CPU: %.2f s reading, %.2f s deciding\n",
                 scenario->reading_cpu_s() + set->reading_cpu_s, set->deciding_cpu_s);
  }
  return problems == 0 ? kExitClean : kExitProblems;
}

}  // namespace

void AddSimulate(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<SimulateOptions>();
  CLI::App& verb = *app.add_subcommand(
      "simulate", "Run recorded incidents through a policy set: what would it have cost?");
  verb.add_option("rules", options->rules, "Folder of the policy set")
      ->type_name("DIR")
      ->capture_default_str();
  AddScenarioOptions(verb, options->scenario);
  verb.add_option("--decisions", options->decisions,
                  "CSV of all decisions, in the order in which they were made")
      ->type_name("OUT.csv");
  verb.footer(
      "Ends with 0 when every row could be used, 1 when some could not (they are named), and 2 "
      "when\n"
      "the command, the rules, the map or a file is wrong.\n\n"
      "Example:\n"
      "  kulanz simulate rules --incidents last-year.csv.gz --map map.yaml --report report.html");
  verb.callback([options, &exit_code] { exit_code = RunSimulate(*options); });
}

}  // namespace kulanz::command
