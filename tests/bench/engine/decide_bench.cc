// What a decision costs on one core, with the shipped rules and with many policies of one type; and what
// loading a policy set costs.
#include <benchmark/benchmark.h>

#include <memory>
#include <vector>

#include "service/base/check.h"
#include "service/engine/decide.h"
#include "service/policy/loader.h"
#include "tests/bench/engine/worlds.h"

namespace kulanz::engine {
namespace {

void DecideOnce(benchmark::State& state, const policy::PolicySet& policies, const History& history,
                bool explain) {
  const Incident incident = LateDelivery();
  const Customer customer = Regular();
  const std::vector<ExhaustedBudget> none;
  const Facts facts{.incident = incident,
                    .customer = customer,
                    .history = history,
                    .exhausted = none,
                    .now = *ParseInstant("2026-09-07T09:10:00Z")};
  for (auto _ : state) {
    Explanation explanation;
    Verdict verdict =
        explain ? DecideAndExplain(policies, facts, explanation) : Decide(policies, facts);
    benchmark::DoNotOptimize(verdict);
  }
  state.SetItemsProcessed(state.iterations());
}

void BM_ShippedRules(benchmark::State& state) {
  DecideOnce(state, *Shipped(), WithGestures(static_cast<std::size_t>(state.range(0))), false);
}
BENCHMARK(BM_ShippedRules)->Arg(0)->Arg(10)->Arg(500);

void BM_ShippedRulesExplained(benchmark::State& state) {
  DecideOnce(state, *Shipped(), History(), true);
}
BENCHMARK(BM_ShippedRulesExplained);

void BM_ManyPolicies(benchmark::State& state) {
  const auto policies =
      policy::LoadPolicySet(ManyPolicies(static_cast<int>(state.range(0)), Kind::kGuarded))
          .policies;
  KULANZ_CHECK(policies != nullptr, "the made-up policies are flawless");
  DecideOnce(state, *policies, History(), false);
}
BENCHMARK(BM_ManyPolicies)->Arg(1)->Arg(20)->Arg(200)->Arg(1000);

void BM_LoadPolicies(benchmark::State& state) {
  const policy::PolicyFiles files = ManyPolicies(static_cast<int>(state.range(0)), Kind::kGuarded);
  for (auto _ : state) {
    benchmark::DoNotOptimize(policy::LoadPolicySet(files));
  }
}
BENCHMARK(BM_LoadPolicies)->Arg(10)->Arg(1000)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace kulanz::engine
