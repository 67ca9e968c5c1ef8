#include "service/kulanz/simulate/scenario.h"

#include <sys/resource.h>

#include <cstdio>
#include <utility>

#include "service/kulanz/simulate/parallel.h"
#include "service/kulanz/terminal/progress_bar.h"
#include "service/kulanz/terminal/style.h"
#include "service/policy/loader.h"

namespace kulanz::command {
namespace {

constexpr std::size_t kProblemsShown = 50;

double Seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

}  // namespace

void AddScenarioOptions(CLI::App& verb, ScenarioOptions& options) {
  verb.add_option("--incidents", options.incidents,
                  "Recorded incidents: CSV or JSON Lines, plain or gzip")
      ->type_name("FILE")
      ->required();
  verb.add_option("--map", options.map,
                  "YAML: which columns are which parts of an incident (rules/README.md)")
      ->type_name("FILE");
  verb.add_option("--customers", options.customers,
                  "Customers; incidents of others are refused. Without it, everybody is known")
      ->type_name("FILE");
  verb.add_option("--report", options.report, "A report as one HTML file")->type_name("OUT.html");
  verb.add_option("--jobs", options.jobs, "Threads; 0: one for each core")
      ->check(CLI::Range(0, 64))
      ->capture_default_str();
  verb.add_option("--format", options.format, "What to print")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str();
  AddColorOption(verb, options.color);
}

double CpuSeconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return Seconds(usage.ru_utime) + Seconds(usage.ru_stime);
}

Result<Scenario> Scenario::Open(const ScenarioOptions& options) {
  const double begin = CpuSeconds();
  Scenario scenario(options);
  scenario.jobs_ = JobCount(options.jobs);
  KULANZ_ASSIGN_OR_RETURN(scenario.map_, MapFile::Read(options.map));
  KULANZ_ASSIGN_OR_RETURN(DataTable table,
                          DataTable::Read(options.incidents, scenario.map_->separator()));
  scenario.table_ = std::make_unique<DataTable>(std::move(table));
  if (!options.customers.empty()) {
    KULANZ_ASSIGN_OR_RETURN(
        scenario.customers_,
        CustomerBook::Read(*scenario.map_, options.customers, scenario.customer_problems_));
  }
  scenario.reading_cpu_s_ = CpuSeconds() - begin;
  return scenario;
}

Result<SimulatedSet> Scenario::Run(const std::string& directory) const {
  policy::LoadResult loaded = policy::LoadPolicySet(directory);
  if (!loaded.ok()) {
    const policy::RenderStyle style{.color = false, .file_prefix = directory + "/"};
    return Status(Code::kInvalidArgument, "RULES",
                  "the rules have errors\n" + policy::Render(loaded.diagnostics, style));
  }
  SimulatedSet set;
  set.directory = directory;
  set.policies = std::move(loaded.policies);
  const double begin = CpuSeconds();
  KULANZ_ASSIGN_OR_RETURN(const IncidentMap map,
                          IncidentMap::Make(*map_, *table_, set.policies.get()));
  {
    ProgressBar bar("reading ", table_->row_count());
    set.log = std::make_unique<IncidentLog>(
        ReadIncidentLog(*table_, map, *set.policies, customers_ ? &*customers_ : nullptr, jobs_,
                        [&bar](std::size_t done) { bar.Show(done); }));
  }
  const double read = CpuSeconds();
  set.simulation = std::make_unique<Simulation>(*set.policies, *set.log, jobs_);
  {
    ProgressBar bar("deciding", set.log->reports.size());
    set.simulation->Run([&bar](std::size_t done) { bar.Show(done); });
  }
  set.reading_cpu_s = read - begin;
  set.deciding_cpu_s = CpuSeconds() - read;
  set.totals = Summarise(*set.log, *set.simulation);
  return set;
}

std::size_t PrintProblems(const Scenario& scenario, const IncidentLog& log) {
  const std::size_t count = scenario.customer_problems().size() + log.problems.size();
  std::size_t shown = 0;
  const auto print = [&shown](const std::string& file, const std::vector<RowProblem>& problems) {
    for (const RowProblem& problem : problems) {
      if (shown++ < kProblemsShown) {
        std::fprintf(stderr, "%s:%zu: %s\n", file.c_str(), problem.line,
                     Printable(problem.text).c_str());
      }
    }
  };
  print(scenario.options().customers, scenario.customer_problems());
  print(scenario.options().incidents, log.problems);
  if (count > kProblemsShown) {
    std::fprintf(stderr, "and %s more rows that could not be used\n",
                 Grouped(count - kProblemsShown).c_str());
  }
  return count;
}

}  // namespace kulanz::command
