// Builders for tests of decisions: a policy set from text, an incident, a customer, a history.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "service/engine/decide.h"
#include "service/policy/loader.h"

namespace kulanz::engine {

inline Instant At(const std::string& text) {
  const std::optional<Instant> instant = ParseInstant(text);
  EXPECT_TRUE(instant) << text;
  return instant.value_or(Instant{});
}

inline Money Eur(const std::string& number) {
  const std::optional<Money> money = Money::Parse(number, *Currency::FromCode("EUR"));
  EXPECT_TRUE(money) << number;
  return money.value_or(Money::Zero(*Currency::FromCode("EUR")));
}

inline constexpr const char* kTestIncidents = R"(kulanz: v1
incidents:
  late:
    summary: Late
    reporters: [system, agent, customer]
    attributes:
      days: {type: int}
      cause: {type: enum, values: [carrier, weather, customer], optional: true}
      parts: {type: list, max_size: 5, optional: true}
      price: {type: money, optional: true}
)";

// A policy with the usual head; `rest` gives the keys that matter to the test.
inline std::string PolicyText(const std::string& id, const std::string& rest) {
  const auto add = [&rest](const std::string& key, const std::string& value) {
    const bool given =
        rest.starts_with(key + ":") || rest.find("\n" + key + ":") != std::string::npos;
    return given ? "" : key + ": " + value + "\n";
  };
  return "kulanz: v1\npolicy: " + id + "\nsummary: A test\ndepartment: logistics\n" +
         "incidents: [late]\n" + add("zone", "UTC") + add("currency", "EUR") +
         add("gesture", "[{amount: eur(5.00)}]") + add("voucher", "{valid_for: 10d}") +
         add("delivery", "{message: late, signed_by: anna}") + rest;
}

// Policies by file name, p0.yaml, p1.yaml, ...
inline std::shared_ptr<const policy::PolicySet> LoadSet(const std::vector<std::string>& texts) {
  policy::PolicyFiles files;
  files.files.push_back({.name = "incidents.yaml", .text = kTestIncidents});
  for (std::size_t i = 0; i < texts.size(); ++i) {
    files.files.push_back({.name = "policies/p" + std::to_string(i) + ".yaml", .text = texts[i]});
  }
  const policy::LoadResult result = policy::LoadPolicySet(files);
  EXPECT_TRUE(result.ok()) << policy::Render(result.diagnostics);
  return result.policies;
}

inline std::shared_ptr<const policy::PolicySet> LoadOne(const std::string& rest) {
  return LoadSet({PolicyText("p", rest)});
}

struct Case {
  Incident incident;
  Customer customer;
  History history;
  std::vector<ExhaustedBudget> exhausted;
  Instant now = At("2026-11-21T12:00:00Z");
  std::optional<Money> given_before;
  std::vector<std::string> empty_pools;

  Case() {
    incident.id = IncidentId("i-1");
    incident.customer = CustomerId("c-1");
    incident.type = "late";
    incident.occurred_at = At("2026-11-20T12:00:00Z");
    incident.attributes["days"] = std::int64_t{3};
    customer.id = CustomerId("c-1");
    customer.orders_completed = 3;
    customer.segment = "gold";
  }
  Verdict Decide(const policy::PolicySet& policies) const {
    const Facts facts{.incident = incident,
                      .customer = customer,
                      .history = history,
                      .exhausted = exhausted,
                      .now = now,
                      .given_before = given_before,
                      .empty_pools = empty_pools};
    Verdict verdict = engine::Decide(policies, facts);
    Explanation explanation;
    const Verdict explained = DecideAndExplain(policies, facts, explanation);
    EXPECT_EQ(explained.decision, verdict.decision);  // an explanation changes nothing
    EXPECT_EQ(explained.budget, verdict.budget);
    return verdict;
  }
  Explanation Explain(const policy::PolicySet& policies) const {
    Explanation explanation;
    static_cast<void>(DecideAndExplain(policies,
                                       {.incident = incident,
                                        .customer = customer,
                                        .history = history,
                                        .exhausted = exhausted,
                                        .now = now,
                                        .given_before = given_before,
                                        .empty_pools = empty_pools},
                                       explanation));
    return explanation;
  }
  // "granted GRANTED p 5.00", "denied NO_POLICY", ...
  std::string Say(const policy::PolicySet& policies) const {
    const Verdict verdict = Decide(policies);
    std::string out(OutcomeName(verdict.decision.outcome));
    out += " " + verdict.decision.reason;
    if (!verdict.decision.policy.empty()) {
      out += " " + verdict.decision.policy.text();
    }
    if (verdict.decision.voucher) {
      out += " " + verdict.decision.voucher->amount.Number();
    }
    return out;
  }
  void Given(const std::string& at, const std::string& amount, const std::string& policy = "p",
             const std::string& once_per = "") {
    history.gestures.push_back(
        {.incident = IncidentId("g" + std::to_string(history.gestures.size())),
         .policy = PolicyId(policy),
         .at = At(at),
         .amount = Eur(amount),
         .once_per = once_per});
  }
};

}  // namespace kulanz::engine
