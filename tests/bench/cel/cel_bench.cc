// kulanz-cel-bench: ns and heap allocations per evaluation, explanation and compilation.
//
//   kulanz-cel-bench [--json] [NAME...]
//
// Each figure is the best of many short rounds: what the code takes when nothing else disturbs it. Exit 1
// when an expression does not yield what it should, or an evaluation calls the heap.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <new>
#include <string>
#include <string_view>
#include <vector>

#include "tests/bench/cel/cases.h"

namespace {
thread_local std::size_t allocations = 0;
}  // namespace

void* operator new(std::size_t size) {
  ++allocations;
  void* const memory = std::malloc(size == 0 ? 1 : size);
  if (memory == nullptr) {
    std::abort();
  }
  return memory;
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace {

using namespace kulanz::cel;  // NOLINT(google-build-using-namespace): the subject of this program
using Clock = std::chrono::steady_clock;

struct Figure {
  double ns = 0;
  double allocations = 0;
};

template <typename Run>
Figure Measure(const Run& run) {
  constexpr int kRounds = 60;
  constexpr auto kRound = std::chrono::milliseconds(2);
  std::size_t batch = 1;
  while (true) {  // until a batch takes a round's time
    const auto begin = Clock::now();
    for (std::size_t i = 0; i < batch; ++i) {
      run();
    }
    if (Clock::now() - begin >= kRound || batch > 10'000'000) {
      break;
    }
    batch *= 2;
  }
  double best = 1e18;
  const std::size_t before = allocations;
  for (int round = 0; round < kRounds; ++round) {
    const auto begin = Clock::now();
    for (std::size_t i = 0; i < batch; ++i) {
      run();
    }
    const std::chrono::duration<double, std::nano> took = Clock::now() - begin;
    best = std::min(best, took.count() / static_cast<double>(batch));
  }
  return {best, static_cast<double>(allocations - before) /
                    (static_cast<double>(batch) * static_cast<double>(kRounds))};
}

class Silent final : public Observer {
 public:
  void OnValue(TextSpan, const Value& value) override { last = value; }
  Value last;
};

struct Result {
  BenchCase bench_case;
  Figure evaluate;
  Figure explain;
  Figure compile;
};

// Keeps the optimiser from dropping the evaluation.
void Use(const Value& value) { asm volatile("" : : "g"(&value) : "memory"); }

bool RunCase(const BenchCase& one, Result& result) {
  const Environment& env = BenchEnvironment(one.group);
  const std::span<const Value> inputs = BenchInputs(one.group);
  const CompileResult compiled = Compile(one.text, env);
  if (!compiled.ok()) {
    std::fprintf(stderr, "%s", Render(compiled.diagnostics[0], one.text, one.name).c_str());
    return false;
  }
  Arena arena;
  const std::string shown = DebugString(compiled.program->Evaluate(inputs, arena));
  if (shown != one.result) {
    std::fprintf(stderr, "%s: %s\n  expected %s\n  actual   %s\n", std::string(one.name).c_str(),
                 std::string(one.text).c_str(), std::string(one.result).c_str(), shown.c_str());
    return false;
  }
  result.bench_case = one;
  result.evaluate = Measure([&] {
    arena.Reset();
    Use(compiled.program->Evaluate(inputs, arena));
  });
  Silent observer;
  result.explain = Measure([&] {
    arena.Reset();
    Use(compiled.program->Explain(inputs, arena, observer));
  });
  result.compile = Measure([&] { (void)Compile(one.text, env); });
  return result.evaluate.allocations == 0;
}

void PrintJson(const std::vector<Result>& results) {
  std::printf("[");
  for (const Result& r : results) {
    std::printf(
        "%s\n {\"name\": \"%s\", \"group\": \"%s\", \"ns\": %.2f, \"allocations\": %.3f, "
        "\"explain_ns\": %.2f, \"compile_ns\": %.0f}",
        &r == results.data() ? "" : ",", std::string(r.bench_case.name).c_str(),
        std::string(r.bench_case.group).c_str(), r.evaluate.ns, r.evaluate.allocations,
        r.explain.ns, r.compile.ns);
  }
  std::printf("\n]\n");
}

void PrintText(const std::vector<Result>& results) {
  std::printf("%-24s %9s %7s %8s %11s %11s\n", "expression", "ns", "target", "allocs", "explain ns",
              "compile us");
  for (const Result& r : results) {
    const std::string target =
        r.bench_case.target_ns > 0 ? std::to_string(static_cast<int>(r.bench_case.target_ns)) : "";
    std::printf("%-24s %9.1f %7s %8.2f %11.1f %11.2f\n", std::string(r.bench_case.name).c_str(),
                r.evaluate.ns, target.c_str(), r.evaluate.allocations, r.explain.ns,
                r.compile.ns / 1000);
  }
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string_view> args(argv + 1, argv + argc);
  const bool json = std::find(args.begin(), args.end(), "--json") != args.end();
  const bool some = args.size() > (json ? 1U : 0U);
  std::vector<Result> results;
  bool ok = true;
  for (const BenchCase& one : BenchCases()) {
    if (some && std::find(args.begin(), args.end(), one.name) == args.end()) {
      continue;
    }
    ok = RunCase(one, results.emplace_back()) && ok;
  }
  if (json) {
    PrintJson(results);
  } else {
    PrintText(results);
  }
  return ok ? 0 : 1;
}
