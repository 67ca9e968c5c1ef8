#include "service/kulanz/new/templates.h"

#include <algorithm>

#include "service/policy/incident_type.h"
#include "service/policy/policy.h"

namespace kulanz::command {
namespace {

constexpr std::string_view kIncidents =
    R"(# The ways in which we can let a customer down, and what a report of each must say.
# Reports are checked against this file, and so are the policies.
kulanz: v1

incidents:
  late_delivery:
    summary: A parcel came later than promised
    reporters: [system, agent]          # who may report it; customer is the third
    order: {id: required, total: optional}
    attributes:
      promised_at: {type: timestamp, description: The latest moment that the customer was promised}
      delivered_at: {type: timestamp, description: When it arrived}
      cause: {type: enum, values: [carrier, warehouse, customer], optional: true}
)";

constexpr std::string_view kPeople = R"(# Who signs our letters. A policy names one of them.
kulanz: v1

people:
  anna: {name: Anna Example, role: Head of Logistics, email: anna@example.com}
)";

constexpr std::string_view kFirstPolicy = R"(# A parcel came later than promised.
kulanz: v1
policy: late-delivery
summary: A parcel came later than promised
department: logistics               # who is accountable; reports are grouped by it
incidents: [late_delivery]
mode: enforce                       # enforce gives; shadow is only computed and reported
zone: Europe/Berlin                 # local days, months and the end of validity
currency: EUR

variables:
  # Whole days of the calendar, whatever the hour.
  days_late: daysBetween(incident.promised_at.date(), incident.delivered_at.date())

eligible: customer.orders_completed >= 1
exclude:
  - {when: has(incident.cause) && incident.cause == "customer", reason: NOT_OUR_FAULT}

# The first row that matches decides.
gesture:
  - {when: vars.days_late >= 7, amount: eur(20.00)}
  - {when: vars.days_late >= 1, amount: eur(5.00)}

once_per: order.id                  # one gesture per order
limits:
  - {vouchers: 2, per: customer, within: 90d}
budget: {name: logistics, amount: eur(1000.00), every: month}

voucher: {valid_for: 180d, prefix: SORRY}
delivery: {message: late-delivery, signed_by: anna}
)";

constexpr std::string_view kFirstTest = R"(# What the policies must do. Run it with: kulanz test
kulanz: v1
tests: late delivery

# Merged into each case, key by key.
defaults:
  incident:
    type: late_delivery
    occurred_at: 2026-03-10T12:00:00+01:00
    order: {id: A-1, total: 80.00 EUR}
    attributes: {promised_at: 2026-03-09T18:00:00+01:00, delivered_at: 2026-03-10T11:00:00+01:00}
  customer: {orders_completed: 3}

cases:
  - name: one day late
    expect: {outcome: granted, amount: 5.00 EUR, vars: {days_late: 1}}

  - name: a week late
    incident: {attributes: {promised_at: 2026-03-03T18:00:00+01:00}}
    expect: {outcome: granted, amount: 20.00 EUR}

  - name: in time
    incident: {attributes: {promised_at: 2026-03-10T18:00:00+01:00}}
    expect: {outcome: denied, reason: NO_GESTURE}

  - name: nobody was at home
    incident: {attributes: {cause: customer}}
    expect: {outcome: denied, reason: NOT_OUR_FAULT}

  - name: no customer yet
    customer: {orders_completed: 0}
    expect: {outcome: denied, reason: NOT_ELIGIBLE}

  - name: the third within ninety days
    history:
      - {policy: late-delivery, at: 2026-02-01T12:00:00+01:00, amount: 5.00 EUR}
      - {policy: late-delivery, at: 2026-02-20T12:00:00+01:00, amount: 5.00 EUR}
    expect: {outcome: denied, reason: CUSTOMER_LIMIT}

  - name: nothing left this month
    budgets: {logistics: exhausted}
    expect: {outcome: denied, reason: BUDGET_EXHAUSTED}
)";

// "eur(5.00)", or money(500, "JPY") with as many decimals as the currency has.
std::string AmountExpression(const std::string& currency, std::int64_t units) {
  const std::optional<Currency> known = Currency::FromCode(currency);
  std::string number = std::to_string(units);
  if (known && known->exponent() > 0) {
    number += "." + std::string(static_cast<std::size_t>(known->exponent()), '0');
  }
  return currency == "EUR" ? "eur(" + number + ")" : "money(" + number + ", \"" + currency + "\")";
}

// Within { } an expression with a comma stands in quotes.
std::string InFlow(const std::string& expression) {
  return expression.find(',') == std::string::npos ? expression : "'" + expression + "'";
}

}  // namespace

std::vector<NewFile> NewRuleSet() {
  return {{"incidents.yaml", std::string(kIncidents)},
          {"people.yaml", std::string(kPeople)},
          {"policies/late-delivery.yaml", std::string(kFirstPolicy)},
          {"tests/late_delivery_test.yaml", std::string(kFirstTest)}};
}

PolicyPlaces PlacesOf(const policy::PolicySet& policies) {
  PolicyPlaces places;
  const std::vector<std::string_view> types = policies.IncidentTypeNames();
  places.incident_type = types.empty() ? "" : std::string(types.front());
  if (!policies.people().empty()) {
    places.signed_by = policies.people().begin()->first;
  }
  if (!policies.policies().empty()) {
    const policy::Policy& first = *policies.policies().front();
    places.currency = std::string(first.currency->code());
    places.zone = first.zone_name;
    places.message = first.delivery.message;
    places.signed_by = first.delivery.signed_by;
  }
  return places;
}

NewFile NewPolicy(const std::string& name, const PolicyPlaces& places) {
  const std::string amount = AmountExpression(places.currency, 5);
  const std::string budget = InFlow(AmountExpression(places.currency, 1000));
  std::string text =
      "# What happens to the customer, and why we make it good. Each key: rules/README.md.\n"
      "kulanz: v1\n"
      "policy: " +
      name +
      "\n"
      "summary: One line for people\n"
      "department: service                # who is accountable; reports are grouped by it\n"
      "incidents: [" +
      places.incident_type +
      "]\n"
      "priority: 0                        # higher is asked first\n"
      "mode: shadow                       # is computed and reported, gives nothing; then: "
      "enforce\n"
      "zone: " +
      places.zone +
      "\n"
      "currency: " +
      places.currency +
      "\n"
      "\n"
      "# Who may get it, and when not.\n"
      "eligible: customer.orders_completed >= 1\n"
      "# exclude:\n"
      "#   - {when: incident.cause == \"customer\", reason: NOT_OUR_FAULT}\n"
      "\n"
      "# The first row that matches gives the amount; a row without `when` always matches.\n"
      "gesture:\n"
      "  - amount: " +
      amount +
      "\n"
      "# amount: {at_least: ..., at_most: ..., round: half_up}\n"
      "\n"
      "limits:\n"
      "  - {vouchers: 2, per: customer, within: 90d}\n"
      "budget: {name: " +
      name + ", amount: " + budget +
      ", every: month}\n"
      "\n"
      "voucher: {valid_for: 180d, prefix: SORRY}\n"
      "delivery: {message: " +
      (places.message.empty() ? name : places.message) +
      ", signed_by: " + (places.signed_by.empty() ? "somebody" : places.signed_by) + "}\n";
  return {.name = "policies/" + name + ".yaml", .text = std::move(text)};
}

std::string NewIncidentType(const std::string& name) {
  return "\n"
         "  " +
         name +
         ":\n"
         "    summary: One line for people\n"
         "    reporters: [system]               # who may report it: system, agent, customer\n"
         "    # order: {id: required, total: optional}\n"
         "    attributes:\n"
         "      promised_at: {type: timestamp, description: What we promised}\n"
         "      happened_at: {type: timestamp, description: What became of it}\n"
         "      cause: {type: enum, values: [ours, customer], optional: true}\n"
         "      # Further types: string, int, decimal, money, bool, date, duration, list.\n";
}

}  // namespace kulanz::command
