// Every figure of the engine and the loader in one run, beside its target and its ratio to the others.
//
// All times are processor time of one thread, the least of several rounds: others who use the machine
// make them longer, never shorter.
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include "service/base/check.h"
#include "service/engine/decide.h"
#include "service/policy/loader.h"
#include "service/policy/yaml_reader.h"
#include "tests/bench/engine/worlds.h"
#include "tests/support/paths/paths.h"

namespace kulanz::engine {
namespace {

double ThreadSeconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

// Microseconds of one call of `work`.
double Measure(int calls, const std::function<void()>& work) {
  constexpr int kRounds = 9;
  work();
  double least = 1e9;
  for (int round = 0; round < kRounds; ++round) {
    const double begin = ThreadSeconds();
    for (int i = 0; i < calls; ++i) {
      work();
    }
    least = std::min(least, (ThreadSeconds() - begin) / calls);
  }
  return least * 1e6;
}

void Print(const char* what, double microseconds, double target) {
  std::printf("%-52s %10.2f us", what, microseconds);
  if (target > 0) {
    std::printf("   target %8.0f us   %s", target, microseconds <= target ? "met" : "MISSED");
  }
  std::printf("\n");
}
void PrintRatio(const char* what, double ratio, double target) {
  std::printf("%-52s %10.2f x ", what, ratio);
  if (target > 0) {
    std::printf("   target %8.0f x    %s", target, ratio <= target ? "met" : "MISSED");
  }
  std::printf("\n");
}

struct Decisions {
  double plain = 0;
  double all = 0;
  double explained = 0;
};

Decisions MeasureDecisions(const policy::PolicySet& policies) {
  const Incident incident = LateDelivery();
  const Customer customer = Regular();
  const History history = WithGestures(5);
  const std::vector<ExhaustedBudget> none;
  const Facts facts{.incident = incident,
                    .customer = customer,
                    .history = history,
                    .exhausted = none,
                    .now = *ParseInstant("2026-09-07T09:10:00Z")};
  KULANZ_CHECK(Decide(policies, facts).decision.outcome == Outcome::kGranted, "there is an answer");
  Decisions result;
  result.plain = Measure(2000, [&] { static_cast<void>(Decide(policies, facts)); });
  result.all = Measure(1000, [&] { static_cast<void>(DecideByAskingAll(policies, facts)); });
  result.explained = Measure(200, [&] {
    Explanation explanation;
    static_cast<void>(DecideAndExplain(policies, facts, explanation));
  });
  return result;
}

std::shared_ptr<const policy::PolicySet> Loaded(const policy::PolicyFiles& files) {
  const policy::LoadResult result = policy::LoadPolicySet(files);
  KULANZ_CHECK(result.ok(), "the made-up policies are flawless");
  return result.policies;
}

// Milliseconds of processor time of `kulanz check` on the files.
double MeasureCheck(const policy::PolicyFiles& files) {
  const std::filesystem::path folder =
      std::filesystem::temp_directory_path() / ("kulanz-figures-" + std::to_string(getpid()));
  std::filesystem::create_directories(folder / "policies");
  for (const policy::PolicyFile& file : files.files) {
    std::ofstream(folder / file.name) << file.text;
  }
  const std::string program = test::BinPath("kulanz");
  double least = 1e9;
  for (int round = 0; round < 5; ++round) {
    std::fflush(stdout);
    const pid_t child = fork();
    if (child == 0) {
      std::freopen("/dev/null", "w", stdout);
      std::freopen("/dev/null", "w", stderr);
      execl(program.c_str(), program.c_str(), "check", folder.c_str(), nullptr);
      _exit(127);
    }
    int status = 0;
    rusage usage{};
    wait4(child, &status, 0, &usage);
    if (!WIFEXITED(status) || WEXITSTATUS(status) == 127) {
      least = -1;
      break;
    }
    const auto ms = [](const timeval& time) {
      return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_usec) * 1e-3;
    };
    least = std::min(least, ms(usage.ru_utime) + ms(usage.ru_stime));
  }
  std::filesystem::remove_all(folder);
  return least;
}

void Run() {
  std::printf("Processor time of one thread; the least of several rounds\n\n");
  const Decisions shipped = MeasureDecisions(*Shipped());
  Print("decision, shipped rules", shipped.plain, 0);
  Print("  with explanation", shipped.explained, 0);
  PrintRatio("  ratio", shipped.explained / shipped.plain, 4);

  const Decisions guarded = MeasureDecisions(*Loaded(ManyPolicies(200, Kind::kGuarded)));
  Print("decision, 200 policies with guards", guarded.plain, 3);
  Print("  all policies asked, without the index", guarded.all, 15);
  PrintRatio("  gain of the index", guarded.all / guarded.plain, 0);
  Print("  with explanation of all 200", guarded.explained, 4.0 * 15);
  PrintRatio("  ratio to all asked", guarded.explained / guarded.all, 4);
  PrintRatio("  ratio to the index", guarded.explained / guarded.plain, 0);

  const Decisions ranges = MeasureDecisions(*Loaded(ManyPolicies(200, Kind::kRanges)));
  Print("decision, 200 policies that no index helps", ranges.plain, 15);
  Print("  with explanation of all 200", ranges.explained, 4.0 * 15);
  PrintRatio("  ratio", ranges.explained / ranges.plain, 4);

  const Decisions thousand = MeasureDecisions(*Loaded(ManyPolicies(1000, Kind::kGuarded)));
  Print("decision, 1,000 policies with guards", thousand.plain, 0);

  const policy::PolicyFiles files = ManyPolicies(1000, Kind::kGuarded);
  Print("load 1,000 policies", Measure(1, [&] { static_cast<void>(Loaded(files)); }), 50'000);
  Print("  of it YAML",
        Measure(1,
                [&] {
                  policy::DiagnosticSink sink;
                  for (const policy::PolicyFile& file : files.files) {
                    static_cast<void>(
                        policy::ReadYaml(policy::SourceFile(file.name, file.text), sink));
                  }
                }),
        0);
  Print("  the same by yaml-cpp alone",
        Measure(1,
                [&] {
                  policy::DiagnosticSink sink;
                  for (const policy::PolicyFile& file : files.files) {
                    static_cast<void>(
                        policy::ReadAnyYaml(policy::SourceFile(file.name, file.text), sink));
                  }
                }),
        0);
  Print("kulanz check of 1,000 policies, whole process", MeasureCheck(files) * 1e3, 50'000);
}

}  // namespace
}  // namespace kulanz::engine

int main() {
  kulanz::engine::Run();
  return 0;
}
