// kulanz-sim: runs the whole service in a simulated deployment where everything goes wrong that can, one
// run per seed, and says which promise breaks. README.md of this folder says how to read what it prints.
//
// Exit codes: 0 every promise is kept; 1 one is broken; 2 the command line is wrong.
#include <unistd.h>

#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

#include "tests/simulation/simulator/simulation.h"

namespace kulanz::simulation {
namespace {

constexpr std::string_view kUsage =
    "kulanz-sim [--seeds N] [--first S] [--bug NAME] [--traffic] [--trace] [--hash]\n"
    "  --seeds N    how many seeds to run (default 1000); stops at the first that breaks a "
    "promise\n"
    "  --first S    the first of them (default 1)\n"
    "  --bug NAME   plants a bug, to see that it is found\n"
    "  --traffic    the trace also has every call to the store\n"
    "  --trace      prints the whole trace of every seed\n"
    "  --hash       prints the hash of every seed's trace\n"
    "bugs:\n";

struct Options {
  std::int64_t seeds = 1'000;
  std::int64_t first = 1;
  Bug bug = Bug::kNone;
  bool traffic = false;
  bool trace = false;
  bool hash = false;
};

void PrintUsage(std::ostream& out) {
  out << kUsage;
  for (const BugName& bug : AllBugs()) {
    out << "  " << bug.name << "\n";
  }
}

bool ReadNumber(std::string_view text, std::int64_t& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() && number >= 0;
}

std::optional<Options> ReadOptions(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string_view name = argv[i];
    const bool flag = name == "--traffic" || name == "--trace" || name == "--hash";
    if (flag) {
      (name == "--traffic" ? options.traffic
       : name == "--trace" ? options.trace
                           : options.hash) = true;
      continue;
    }
    const std::string_view value = i + 1 < argc ? argv[++i] : "";
    if (name == "--bug") {
      const auto bug = BugNamed(value);
      if (!bug) {
        return std::nullopt;
      }
      options.bug = *bug;
    } else if ((name != "--seeds" && name != "--first") ||
               !ReadNumber(value, name == "--seeds" ? options.seeds : options.first)) {
      return std::nullopt;
    }
  }
  return options;
}

// A broken invariant aborts (KULANZ_CHECK): say in which seed.
volatile std::sig_atomic_t running_seed_high = 0;  // NOLINT: a signal handler reads them
volatile std::sig_atomic_t running_seed_low = 0;   // NOLINT

void SayWhichSeed(int) {
  char text[64];
  const long long seed = (static_cast<long long>(running_seed_high) << 31) | running_seed_low;
  const int size = std::snprintf(text, sizeof text, "aborted in seed %lld\n", seed);
  static_cast<void>(!write(STDERR_FILENO, text, static_cast<std::size_t>(size)));
}

struct Totals {
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
};

void Add(Totals& totals, const RunReport& report) {
  totals.decisions += report.decisions;
  totals.vouchers += report.vouchers;
  totals.redemptions += report.redemptions;
  totals.withdrawals += report.withdrawals;
  totals.reservations += report.reservations;
  totals.reversals += report.reversals;
  totals.reissues += report.reissues;
  totals.revocations += report.revocations;
  totals.letters += report.letters;
  totals.repeated_letters += report.repeated_letters;
  totals.recovered_leases += report.recovered_leases;
  totals.accidents += report.accidents;
}

void PrintTrace(const RunReport& report) {
  RunReport whole = report;
  for (const Trace::Line& line : whole.trace) {
    const auto at = std::chrono::duration_cast<Duration>(line.at.time_since_epoch());
    std::cout << at.count() << " ms  " << line.text << "\n";
  }
}

int Main(const Options& options) {
  using Clock = std::chrono::steady_clock;
  const Clock::time_point begun = Clock::now();
  Totals totals;
  for (std::int64_t seed = options.first; seed < options.first + options.seeds; ++seed) {
    running_seed_high = static_cast<std::sig_atomic_t>(seed >> 31);
    running_seed_low = static_cast<std::sig_atomic_t>(seed & 0x7fffffff);
    const RunReport report =
        Simulate(static_cast<std::uint64_t>(seed), options.bug, options.traffic);
    Add(totals, report);
    if (options.trace) {
      PrintTrace(report);
    }
    if (options.hash) {
      std::cout << "seed " << seed << " trace " << std::hex << report.trace_hash << std::dec
                << "\n";
    }
    if (report.violation) {
      std::cout << Explain(report, options.bug);
      std::cout << "after " << seed - options.first + 1 << " seeds\n";
      return 1;
    }
  }
  const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - begun);
  std::cout << options.seeds << " seeds from " << options.first << ", every promise kept; "
            << took.count() << " ms\n"
            << totals.decisions << " decisions, " << totals.vouchers << " vouchers, "
            << totals.redemptions << " redemptions, " << totals.reservations << " reservations, "
            << totals.reversals << " reversals, " << totals.reissues << " reissues, "
            << totals.revocations << " revocations, " << totals.withdrawals << " withdrawals, "
            << totals.letters << " letters (" << totals.repeated_letters << " repeated), "
            << totals.recovered_leases << " leases recovered, " << totals.accidents
            << " accidents\n";
  return 0;
}

}  // namespace
}  // namespace kulanz::simulation

int main(int argc, char** argv) {
  using namespace kulanz::simulation;
  const auto options = ReadOptions(argc, argv);
  if (!options) {
    PrintUsage(std::cerr);
    return 2;
  }
  std::signal(SIGABRT, SayWhichSeed);
  return Main(*options);
}
