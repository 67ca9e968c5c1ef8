#include "tests/bench/engine/worlds.h"

#include <string>

#include "service/base/check.h"
#include "service/policy/loader.h"
#include "tests/support/paths/paths.h"

namespace kulanz::engine {
namespace {

Money Eur(std::int64_t minor) { return *Money::FromMinorUnits(minor, *Currency::FromCode("EUR")); }

}  // namespace

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
  const policy::LoadResult result = policy::LoadPolicySet(test::SourcePath("rules"));
  KULANZ_CHECK(result.ok(), "the shipped rules are flawless");
  return result.policies;
}

policy::PolicyFiles ManyPolicies(int count, Kind kind) {
  policy::PolicyFiles files;
  files.files.push_back(
      {.name = "incidents.yaml",
       .text = "kulanz: v1\nincidents:\n  late_delivery:\n    summary: Late\n    attributes:\n"
               "      promised_at: {type: timestamp}\n      delivered_at: {type: timestamp}\n"
               "      cause: {type: string, optional: true}\n      parcels: {type: int, optional: "
               "true}\n"});
  for (int i = 0; i < count; ++i) {
    const std::string segment = i + 1 == count ? "silver" : "segment-" + std::to_string(i);
    const std::string late = "incident.delivered_at - incident.promised_at > hours(";
    const std::string eligible =
        kind == Kind::kGuarded ? "customer.segment == \"" + segment + "\" && " + late + "24)"
                               : late + (i + 1 == count ? "24" : std::to_string(24 * (30 + i))) +
                                     ") && customer.orders_completed >= " + std::to_string(i % 7);
    files.files.push_back(
        {.name = "policies/p" + std::to_string(i) + ".yaml",
         .text = "kulanz: v1\npolicy: p" + std::to_string(i) +
                 "\nsummary: A policy\ndepartment: logistics\nincidents: [late_delivery]\n"
                 "priority: " +
                 std::to_string(count - i) +
                 "\nzone: UTC\ncurrency: EUR\n"
                 "eligible: " +
                 eligible +
                 "\ngesture: [{amount: eur(5.00)}]\nvoucher: {valid_for: 90d}\n"
                 "delivery: {message: late, signed_by: anna}\n"});
  }
  return files;
}

}  // namespace kulanz::engine
