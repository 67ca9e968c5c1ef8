// Cluster: the servers of a run, those that are there and those that were, and what happens to them.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tests/simulation/simulator/journal.h"
#include "tests/simulation/simulator/planted_bugs.h"
#include "tests/simulation/simulator/server.h"
#include "tests/simulation/simulator/trace.h"

namespace kulanz::simulation {

class Cluster {
 public:
  Cluster(SimDatabase& database, Common& common, PostOffice& office, Journal& journal, Trace& trace,
          Bug bug)
      : database_(database),
        common_(common),
        office_(office),
        journal_(journal),
        trace_(trace),
        bug_(bug) {}

  SimWorld& world() { return database_.world(); }
  SimDatabase& database() { return database_; }
  Trace& trace() { return trace_; }
  const Common& common() const { return common_; }

  void Start();
  // Any server that a client can connect to; there is always one.
  SimServer& Any();
  void Suffer(const AccidentPlan& plan);
  void KillAll();

 private:
  std::vector<SimServer*> Serving();

  SimDatabase& database_;
  Common& common_;
  PostOffice& office_;
  Journal& journal_;
  Trace& trace_;
  const Bug bug_;
  std::vector<std::unique_ptr<SimServer>> servers_;  // dead ones keep what may still refer to them
};

}  // namespace kulanz::simulation
