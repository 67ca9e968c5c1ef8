// Scenario: the files of a simulation, read once, and a policy set run over them.
// Thread-safety: used by one thread, which starts others.
#pragma once

#include <CLI/CLI.hpp>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "service/base/result.h"
#include "service/kulanz/data/data_table.h"
#include "service/kulanz/data/map_file.h"
#include "service/kulanz/simulate/incident_log.h"
#include "service/kulanz/simulate/simulation.h"
#include "service/kulanz/simulate/totals.h"
#include "service/policy/policy_set.h"

namespace kulanz::command {

struct ScenarioOptions {
  std::string incidents;
  std::string map;
  std::string customers;
  std::string report;
  std::string format = "text";
  std::string color = "auto";
  std::size_t jobs = 0;
};
void AddScenarioOptions(CLI::App& verb, ScenarioOptions& options);

// CPU time of all threads of this process, in seconds; for figures, never for decisions.
double CpuSeconds();

// One policy set, run.
struct SimulatedSet {
  std::string directory;
  std::shared_ptr<const policy::PolicySet> policies;
  std::unique_ptr<IncidentLog> log;
  std::unique_ptr<Simulation> simulation;
  Totals totals;
  double reading_cpu_s = 0;
  double deciding_cpu_s = 0;
};

class Scenario {
 public:
  // Reads the map, the incidents and the customers. NOT_FOUND and INVALID_ARGUMENT, with a message for
  // people.
  static Result<Scenario> Open(const ScenarioOptions& options);

  // Loads the set of `directory` and runs it. INVALID_ARGUMENT / RULES with every diagnostic.
  Result<SimulatedSet> Run(const std::string& directory) const;

  const std::vector<RowProblem>& customer_problems() const { return customer_problems_; }
  const ScenarioOptions& options() const { return options_; }
  std::size_t jobs() const { return jobs_; }
  double reading_cpu_s() const { return reading_cpu_s_; }

 private:
  explicit Scenario(const ScenarioOptions& options) : options_(options) {}

  ScenarioOptions options_;
  std::size_t jobs_ = 1;
  std::optional<MapFile> map_;
  std::unique_ptr<DataTable> table_;
  std::optional<CustomerBook> customers_;
  std::vector<RowProblem> customer_problems_;
  double reading_cpu_s_ = 0;
};

// The rows that could not be used, on standard error; how many there were.
std::size_t PrintProblems(const Scenario& scenario, const IncidentLog& log);

}  // namespace kulanz::command
