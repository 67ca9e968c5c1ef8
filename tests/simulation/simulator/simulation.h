// A run of the simulator: everything that a seed decides, from the first request to the verdict.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tests/simulation/simulator/planted_bugs.h"
#include "tests/simulation/simulator/trace.h"

namespace kulanz::simulation {

// A promise of design.md section 8 that a run broke.
struct Violation {
  std::string promise;  // "I5"
  std::string what;
  std::string subject;  // whose lines of the trace tell most: "I-3", a code; empty: the last ones
};

struct RunReport {
  std::uint64_t seed = 0;
  std::optional<Violation> violation;
  std::uint64_t trace_hash = 0;
  std::vector<Trace::Line> trace;
  // How much happened, so that a simulation that became tame is noticed.
  std::size_t decisions = 0;
  std::size_t vouchers = 0;
  std::size_t redemptions = 0;
  std::size_t withdrawals = 0;
  std::size_t reservations = 0;
  std::size_t reversals = 0;
  std::size_t reissues = 0;
  std::size_t revocations = 0;
  std::size_t letters = 0;
  std::size_t repeated_letters = 0;
  std::size_t recovered_leases = 0;
  std::size_t accidents = 0;
  std::size_t pool_codes = 0;
  std::size_t pool_empty = 0;  // decisions that found it so
};

// `with_traffic`: the trace also holds every call to the store; the run and its hash are the same.
RunReport Simulate(std::uint64_t seed, Bug bug, bool with_traffic = false);

// The violation, how to repeat it, and the trace around it.
std::string Explain(const RunReport& report, Bug bug);

}  // namespace kulanz::simulation
