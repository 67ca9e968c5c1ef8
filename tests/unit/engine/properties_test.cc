// Properties of whole decisions over random worlds: what a policy promises holds for every order of
// arrival, and the same facts always get the same answer.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "tests/unit/engine/builders.h"
#include "tests/unit/engine/random.h"

namespace kulanz::engine {
namespace {

constexpr std::int64_t kDayMs = 24 * 3600 * 1000;

// A world with histories and exact budgets, to which incidents are reported.
struct World {
  std::shared_ptr<const policy::PolicySet> policies;
  std::map<std::string, History> histories;
  std::map<std::string, std::int64_t> spent;  // by the budget period's first day

  Decision Report(const Incident& incident) {
    Case c;
    c.incident = incident;
    c.customer.id = incident.customer;
    c.history = histories[incident.customer.text()];
    while (true) {
      const Verdict verdict = c.Decide(*policies);
      if (verdict.decision.outcome == Outcome::kGranted && verdict.budget) {
        std::int64_t& sum = spent[FormatDate(verdict.budget->starts)];
        const std::int64_t amount = verdict.decision.voucher->amount.minor_units();
        if (sum + amount > verdict.budget->cap.minor_units()) {
          c.exhausted.push_back(
              {.budget = *verdict.budget, .amount = verdict.decision.voucher->amount});
          continue;
        }
        sum += amount;
      }
      if (verdict.decision.outcome == Outcome::kGranted) {
        Remember(verdict.decision);
      }
      return verdict.decision;
    }
  }

  void Remember(const Decision& decision) {
    auto& gestures = histories[decision.incident.customer.text()].gestures;
    gestures.push_back({.incident = decision.incident.id,
                        .policy = decision.policy,
                        .at = decision.incident.occurred_at,
                        .amount = decision.voucher->amount,
                        .once_per = decision.once_per});
    std::sort(gestures.begin(), gestures.end(), [](const GivenGesture& a, const GivenGesture& b) {
      return std::tie(a.at, a.incident) < std::tie(b.at, b.incident);
    });
  }
};

std::vector<Incident> RandomIncidents(Random& random, int count) {
  std::vector<Incident> incidents;
  for (int i = 0; i < count; ++i) {
    Incident incident;
    incident.id = IncidentId("i" + std::to_string(i));
    incident.customer = CustomerId("c" + std::to_string(random.Between(0, 3)));
    incident.type = "late";
    incident.occurred_at = At("2026-01-01T00:00:00Z") + Duration(random.Between(0, 200 * kDayMs));
    incident.order = Order{
        .id = OrderId("o" + std::to_string(random.Between(0, 40))), .total = {}, .placed_at = {}};
    incident.attributes["days"] = random.Between(-2, 20);
    incidents.push_back(std::move(incident));
  }
  random.Shuffle(incidents);
  return incidents;
}

constexpr const char* kRules =
    "gesture: [{when: incident.days >= 1, amount: eur(1.37) * incident.days}]\n"
    "amount: {at_least: eur(3.00), at_most: eur(15.00)}\n"
    "once_per: 'has(order.id) ? order.id : \"\"'\n"
    "limits:\n"
    "  - {vouchers: 3, per: customer, within: 30d}\n"
    "  - {amount: eur(40.00), per: customer, within: 60d}\n"
    "budget: {name: b, amount: eur(120.00), every: month}\n";

TEST(PropertiesTest, EveryPromiseHoldsInEveryOrderOfArrival) {
  const auto policies = LoadOne(kRules);
  for (std::uint64_t seed = 1; seed <= 25; ++seed) {
    Random random(seed);
    World world{.policies = policies, .histories = {}, .spent = {}};
    std::map<std::string, int> reasons;
    for (const Incident& incident : RandomIncidents(random, 150)) {
      const Decision decision = world.Report(incident);
      ++reasons[decision.reason];
      if (decision.voucher) {
        ASSERT_GE(decision.voucher->amount.minor_units(), 300) << "seed=" << seed;
        ASSERT_LE(decision.voucher->amount.minor_units(), 1500) << "seed=" << seed;
      }
    }
    for (const auto& [month, sum] : world.spent) {
      ASSERT_LE(sum, 12'000) << "seed=" << seed << " " << month;
    }
    for (const auto& [customer, history] : world.histories) {
      std::map<std::string, int> orders;
      for (const GivenGesture& first : history.gestures) {
        ASSERT_EQ(++orders[first.once_per], 1) << "seed=" << seed;
        std::int64_t vouchers = 0;
        std::int64_t amount = 0;
        for (const GivenGesture& other : history.gestures) {
          const Duration apart = other.at - first.at;
          vouchers += apart >= Duration(0) && apart < Duration(30 * kDayMs) ? 1 : 0;
          amount += apart >= Duration(0) && apart < Duration(60 * kDayMs)
                        ? other.amount.minor_units()
                        : 0;
        }
        ASSERT_LE(vouchers, 3) << "seed=" << seed << " " << customer;
        ASSERT_LE(amount, 4'000) << "seed=" << seed << " " << customer;
      }
    }
    // The worlds are full enough for each promise to matter.
    EXPECT_GT(reasons["GRANTED"], 0) << "seed=" << seed;
    EXPECT_GT(reasons["CUSTOMER_LIMIT"], 0) << "seed=" << seed;
    EXPECT_GT(reasons["ALREADY_COMPENSATED"], 0) << "seed=" << seed;
  }
}

TEST(PropertiesTest, ABudgetIsSpentToItsLastFit) {
  // Incidents of 5.00 against 100.00 a month: exactly twenty in each month that has as many.
  const auto policies = LoadOne("budget: {name: b, amount: eur(100.00), every: month}\n");
  Random random(11);
  World world{.policies = policies, .histories = {}, .spent = {}};
  int granted = 0;
  for (int i = 0; i < 90; ++i) {
    Incident incident;
    incident.id = IncidentId("i" + std::to_string(i));
    incident.customer = CustomerId("c" + std::to_string(i));
    incident.type = "late";
    incident.occurred_at =
        At("2026-03-01T00:00:00Z") + Duration(random.Between(0, 31 * kDayMs - 1));
    incident.attributes["days"] = std::int64_t{1};
    const Decision decision = world.Report(incident);
    granted += decision.outcome == Outcome::kGranted ? 1 : 0;
    EXPECT_EQ(decision.reason, granted < 20 || decision.voucher ? "GRANTED" : "BUDGET_EXHAUSTED");
  }
  EXPECT_EQ(granted, 20);
  EXPECT_EQ(world.spent.at("2026-03-01"), 10'000);
}

TEST(PropertiesTest, TheSameWorldTwiceGivesTheSameDecisions) {
  const auto first = LoadOne(kRules);
  const auto second = LoadOne(kRules);
  Random random(5);
  const std::vector<Incident> incidents = RandomIncidents(random, 200);
  World a{.policies = first, .histories = {}, .spent = {}};
  World b{.policies = second, .histories = {}, .spent = {}};
  for (const Incident& incident : incidents) {
    ASSERT_EQ(a.Report(incident), b.Report(incident));
  }
}

}  // namespace
}  // namespace kulanz::engine
