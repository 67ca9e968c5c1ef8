// kulanz diff: what another policy set would change.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <string>

#include "service/kulanz/report/comparison_report.h"
#include "service/kulanz/simulate/comparison.h"
#include "service/kulanz/simulate/comparison_text.h"
#include "service/kulanz/simulate/output_file.h"
#include "service/kulanz/simulate/scenario.h"
#include "service/kulanz/verbs.h"

namespace kulanz::command {
namespace {

struct DiffOptions {
  std::string before;
  std::string after;
  ScenarioOptions scenario;
};

int FailDiff(const Status& status) {
  std::fprintf(stderr, "kulanz diff: %s\n", status.message().c_str());
  return kExitUsage;
}

int RunDiff(const DiffOptions& options) {
  const Result<Scenario> scenario = Scenario::Open(options.scenario);
  if (!scenario.ok()) {
    return FailDiff(scenario.status());
  }
  const Result<SimulatedSet> before = scenario->Run(options.before);
  if (!before.ok()) {
    return FailDiff(before.status());
  }
  const Result<SimulatedSet> after = scenario->Run(options.after);
  if (!after.ok()) {
    return FailDiff(after.status());
  }
  const Comparison comparison = Compare(*before, *after);
  if (!options.scenario.report.empty()) {
    const std::string report =
        ComparisonReport(*before, *after, comparison, options.scenario.incidents);
    if (const Status status = WriteFile(options.scenario.report, report); !status.ok()) {
      return FailDiff(status);
    }
  }
  const std::size_t problems = PrintProblems(*scenario, *after->log);
  const std::string text =
      options.scenario.format == "json"
          ? ComparisonJson(*before, *after, comparison)
          : ComparisonText(*before, *after, comparison, Style::ForOutput(options.scenario.color));
  if (std::fputs(text.c_str(), stdout) < 0 || std::fflush(stdout) != 0) {
    return FailDiff(Status(Code::kInvalidArgument, "FILE", "cannot write to standard output"));
  }
  return problems == 0 ? kExitClean : kExitProblems;
}

}  // namespace

void AddDiff(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<DiffOptions>();
  CLI::App& verb = *app.add_subcommand(
      "diff",
      "Compare two policy sets over the same incidents: what changes, for whom, at what cost?");
  verb.add_option("old", options->before, "Folder of the policy set as it is")
      ->type_name("OLD_DIR")
      ->required();
  verb.add_option("new", options->after, "Folder of the policy set as it could be")
      ->type_name("NEW_DIR")
      ->required();
  AddScenarioOptions(verb, options->scenario);
  verb.footer(
      "Ends with 0 when every row could be used, whether or not anything changes, 1 when some "
      "could\n"
      "not (they are named), and 2 when the command, the rules, the map or a file is wrong.\n\n"
      "Example:\n"
      "  kulanz diff rules new-rules --incidents last-year.csv.gz --map map.yaml --report "
      "diff.html");
  verb.callback([options, &exit_code] { exit_code = RunDiff(*options); });
}

}  // namespace kulanz::command
