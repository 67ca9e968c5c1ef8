// Limits by key, by calendar period and by reporter, top-ups and choose: highest against brute force, over
// random incidents in random order of arrival. Histories are kept by engine::WithDecision, as everywhere.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "service/engine/history.h"
#include "tests/unit/engine/builders.h"
#include "tests/unit/engine/random.h"

namespace kulanz::engine {
namespace {

constexpr Duration kReach = std::chrono::hours(24 * 2000);

// What was given for one incident, remembered apart from the engine's history.
struct Given {
  Incident incident;
  std::int64_t minor_units = 0;
};

Incident RandomIncident(Random& random, int number) {
  Incident incident;
  incident.id = IncidentId("i" + std::to_string(number));
  incident.type = "late";
  incident.occurred_at =
      At("2026-01-01T00:00:00Z") + std::chrono::minutes(random.Between(0, 400 * 24 * 60));
  incident.reporter = static_cast<Reporter>(random.Between(0, 2));
  if (random.Between(0, 4) > 0) {
    incident.order = Order{
        .id = OrderId("o" + std::to_string(random.Between(0, 6))), .total = {}, .placed_at = {}};
  }
  incident.attributes["days"] = random.Between(1, 9);
  return incident;
}

// The year and month on a wall in Berlin, without the engine's calendar: clocks there are one hour ahead of
// UTC, two from the last Sunday of March to that of October, at 01:00 UTC.
std::pair<int, unsigned> MonthInBerlin(Instant at) {
  const auto last_sunday = [](std::chrono::year year, std::chrono::month month) {
    return std::chrono::sys_days(year / month / std::chrono::Sunday[std::chrono::last]) +
           std::chrono::hours(1);
  };
  const std::chrono::year_month_day utc(std::chrono::floor<std::chrono::days>(at));
  const bool is_summer = at >= last_sunday(utc.year(), std::chrono::March) &&
                         at < last_sunday(utc.year(), std::chrono::October);
  const Instant local = at + std::chrono::hours(is_summer ? 2 : 1);
  const std::chrono::year_month_day day(std::chrono::floor<std::chrono::days>(local));
  return {static_cast<int>(day.year()), static_cast<unsigned>(day.month())};
}

std::string OrderOf(const Incident& incident) {
  return incident.order ? incident.order->id.text() : "";
}

// Whether one more gift of `minor_units` for `incident` would break the limits of kRules, by looking at all
// that was given: 2 vouchers per order and month of the calendar, 30.00 per number of days within 90 days,
// 3 vouchers within 60 days for what customers reported.
constexpr const char* kRules =
    "zone: Europe/Berlin\n"
    "gesture: [{amount: eur(1.25) * incident.days}]\n"
    "limits:\n"
    "  - {vouchers: 2, per: order, every: month}\n"
    "  - {amount: eur(30.00), per: 'string(incident.days)', within: 90d}\n"
    "  - {vouchers: 3, per: customer, within: 60d, reported_by: customer}\n";

// The most that any span of `within` around `at` holds: the fullest begins at some gift, or at `at`.
template <typename Weigh>
std::int64_t Fullest(const std::vector<Given>& given, Instant at, Duration within,
                     const Weigh& weigh) {
  std::vector<Instant> begins = {at};
  for (const Given& one : given) {
    begins.push_back(one.incident.occurred_at);
  }
  std::int64_t most = 0;
  for (const Instant begin : begins) {
    if (begin > at || at - begin >= within) {
      continue;
    }
    std::int64_t held = 0;
    for (const Given& one : given) {
      const Duration after = one.incident.occurred_at - begin;
      held += after >= Duration(0) && after < within ? weigh(one) : 0;
    }
    most = std::max(most, held);
  }
  return most;
}

bool WouldBreak(const std::vector<Given>& given, const Incident& incident,
                std::int64_t minor_units) {
  const std::string order = OrderOf(incident);
  const auto month = MonthInBerlin(incident.occurred_at);
  const auto of_order = std::count_if(given.begin(), given.end(), [&](const Given& one) {
    return !order.empty() && OrderOf(one.incident) == order && one.incident.id != incident.id &&
           MonthInBerlin(one.incident.occurred_at) == month;
  });
  const auto& days = incident.attributes.at("days");
  const std::int64_t of_days =
      Fullest(given, incident.occurred_at, std::chrono::hours(24 * 90), [&](const Given& one) {
        return one.incident.attributes.at("days") == days ? one.minor_units : 0;
      });
  const std::int64_t of_customer =
      Fullest(given, incident.occurred_at, std::chrono::hours(24 * 60), [&](const Given& one) {
        return one.incident.reporter == Reporter::kCustomer && one.incident.id != incident.id ? 1
                                                                                              : 0;
      });
  return of_order >= 2 || of_days + minor_units > 3000 ||
         (incident.reporter == Reporter::kCustomer && of_customer >= 3);
}

TEST(LimitPropertiesTest, KeysPeriodsAndReportersCountAsByBruteForce) {
  const auto policies = LoadOne(kRules);
  int refused = 0;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    Random random(seed);
    std::vector<Given> given;
    Case c;
    for (int i = 0; i < 120; ++i) {
      c.incident = RandomIncident(random, i);
      const std::int64_t amount = 125 * std::get<std::int64_t>(c.incident.attributes["days"]);
      const Decision decision = c.Decide(*policies).decision;
      const bool breaks = WouldBreak(given, c.incident, amount);
      ASSERT_EQ(decision.reason, breaks ? "CUSTOMER_LIMIT" : "GRANTED")
          << "seed=" << seed << " incident " << i;
      refused += breaks ? 1 : 0;
      if (!breaks) {
        given.push_back({c.incident, amount});
      }
      c.history = WithDecision(c.history, decision, kReach, c.now);
      ASSERT_EQ(c.history.gestures.size(), given.size());
    }
  }
  EXPECT_GT(refused, 500);  // the limits are tight enough to matter
}

// A delay that grows is reported again and again; in the end it has had what it came to, and no more.
TEST(LimitPropertiesTest, TopUpsAddUpToTheHighestAmountReported) {
  const auto policies = LoadOne(
      "gesture: [{amount: eur(1.25) * incident.days}]\n"
      "once_per: incident.id\n"
      "limits: [{vouchers: 1, per: customer, within: 90d}]\n");
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    Random random(seed);
    Case c;
    std::int64_t given = 0;
    std::int64_t most = 0;
    for (std::uint32_t revision = 0; revision < 12; ++revision) {
      const std::int64_t days = random.Between(1, 30);
      c.incident.revision = revision;
      c.incident.attributes["days"] = days;
      most = std::max(most, days * 125);
      const Decision decision = c.Decide(*policies).decision;
      ASSERT_EQ(decision.reason, most > given ? "GRANTED" : "NOTHING_TO_ADD") << "seed=" << seed;
      given += decision.voucher ? decision.voucher->amount.minor_units() : 0;
      ASSERT_EQ(given, most) << "seed=" << seed;
      c.history = WithDecision(c.history, decision, kReach, c.now);
      c.given_before = *Money::FromMinorUnits(given, *Currency::FromCode("EUR"));
      ASSERT_EQ(c.history.gestures.size(), 1U);
      ASSERT_EQ(c.history.gestures[0].amount, *c.given_before);
    }
  }
}

TEST(LimitPropertiesTest, TheHighestIsTheMaximumOverAllPolicies) {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    Random random(seed);
    policy::PolicyFiles files;
    files.files.push_back({.name = "incidents.yaml", .text = kTestIncidents});
    files.files.push_back({.name = "settings.yaml", .text = "kulanz: v1\nchoose: highest\n"});
    struct Row {
      std::int64_t from_day, minor_units, priority;
    };
    std::vector<Row> rows;
    for (int i = 0; i < 6; ++i) {
      rows.push_back({random.Between(1, 8), random.Between(1, 5) * 100, random.Between(0, 3)});
      files.files.push_back(
          {.name = "policies/p" + std::to_string(i) + ".yaml",
           .text = PolicyText(
               "p" + std::to_string(i),
               "priority: " + std::to_string(rows.back().priority) +
                   "\ngesture: [{when: incident.days >= " + std::to_string(rows.back().from_day) +
                   ", amount: eur(" + std::to_string(rows.back().minor_units / 100) + ".00)}]\n")});
    }
    const auto policies = policy::LoadPolicySet(files).policies;
    ASSERT_TRUE(policies);
    Case c;
    for (std::int64_t days = 0; days <= 9; ++days) {
      // The most generous; of equals the one of higher priority, then of the earlier id.
      const Row* best = nullptr;
      for (const Row& row : rows) {
        if (row.from_day <= days &&
            (best == nullptr || row.minor_units > best->minor_units ||
             (row.minor_units == best->minor_units && row.priority > best->priority))) {
          best = &row;
        }
      }
      c.incident.attributes["days"] = days;
      const Decision decision = c.Decide(*policies).decision;
      ASSERT_EQ(decision.voucher.has_value(), best != nullptr) << "seed=" << seed;
      if (best != nullptr) {
        EXPECT_EQ(decision.voucher->amount.minor_units(), best->minor_units) << "seed=" << seed;
        EXPECT_EQ(decision.policy.text(), "p" + std::to_string(best - rows.data()))
            << "seed=" << seed;
      }
    }
  }
}

}  // namespace
}  // namespace kulanz::engine
