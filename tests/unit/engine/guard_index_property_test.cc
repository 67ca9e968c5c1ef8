// The index changes no decision: thousands of incidents against random policy sets, asked by the index
// and one policy after the other, get the same verdict bit by bit.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "tests/unit/engine/builders.h"
#include "tests/unit/engine/random.h"

namespace kulanz::engine {
namespace {

constexpr const char* kIncidents = R"(kulanz: v1
incidents:
  late:
    summary: Late
    reporters: [system, agent, customer]
    attributes:
      days: {type: int}
      level: {type: int, optional: true}
      score: {type: decimal}
      cause: {type: enum, values: [carrier, weather, customer], optional: true}
      parts: {type: list, max_size: 3}
  lost:
    summary: Lost
    attributes:
      days: {type: int}
      level: {type: int, optional: true}
      score: {type: decimal}
      cause: {type: enum, values: [carrier, weather, customer], optional: true}
      parts: {type: list, max_size: 3}
)";

template <typename T>
const T& Pick(Random& random, const std::vector<T>& items) {
  return items[static_cast<std::size_t>(
      random.Between(0, static_cast<std::int64_t>(items.size()) - 1))];
}

// Guards, things that look like guards, conditions that fail for some incidents, and others.
std::string Conjunct(Random& random) {
  static const std::vector<std::string> kConjuncts = {
      "customer.segment == \"gold\"",
      "customer.segment == \"silver\"",
      "\"bronze\" == customer.segment",
      "customer.segment in [\"gold\", \"silver\"]",
      "customer.segment in [\"tin\"]",
      "incident.type == \"late\"",
      "incident.days == 2",
      "incident.days in [0, 1, 4]",
      "incident.score == 1",  // of another kind than the fact
      "has(incident.cause) && incident.cause == \"carrier\"",
      "(has(incident.level) && (incident.level == 1 && incident.cause.size() > 0 || true))",
      "has(incident.level) && incident.level in [1, 2]",
      "has(incident.level) && incident.level == 1 && has(incident.cause) && "
      "incident.cause in [\"weather\", \"carrier\"]",
      "(customer.segment == \"gold\" || incident.days > 2)",
      "!(customer.segment == \"gold\")",
      "incident.days > 0",
      "10 / incident.days > 3",  // fails for 0
      "10 / (incident.days - 2) != 5",
      "vars.share > 2",  // fails for 0
      "vars.sum > 1",
      "vars.text == \"gold3\"",
      "incident.parts.exists(p, p == \"a\")",
      "incident.parts.all(p, int(p) > 0)",  // fails for what is no number
      "customer.orders_completed >= 2",
      "incident.reporter == \"agent\"",
  };
  return Pick(random, kConjuncts);
}

std::string Condition(Random& random) {
  std::string text = Conjunct(random);
  for (std::int64_t more = random.Between(0, 2); more > 0; --more) {
    const std::string next = Conjunct(random);
    switch (random.Between(0, 5)) {
      case 0:
        text = "(" + text + ") && (" + next + ")";
        break;
      case 1:
        text = "(" + text + ") || (" + next + ")";
        break;
      default:
        text += " && " + next;
    }
  }
  return text;
}

std::string RandomPolicy(Random& random, int number) {
  static const std::vector<std::string> kModes = {"enforce", "enforce", "enforce",
                                                  "review",  "shadow",  "off"};
  std::string text = "priority: " + std::to_string(random.Between(0, 3)) +
                     "\nmode: " + Pick(random, kModes) + "\n";
  text +=
      "variables:\n  share: 10 / incident.days\n  sum: size(incident.parts) + incident.days\n"
      "  text: customer.segment + string(incident.days)\n";
  if (random.Between(0, 2) > 0) {
    text += "eligible: '" + Condition(random) + "'\n";
  }
  if (random.Between(0, 5) == 0) {
    text += "exclude: [{when: '" + Condition(random) + "', reason: EXCLUDED_" +
            std::to_string(number % 3) + "}]\n";
  }
  text += "gesture:\n";
  for (std::int64_t rows = random.Between(1, 3); rows > 0; --rows) {
    const std::string when = random.Between(0, 3) > 0 ? "when: '" + Condition(random) + "', " : "";
    static const std::vector<std::string> kAmounts = {"eur(5.00)", "eur(3.00) * incident.days",
                                                      "eur(2.00) * (10 / incident.days)",
                                                      "eur(1.00) * incident.score"};
    text += "  - {" + when +
            (random.Between(0, 6) == 0 ? "apologise: true" : "amount: " + Pick(random, kAmounts)) +
            "}\n";
  }
  if (random.Between(0, 3) == 0) {
    text += "severity: [{when: '" + Condition(random) + "', is: severe}]\n" +
            "review: {severity: severe}\n";
  }
  if (random.Between(0, 3) == 0) {
    text += "effective: {from: 2026-0" + std::to_string(random.Between(1, 9)) + "-01}\n";
  }
  if (random.Between(0, 3) == 0) {
    text += "limits: [{vouchers: 1, per: customer, within: 20d}]\n";
  }
  if (random.Between(0, 3) == 0) {
    text += "budget: {name: b, amount: eur(100.00), every: month}\n";
  }
  std::string whole = PolicyText("p" + std::to_string(number), text);
  const std::string one = "incidents: [late]";
  if (random.Between(0, 2) == 0) {
    whole.replace(whole.find(one), one.size(), "incidents: [late, lost]");
  }
  return whole;
}

// Of `count` random policies; those whose text does not pass the checks are left out.
std::shared_ptr<const policy::PolicySet> RandomSet(Random& random, std::int64_t count) {
  policy::PolicyFiles files;
  files.files.push_back({.name = "incidents.yaml", .text = kIncidents});
  for (int i = 0; i < count; ++i) {
    files.files.push_back(
        {.name = "policies/p" + std::to_string(i) + ".yaml", .text = RandomPolicy(random, i)});
  }
  policy::LoadResult result = policy::LoadPolicySet(files);
  std::erase_if(files.files, [&result](const policy::PolicyFile& file) {
    return std::any_of(result.diagnostics.begin(), result.diagnostics.end(),
                       [&file](const policy::Diagnostic& d) { return d.file == file.name; });
  });
  if (!result.ok()) {
    result = policy::LoadPolicySet(files);
  }
  EXPECT_TRUE(result.ok()) << policy::Render(result.diagnostics);
  return result.policies;
}

Case RandomCase(Random& random) {
  static const std::vector<std::string> kSegments = {"gold", "silver", "bronze", "tin", ""};
  static const std::vector<std::string> kCauses = {"carrier", "weather", "customer"};
  Case c;
  c.incident.type = random.Between(0, 3) > 0 ? "late" : "lost";
  c.incident.occurred_at =
      At("2025-12-20T00:00:00Z") + std::chrono::hours(24 * random.Between(0, 300));
  c.incident.reporter = static_cast<Reporter>(random.Between(0, 2));
  c.incident.attributes["days"] = random.Between(0, 4);
  c.incident.attributes["score"] = *Decimal::FromParts(random.Between(5, 15), 1);
  c.incident.attributes["parts"] =
      AttributeList(static_cast<std::size_t>(random.Between(0, 2)),
                    std::string(random.Between(0, 1) == 0 ? "a" : "1"));
  if (random.Between(0, 1) == 0) {
    c.incident.attributes["cause"] = Pick(random, kCauses);
  }
  if (random.Between(0, 1) == 0) {
    c.incident.attributes["level"] = random.Between(0, 3);
  }
  c.customer.segment = Pick(random, kSegments);
  c.customer.orders_completed = random.Between(0, 3);
  if (random.Between(0, 2) == 0) {
    c.Given("2026-05-01T00:00:00Z", "5.00", "p1");
  }
  return c;
}

TEST(GuardIndexPropertyTest, EveryVerdictIsThatOfAskingAllPolicies) {
  std::map<std::string, int> reasons;
  for (std::uint64_t seed = 1; seed <= 120; ++seed) {
    Random random(seed);
    // Now and then more than one machine word of policies.
    const auto policies =
        RandomSet(random, random.Between(0, 9) == 0 ? 150 : random.Between(1, 24));
    ASSERT_NE(policies, nullptr);
    for (int i = 0; i < 60; ++i) {
      const Case c = RandomCase(random);
      const Facts facts{.incident = c.incident,
                        .customer = c.customer,
                        .history = c.history,
                        .exhausted = c.exhausted,
                        .now = c.now};
      const Verdict indexed = Decide(*policies, facts);
      const Verdict linear = DecideByAskingAll(*policies, facts);
      ASSERT_EQ(indexed.decision, linear.decision)
          << "seed=" << seed << " " << linear.decision.reason << " "
          << linear.decision.policy.text() << ", by the index " << indexed.decision.reason << " "
          << indexed.decision.policy.text();
      ASSERT_EQ(indexed.budget, linear.budget) << "seed=" << seed;
      ++reasons[linear.decision.reason];
    }
  }
  // The worlds are various enough for the comparison to matter.
  for (const char* reason :
       {"GRANTED", "POLICY_REVIEW", "EVALUATION_ERROR", "CUSTOMER_LIMIT", "EXCLUDED_1",
        "NO_GESTURE", "NOT_ELIGIBLE", "NO_POLICY", "APOLOGISED", "SEVERE_FAULT"}) {
    EXPECT_GT(reasons[reason], 10) << reason;
  }
}

}  // namespace
}  // namespace kulanz::engine
