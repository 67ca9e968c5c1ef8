#include "service/engine/history.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "service/engine/limit_keys.h"
#include "tests/unit/engine/builders.h"

namespace kulanz::engine {
namespace {

constexpr Duration kReach = std::chrono::hours(24 * 400);

Decision GrantOf(const std::string& incident, const std::string& at, const std::string& amount) {
  Decision decision;
  decision.incident.id = IncidentId(incident);
  decision.incident.occurred_at = At(at);
  decision.outcome = Outcome::kGranted;
  decision.policy = PolicyId("p");
  decision.voucher =
      VoucherTerms{.amount = Eur(amount), .zone = {}, .prefix = {}, .minimum_order = std::nullopt};
  decision.limit_keys = {LimitKey(kPerOrder, "o-" + incident)};
  return decision;
}

History After(const History& history, const Decision& decision) {
  return WithDecision(history, decision, kReach, At("2026-06-01T00:00:00Z"));
}

std::string Say(const History& history) {
  std::string out;
  for (const GivenGesture& gesture : history.gestures) {
    out += (out.empty() ? "" : " ") + gesture.incident.text() + "=" + gesture.amount.Number();
  }
  return out;
}

TEST(HistoryTest, GesturesStandInTheOrderOfTheirIncidents) {
  History history;
  history = After(history, GrantOf("b", "2026-05-02T00:00:00Z", "2.00"));
  history = After(history, GrantOf("c", "2026-05-01T00:00:00Z", "3.00"));
  history = After(history, GrantOf("a", "2026-05-02T00:00:00Z", "1.00"));
  EXPECT_EQ(Say(history), "c=3.00 a=1.00 b=2.00");
}

TEST(HistoryTest, ADenialAndAReviewLeaveNoGesture) {
  Decision decision = GrantOf("a", "2026-05-01T00:00:00Z", "1.00");
  decision.voucher.reset();
  for (const Outcome outcome : {Outcome::kDenied, Outcome::kReview}) {
    decision.outcome = outcome;
    EXPECT_EQ(Say(After({}, decision)), "");
  }
}

TEST(HistoryTest, APlainApologyIsAGestureOfNothing) {
  Decision decision = GrantOf("a", "2026-05-01T00:00:00Z", "1.00");
  decision.outcome = Outcome::kApologised;
  decision.voucher.reset();
  const History history = After({}, decision);
  ASSERT_EQ(history.gestures.size(), 1U);
  EXPECT_TRUE(history.gestures[0].amount.is_zero());
}

TEST(HistoryTest, ATopUpGrowsTheGestureOfItsIncident) {
  History history = After({}, GrantOf("a", "2026-05-01T00:00:00Z", "1.00"));
  Decision more = GrantOf("a", "2026-05-01T00:00:00Z", "2.50");
  more.limit_keys = {LimitKey("incident.line", "7")};
  history = After(history, more);
  EXPECT_EQ(Say(history), "a=3.50");
  EXPECT_EQ(history.gestures[0].keys.size(), 2U);
  EXPECT_TRUE(std::is_sorted(history.gestures[0].keys.begin(), history.gestures[0].keys.end()));
}

TEST(HistoryTest, AGrantAfterAPlainApologyTakesItsPlace) {
  Decision apology = GrantOf("a", "2026-05-01T00:00:00Z", "1.00");
  apology.outcome = Outcome::kApologised;
  apology.voucher.reset();
  const History history = After(After({}, apology), GrantOf("a", "2026-05-01T00:00:00Z", "4.00"));
  EXPECT_EQ(Say(history), "a=4.00");
}

TEST(HistoryTest, GesturesBeyondTheReachAreDropped) {
  const Instant now = At("2026-06-01T00:00:00Z");
  History history = After({}, GrantOf("old", "2026-05-01T00:00:00Z", "1.00"));
  history = After(history, GrantOf("edge", "2026-05-02T00:00:00Z", "1.00"));
  const Duration reach = now - At("2026-05-02T00:00:00Z");
  EXPECT_EQ(Say(WithDecision(history, GrantOf("new", "2026-05-30T00:00:00Z", "1.00"), reach, now)),
            "edge=1.00 new=1.00");
}

TEST(HistoryTest, AWithdrawnIncidentLeavesNothing) {
  const History history = After(After({}, GrantOf("a", "2026-05-01T00:00:00Z", "1.00")),
                                GrantOf("b", "2026-05-02T00:00:00Z", "2.00"));
  EXPECT_EQ(Say(WithoutIncident(history, IncidentId("a"))), "b=2.00");
  EXPECT_EQ(WithoutIncident(history, IncidentId("z")), history);
}

TEST(LimitKeysTest, AKeyTellsWhatIsCountedAndItsValueApart) {
  EXPECT_EQ(LimitKey("order", "A-1"), LimitKey("order", "A-1"));
  EXPECT_NE(LimitKey("order", "A-1"), LimitKey("order", "A-2"));
  EXPECT_NE(LimitKey("order", "A-1"), LimitKey("incident.order", "A-1"));
  EXPECT_NE(LimitKey("ab", "c"), LimitKey("a", "bc"));
}

TEST(LimitKeysTest, KeysAreStoredSoTheyNeverChange) {
  EXPECT_EQ(LimitKey("order", "A-1"), 2060692629089956634U);
}

}  // namespace
}  // namespace kulanz::engine
