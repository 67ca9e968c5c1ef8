#include "tests/simulation/simulator/plan.h"

#include <algorithm>
#include <array>

namespace kulanz::simulation {
namespace {

// Days between incidents, so that no span of kLimitDays ends just on one.
constexpr int kDaysApart = 8;

Facts DrawFacts(Random& random, std::size_t incident, const Plan& plan) {
  Facts facts;
  facts.incident = incident;
  facts.customer =
      static_cast<std::size_t>(random.Below(static_cast<std::int64_t>(plan.customers.size())));
  const std::int64_t kind = random.Below(100);
  facts.fault = kind < 40   ? Fault::kLateDelivery
                : kind < 75 ? Fault::kMissedAppointment
                : kind < 90 ? Fault::kOutage
                            : Fault::kRudeAnswer;
  facts.days_ago = random.Chance(750) ? 0 : static_cast<int>(random.Below(5)) * kDaysApart;
  facts.order = incident;
  facts.days_late = static_cast<int>(random.Below(7));
  return facts;
}

// The same id with something else, which can only be one of two.
Facts Contradicting(Random& random, Facts facts, const Plan& plan) {
  switch (random.Below(4)) {
    case 0:
      facts.customer = (facts.customer + 1) % plan.customers.size();
      break;
    case 1:
      facts.order += 1'000;
      break;
    case 2:
      facts.days_ago += kDaysApart;
      break;
    default:
      break;
  }
  facts.days_late += 1;
  return facts;
}

// All reports of an incident, from its revisions and clients, and what contradicts them; perhaps its withdrawal.
void DrawCase(Random& random, Facts facts, std::int64_t about, Plan& plan) {
  const auto soon = [&] { return Duration{about + random.Below(random.Chance(500) ? 20 : 400)}; };
  const std::int64_t revisions = random.Chance(300) ? random.Between(2, 3) : 1;
  for (std::int64_t revision = 0; revision < revisions; ++revision) {
    facts.revision = static_cast<std::uint32_t>(revision);
    facts.days_late = revision == 0 ? facts.days_late : static_cast<int>(random.Below(7));
    const std::int64_t clients = random.Chance(300) ? random.Between(2, 3) : 1;
    for (std::int64_t client = 0; client < clients; ++client) {
      const int attempts = random.Chance(350) ? static_cast<int>(random.Between(1, 2)) : 0;
      plan.reports.push_back({facts, soon(), attempts});
    }
    if (random.Chance(80)) {
      plan.reports.push_back({Contradicting(random, facts, plan), soon(), 0});
    }
  }
  if (random.Chance(150)) {
    plan.withdrawals.push_back(
        {facts.incident, Duration{about + random.Below(plan.active.count() - about)}});
  }
}

void DrawReports(Random& random, Plan& plan) {
  const std::int64_t reporting = plan.active.count() * 6 / 10;
  const std::int64_t incidents = random.Between(1, 12);
  for (std::int64_t i = 0; i < incidents; ++i) {
    Facts facts = DrawFacts(random, static_cast<std::size_t>(i), plan);
    if (i > 0 && random.Chance(150)) {  // a second incident of the same order
      const auto other = std::find_if(
          plan.reports.begin(), plan.reports.end(), [&facts](const ReportPlan& report) {
            return report.facts.customer == facts.customer && report.facts.incident < 1'000;
          });
      facts.order = other == plan.reports.end() ? facts.order : other->facts.order;
    }
    DrawCase(random, facts, random.Below(reporting), plan);
  }
}

// A pool, filled all at once or while it is being emptied, in messages that overlap; fewer codes than those
// who are to get one, or more. Many of them come at once.
void DrawPool(Random& random, Plan& plan) {
  plan.has_pool = true;
  const auto codes = static_cast<std::size_t>(random.Below(kPoolCodesMax + 1));
  const std::int64_t messages = codes == 0 ? 0 : random.Between(1, 3);
  for (std::int64_t i = 0; i < messages; ++i) {
    const auto first =
        i == 0 ? 0 : static_cast<std::size_t>(random.Below(static_cast<std::int64_t>(codes)));
    const Duration at{random.Chance(500) ? 0 : random.Below(plan.active.count() / 2)};
    plan.imports.push_back({first, codes - first, at});
  }
  const std::int64_t reporting = plan.active.count() * 6 / 10;
  const std::int64_t rush = random.Below(reporting);
  const std::int64_t incidents = random.Between(2, 10);
  for (std::int64_t i = 0; i < incidents; ++i) {
    constexpr std::array kFaults = {Fault::kSpoiledFood, Fault::kLostParcel, Fault::kBrokenGift};
    Facts facts;
    facts.incident = 100 + static_cast<std::size_t>(i);
    facts.order = facts.incident;
    facts.customer =
        static_cast<std::size_t>(random.Below(static_cast<std::int64_t>(plan.customers.size())));
    facts.fault = kFaults.at(static_cast<std::size_t>(random.Below(3)));
    facts.days_late = static_cast<int>(random.Below(5));
    DrawCase(random, facts, random.Chance(600) ? rush : random.Below(reporting), plan);
  }
}

// A server stands still until others have recovered its leases, the store's clock jumps past the end of their
// fences, and there is work as soon as it wakes.
void DrawZombie(Random& random, Plan& plan) {
  const Duration at{random.Below(plan.active.count())};
  const Duration length{random.Between(2'000, 5'000)};
  const Duration jump_after{random.Between(1'700, length.count())};
  plan.accidents.push_back({Accident::kStop, at, length});
  plan.accidents.push_back({Accident::kClockJump, at + jump_after,
                            Duration{std::chrono::minutes{random.Between(25 * 60, 72 * 60)}}});
  for (std::size_t i = 0; i < 6; ++i) {
    Facts facts;
    facts.incident = 500 + i;
    facts.order = facts.incident;
    facts.customer =
        static_cast<std::size_t>(random.Below(static_cast<std::int64_t>(plan.customers.size())));
    facts.fault = Fault::kMissedAppointment;
    facts.days_late = 1;
    plan.reports.push_back({facts, at + length + Duration{random.Below(15)}, 0});
  }
  plan.active = std::max(plan.active, at + length + Duration{50});
}

void DrawAccidents(Random& random, Plan& plan) {
  const auto draw = [&](Accident accident, std::int64_t chance, int most, auto length) {
    for (int i = 0; i < most && random.Chance(chance); ++i) {
      plan.accidents.push_back({accident, Duration{random.Below(plan.active.count())}, length()});
    }
  };
  const auto nothing = [] { return Duration{0}; };
  draw(Accident::kKill, 500, 3, nothing);
  draw(Accident::kStop, 400, 3, [&] {
    // Mostly longer than a budget's lease or a letter's claim, sometimes shorter.
    return Duration{random.Chance(300) ? random.Between(20, 400) : random.Between(1'500, 8'000)};
  });
  draw(Accident::kShutdown, 250, 2, nothing);
  draw(Accident::kStoreAway, 150, 1, [&] { return Duration{random.Between(100, 1'500)}; });
  draw(Accident::kClockJump, 200, 2, [&] {
    const std::int64_t far = random.Below(100);
    if (far < 40) {
      return Duration{random.Between(-5'000, 5'000)};
    }
    if (far < 75) {
      return Duration{std::chrono::minutes{random.Between(1, 3 * 24 * 60)}};
    }
    // Past the end of most vouchers, or within and beyond the grace after a reversal.
    return Duration{std::chrono::days{far < 90 ? random.Between(31, 45) : random.Between(10, 20)}};
  });
  if (random.Chance(80)) {
    DrawZombie(random, plan);
  }
}

// By Fault.
constexpr std::array<std::string_view, 7> kTypes = {
    "late_delivery", "outage",      "rude_answer", "missed_appointment",
    "spoiled_food",  "lost_parcel", "broken_gift"};

}  // namespace

bool SameIdentity(const Facts& a, const Facts& b) {
  return a.customer == b.customer && a.incident == b.incident && a.fault == b.fault &&
         a.days_ago == b.days_ago && a.order == b.order;
}

std::int64_t WorthOf(const Facts& facts) {
  switch (facts.fault) {
    case Fault::kLateDelivery:
      return facts.days_late >= 5   ? 1'700
             : facts.days_late >= 3 ? 1'000
             : facts.days_late >= 1 ? kSmallestGesture
                                    : 0;
    case Fault::kMissedAppointment:
      return facts.days_late >= 3 ? 1'400 : facts.days_late >= 1 ? 700 : 0;
    case Fault::kOutage:
      return facts.days_late >= 3 ? 900 : facts.days_late >= 1 ? 400 : 0;
    case Fault::kSpoiledFood:
    case Fault::kLostParcel:
    case Fault::kBrokenGift:
      return facts.days_late >= 1 ? kPoolGesture : 0;
    case Fault::kRudeAnswer:
      break;
  }
  return 0;
}

bool IsBudgeted(Fault fault) {
  return fault == Fault::kLateDelivery || fault == Fault::kMissedAppointment ||
         fault == Fault::kLostParcel;
}

bool IsLimited(Fault fault) { return fault == Fault::kLateDelivery || fault == Fault::kOutage; }

bool IsOfPool(Fault fault) { return fault >= Fault::kSpoiledFood; }

Instant OccurredAt(const Facts& facts) {
  return *ParseInstant("2026-03-01T11:00:00Z") - std::chrono::days(facts.days_ago);
}

Incident ToIncident(const Facts& facts) {
  Incident incident;
  incident.id = IncidentId(IncidentName(facts.incident));
  incident.customer = CustomerId(CustomerName(facts.customer));
  incident.type = kTypes.at(static_cast<std::size_t>(facts.fault));
  incident.occurred_at = OccurredAt(facts);
  incident.revision = facts.revision;
  incident.order = Order{OrderId("O-" + std::to_string(facts.order)), std::nullopt, std::nullopt};
  incident.attributes = {{"days_late", std::int64_t{facts.days_late}}};
  return incident;
}

Facts ToFacts(const Incident& incident) {
  Facts facts;
  facts.customer = NumberIn(incident.customer.text());
  facts.incident = NumberIn(incident.id.text());
  facts.revision = incident.revision;
  const auto* type = std::find(kTypes.begin(), kTypes.end(), incident.type);
  facts.fault = static_cast<Fault>(type - kTypes.begin());
  const auto ago = OccurredAt({}) - incident.occurred_at;
  facts.days_ago = static_cast<int>(std::chrono::duration_cast<std::chrono::days>(ago).count());
  facts.order = NumberIn(incident.order->id.text());
  facts.days_late = static_cast<int>(std::get<std::int64_t>(incident.attributes.at("days_late")));
  return facts;
}

std::size_t NumberIn(const std::string& name) { return std::stoul(name.substr(2)); }
std::string CustomerName(std::size_t number) { return "C-" + std::to_string(number); }
std::string IncidentName(std::size_t number) { return "I-" + std::to_string(number); }
std::string NameOf(const Facts& facts) {
  return IncidentName(facts.incident) + "/" + std::to_string(facts.revision);
}

std::string PoolCodeName(std::size_t number) { return "TREAT-" + std::to_string(number); }
bool IsPoolCode(const std::string& code) { return code.starts_with("TREAT-"); }

Plan DrawPlan(std::uint64_t seed) {
  Random random(seed ^ 0x6b756c616e7aU);
  Plan plan;
  plan.partitions = 1U << static_cast<unsigned>(random.Below(4));
  plan.servers = static_cast<int>(random.Between(1, 3));
  plan.active = Duration{random.Between(300, 3'000)};
  plan.calm = random.Chance(100);
  const std::int64_t customers = random.Between(1, 4);
  for (std::int64_t i = 0; i < customers; ++i) {
    const bool late = random.Chance(150);
    const bool erased = random.Chance(50);
    plan.customers.push_back({Duration{late ? random.Below(plan.active.count()) : 0},
                              !random.Chance(50),
                              Duration{erased ? 1 + random.Below(plan.active.count()) : 0}});
  }
  DrawReports(random, plan);
  // Drawn apart, so that seeds without a pool stay what they were before there were any.
  Random of_pools(seed ^ 0x706f6f6c73U);
  if (of_pools.Chance(400)) {
    DrawPool(of_pools, plan);
  }
  plan.redeemed = random.Between(300, 900);
  plan.changed = random.Between(0, 500);
  if (plan.calm) {
    return plan;
  }
  plan.network = {random.Below(50), random.Below(50), random.Below(50), random.Below(90),
                  random.Below(100)};
  plan.connections_lost = random.Below(80);
  plan.letters_refused = random.Chance(500) ? random.Below(400) : 0;
  DrawAccidents(random, plan);
  return plan;
}

}  // namespace kulanz::simulation
