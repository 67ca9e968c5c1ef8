#include "service/engine/windows.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/unit/engine/random.h"

namespace kulanz::engine {
namespace {

// A limit of one policy, as it is counted.
struct TestLimit {
  std::int64_t most = 0;
  bool by_amount = false;
  Duration within{0};
  bool own_gestures_only = false;
};

const Currency kEur = *Currency::FromCode("EUR");
const Currency kUsd = *Currency::FromCode("USD");
const PolicyId kOwn("own");
const PolicyId kOther("other");

Money Amount(std::int64_t minor, Currency currency = kEur) {
  return *Money::FromMinorUnits(minor, currency);
}

TestLimit Vouchers(std::int64_t count, std::int64_t within_ms) {
  return {.most = count, .within = Duration(within_ms)};
}
TestLimit Sum(std::int64_t minor, std::int64_t within_ms) {
  return {.most = minor, .by_amount = true, .within = Duration(within_ms)};
}

Tally TallyOf(const TestLimit& limit) {
  Tally tally;
  tally.unit = limit.by_amount ? Tally::Unit::kMinorUnits : Tally::Unit::kVouchers;
  tally.currency = kEur;
  tally.policy = limit.own_gestures_only ? &kOwn : nullptr;
  return tally;
}
std::int64_t Most(const History& history, const TestLimit& limit, Instant at) {
  return MostInAnyWindow(history, TallyOf(limit), limit.within, at);
}
bool WouldBreak(const History& history, const TestLimit& limit, Instant at, Money amount) {
  return Most(history, limit, at) + (limit.by_amount ? amount.minor_units() : 1) > limit.most;
}

void Insert(History& history, std::int64_t at_ms, Money amount, const PolicyId& policy) {
  static int next = 0;
  GivenGesture gesture{.incident = IncidentId("i" + std::to_string(next++)),
                       .policy = policy,
                       .at = InstantFromMillis(at_ms),
                       .amount = amount,
                       .once_per = {}};
  const auto place =
      std::upper_bound(history.gestures.begin(), history.gestures.end(), gesture,
                       [](const GivenGesture& a, const GivenGesture& b) {
                         return std::tuple(a.at, a.incident) < std::tuple(b.at, b.incident);
                       });
  history.gestures.insert(place, std::move(gesture));
}

// What the limit is about, counted by brute force: every span [start, start + within) by the
// millisecond that holds `at`.
std::int64_t MostByBruteForce(const History& history, const TestLimit& limit, std::int64_t at) {
  std::int64_t most = 0;
  const std::int64_t within = limit.within.count();
  for (std::int64_t start = at - within + 1; start <= at; ++start) {
    std::int64_t held = 0;
    for (const GivenGesture& gesture : history.gestures) {
      const std::int64_t time = ToMillis(gesture.at);
      const bool counts = !(limit.own_gestures_only && gesture.policy != kOwn) &&
                          (!limit.by_amount || gesture.amount.currency() == kEur);
      if (counts && time >= start && time < start + within) {
        held += limit.by_amount ? gesture.amount.minor_units() : 1;
      }
    }
    most = std::max(most, held);
  }
  return most;
}

TEST(WindowsTest, ExactlyTheLengthApartDoesNotCountTogether) {
  History history;
  Insert(history, 1000, Amount(500), kOwn);
  EXPECT_EQ(Most(history, Vouchers(1, 100), InstantFromMillis(1099)), 1);
  EXPECT_EQ(Most(history, Vouchers(1, 100), InstantFromMillis(1100)), 0);
  EXPECT_EQ(Most(history, Vouchers(1, 100), InstantFromMillis(901)), 1);
  EXPECT_EQ(Most(history, Vouchers(1, 100), InstantFromMillis(900)), 0);
}

TEST(WindowsTest, ALaterGestureCountsForAnIncidentThatArrivesLate) {
  History history;
  Insert(history, 1000, Amount(500), kOwn);
  Insert(history, 1080, Amount(500), kOwn);
  // One before and one after are 80 apart, so a gesture between them makes three in 100.
  EXPECT_TRUE(WouldBreak(history, Vouchers(2, 100), InstantFromMillis(1040), Amount(500)));
  // 1150 shares a span with 1080 only.
  EXPECT_FALSE(WouldBreak(history, Vouchers(2, 100), InstantFromMillis(1150), Amount(500)));
}

TEST(WindowsTest, AmountsInOtherCurrenciesDoNotCount) {
  History history;
  Insert(history, 1000, Amount(5000, kUsd), kOwn);
  Insert(history, 1000, Amount(700), kOwn);
  EXPECT_EQ(Most(history, Sum(1000, 100), InstantFromMillis(1000)), 700);
  EXPECT_FALSE(WouldBreak(history, Sum(1000, 100), InstantFromMillis(1000), Amount(300)));
  EXPECT_TRUE(WouldBreak(history, Sum(1000, 100), InstantFromMillis(1000), Amount(301)));
}

TEST(WindowsTest, ALimitOfOneMayCountItsOwnPolicyOnly) {
  History history;
  Insert(history, 1000, Amount(500), kOther);
  TestLimit limit = Vouchers(1, 100);
  EXPECT_TRUE(WouldBreak(history, limit, InstantFromMillis(1000), Amount(500)));
  limit.own_gestures_only = true;
  EXPECT_FALSE(WouldBreak(history, limit, InstantFromMillis(1000), Amount(500)));
}

TEST(WindowsTest, CountsWhatBruteForceCounts) {
  for (std::uint64_t seed = 1; seed <= 400; ++seed) {
    Random random(seed);
    History history;
    const std::int64_t gestures = random.Between(0, 12);
    for (std::int64_t i = 0; i < gestures; ++i) {
      Insert(history, random.Between(0, 80),
             Amount(random.Between(1, 9), random.Between(0, 3) == 0 ? kUsd : kEur),
             random.Between(0, 2) == 0 ? kOther : kOwn);
    }
    const std::int64_t within = random.Between(1, 40);
    for (TestLimit limit : {Vouchers(3, within), Sum(20, within)}) {
      limit.own_gestures_only = random.Between(0, 1) == 0;
      for (std::int64_t at = -5; at <= 85; at += 3) {
        ASSERT_EQ(Most(history, limit, InstantFromMillis(at)), MostByBruteForce(history, limit, at))
            << "seed=" << seed << " at=" << at << " within=" << within;
      }
    }
  }
}

// Incidents arrive in random order; whatever was granted, no span may ever hold more than the limit, and
// whatever was refused would have broken one.
TEST(WindowsTest, NoOrderOfArrivalBreaksALimit) {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    Random random(seed);
    const std::int64_t within = random.Between(2, 30);
    const bool by_amount = random.Between(0, 1) == 0;
    const TestLimit limit =
        by_amount ? Sum(random.Between(5, 30), within) : Vouchers(random.Between(1, 4), within);
    const std::int64_t most_allowed = limit.most;
    History history;
    for (int arrival = 0; arrival < 60; ++arrival) {
      const std::int64_t at = random.Between(0, 120);
      const Money amount = Amount(random.Between(1, 8));
      const std::int64_t weight = by_amount ? amount.minor_units() : 1;
      const bool breaks = WouldBreak(history, limit, InstantFromMillis(at), amount);
      ASSERT_EQ(breaks, MostByBruteForce(history, limit, at) + weight > most_allowed)
          << "seed=" << seed << " arrival=" << arrival;
      if (!breaks) {
        Insert(history, at, amount, kOwn);
      }
      for (std::int64_t any = 0; any <= 120; any += 7) {
        ASSERT_LE(MostByBruteForce(history, limit, any), most_allowed) << "seed=" << seed;
      }
    }
  }
}

}  // namespace
}  // namespace kulanz::engine
