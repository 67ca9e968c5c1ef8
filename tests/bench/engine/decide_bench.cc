// What a decision costs on one core, with the shipped rules and with many policies of one type; and what
// loading a policy set costs.
#include <benchmark/benchmark.h>

#include <memory>
#include <string>
#include <vector>

#include "service/base/check.h"
#include "service/engine/decide.h"
#include "service/policy/loader.h"

namespace kulanz::engine {
namespace {

Money Eur(std::int64_t minor) { return *Money::FromMinorUnits(minor, *Currency::FromCode("EUR")); }

Incident LateDelivery() {
  Incident incident;
  incident.id = IncidentId("I-2026-4003");
  incident.customer = CustomerId("C-11242");
  incident.type = "late_delivery";
  incident.occurred_at = *ParseInstant("2026-09-07T09:09:13Z");
  incident.order = Order{.id = OrderId("O-709546"), .total = Eur(31'822), .placed_at = {}};
  incident.attributes["promised_at"] = *ParseInstant("2026-09-03T18:00:00Z");
  incident.attributes["delivered_at"] = incident.occurred_at;
  incident.attributes["cause"] = std::string("carrier");
  incident.attributes["parcels"] = std::int64_t{2};
  return incident;
}

Customer Regular() {
  Customer customer;
  customer.id = CustomerId("C-11242");
  customer.orders_completed = 9;
  customer.segment = "silver";
  return customer;
}

History WithGestures(std::size_t count) {
  History history;
  for (std::size_t i = 0; i < count; ++i) {
    history.gestures.push_back(
        {.incident = IncidentId("I-" + std::to_string(i)),
         .policy = PolicyId("late-delivery"),
         .at = *ParseInstant("2024-01-01T00:00:00Z") + std::chrono::hours(24) * static_cast<int>(i),
         .amount = Eur(1),
         .once_per = "O-" + std::to_string(i)});
  }
  return history;
}

std::shared_ptr<const policy::PolicySet> Shipped() {
  const policy::LoadResult result =
      policy::LoadPolicySet(std::string(KULANZ_SOURCE_DIR) + "/rules");
  KULANZ_CHECK(result.ok(), "the shipped rules are flawless");
  return result.policies;
}

// `count` policies of one type, each for another segment; the last one is that of the customer.
policy::PolicyFiles ManyPolicies(int count) {
  policy::PolicyFiles files;
  files.files.push_back(
      {.name = "incidents.yaml",
       .text = "kulanz: v1\nincidents:\n  late_delivery:\n    summary: Late\n    attributes:\n"
               "      promised_at: {type: timestamp}\n      delivered_at: {type: timestamp}\n"
               "      cause: {type: string, optional: true}\n      parcels: {type: int, optional: "
               "true}\n"});
  for (int i = 0; i < count; ++i) {
    const std::string segment = i + 1 == count ? "silver" : "segment-" + std::to_string(i);
    files.files.push_back(
        {.name = "policies/p" + std::to_string(i) + ".yaml",
         .text = "kulanz: v1\npolicy: p" + std::to_string(i) +
                 "\nsummary: A policy\ndepartment: logistics\nincidents: [late_delivery]\n"
                 "priority: " +
                 std::to_string(count - i) +
                 "\nzone: UTC\ncurrency: EUR\n"
                 "eligible: customer.segment == \"" +
                 segment +
                 "\" && incident.delivered_at - incident.promised_at > hours(24)\n"
                 "gesture: [{amount: eur(5.00)}]\nvoucher: {valid_for: 90d}\n"
                 "delivery: {message: late, signed_by: anna}\n"});
  }
  return files;
}

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
      policy::LoadPolicySet(ManyPolicies(static_cast<int>(state.range(0)))).policies;
  KULANZ_CHECK(policies != nullptr, "the made-up policies are flawless");
  DecideOnce(state, *policies, History(), false);
}
BENCHMARK(BM_ManyPolicies)->Arg(1)->Arg(20)->Arg(200)->Arg(1000);

void BM_LoadPolicies(benchmark::State& state) {
  const policy::PolicyFiles files = ManyPolicies(static_cast<int>(state.range(0)));
  for (auto _ : state) {
    benchmark::DoNotOptimize(policy::LoadPolicySet(files));
  }
}
BENCHMARK(BM_LoadPolicies)->Arg(10)->Arg(1000)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace kulanz::engine
