// BreakerWatch: what is too much at once goes to review, on every server, until somebody looks.

#include "service/app/breaker_watch.h"

#include <gmock/gmock.h>

#include <string>
#include <variant>

#include "service/app/breaker_window.h"
#include "tests/unit/app/breaker_fixture.h"

namespace kulanz::app {
namespace {

using kulanz::testing::IsOk;
using kulanz::testing::StatusIs;

constexpr char kGranted[] = "granted GRANTED 5.00 EUR";
constexpr char kHeld[] = "review MASS_INCIDENT";

class BreakerWatchTest : public BreakerFixture {};

TEST_F(BreakerWatchTest, OneMoreThanTheLimitGoesToReviewAndGivesNothing) {
  for (const char* id : {"a", "b", "c"}) {
    EXPECT_EQ(Report(*one_, Late(id)), kGranted);
  }
  ASSERT_OK_AND_ASSIGN(const DecidedIncident held, ReportTo(*one_, Late("d")));
  EXPECT_EQ(Say(held), kHeld);
  EXPECT_EQ(held.decision.proposed, Eur("5.00"));
  EXPECT_FALSE(held.code.has_value());
  EXPECT_FALSE(held.decision.delivery.has_value());
  EXPECT_EQ(budgets_.held, 1500) << "no money is taken for what is held";
  EXPECT_EQ(breaker_log_.Count("breaker_tripped"), 1);
  EXPECT_EQ(Held(), 1U);
  const BreakerView view = View();
  ASSERT_TRUE(view.stored.trip.has_value());
  EXPECT_EQ(view.stored.trip->counted.gestures, 4);
  EXPECT_EQ(view.held->amounts.at("EUR"), 500);
}

TEST_F(BreakerWatchTest, ARepetitionOfWhatIsHeldIsAnsweredAlikeAndHeldOnce) {
  ReportMany(*one_, "a", 3);
  const Incident late = Late("d");
  EXPECT_EQ(Report(*one_, late), kHeld);
  ASSERT_OK_AND_ASSIGN(const DecidedIncident again, ReportTo(*two_, late));
  EXPECT_TRUE(again.replayed);
  EXPECT_EQ(Say(again), kHeld);
  EXPECT_EQ(Held(), 1U);
  EXPECT_EQ(Report(*one_, Late("a0")), kGranted) << "what was given before is answered as ever";
}

TEST_F(BreakerWatchTest, ASumTripsAsWell) {
  UseBreakers("{type: late_delivery, amount: eur(12.00), within: 10m}");
  EXPECT_EQ(Report(*one_, Late("a")), kGranted);
  EXPECT_EQ(Report(*one_, Late("b")), kGranted);
  EXPECT_EQ(Report(*one_, Late("c")), kHeld);
  EXPECT_EQ(View().stored.trip->counted.minor_units, 1500);
}

TEST_F(BreakerWatchTest, TheWindowSlides) {
  ReportMany(*one_, "a", 3);
  now_ += std::chrono::minutes(11);
  EXPECT_EQ(Report(*one_, Late("b")), kGranted);
  Turn(*one_);
  EXPECT_EQ(View().counted.gestures, 1);
}

TEST_F(BreakerWatchTest, LettersWithoutMoneyCountAndAreHeld) {
  UseBreakers("{policy: rude-answer, gestures: 1, within: 10m}");
  const auto rude = [this](const std::string& id) {
    Incident incident = Late(id);
    incident.type = "rude_answer";
    incident.attributes.clear();
    incident.order.reset();
    return incident;
  };
  EXPECT_EQ(Report(*one_, rude("a")), "apologised APOLOGISED");
  EXPECT_EQ(Report(*one_, rude("b")), kHeld);
  EXPECT_EQ(Held("policy/rude-answer"), 1U);
  EXPECT_TRUE(View("policy/rude-answer").held->amounts.empty());
}

TEST_F(BreakerWatchTest, DenialsDoNotCountAndAreNotHeld) {
  Incident own_fault = Late("x");
  own_fault.attributes["cause"] = std::string("customer");
  EXPECT_EQ(Report(*one_, own_fault), "denied NOT_OUR_FAULT");
  ReportMany(*one_, "a", 3);
  EXPECT_EQ(Report(*one_, Late("b")), kHeld);
  own_fault.id = IncidentId("y");
  EXPECT_EQ(Report(*one_, own_fault), "denied NOT_OUR_FAULT");
  EXPECT_EQ(Held(), 1U);
}

TEST_F(BreakerWatchTest, EachTypeHasItsOwnWhereEachIsSaid) {
  UseBreakers(
      "{each: type, gestures: 1, within: 10m}, {type: lost_parcel, gestures: 9, within: 1h}");
  EXPECT_EQ(Report(*one_, Late("a")), kGranted);
  EXPECT_EQ(Report(*one_, Late("b")), kHeld);
  Incident lost = Late("c");
  lost.type = "lost_parcel";
  lost.attributes.clear();
  EXPECT_EQ(Report(*one_, lost), "granted GRANTED 50.00 EUR");
  lost.id = IncidentId("d");
  EXPECT_EQ(Report(*one_, lost), "granted GRANTED 50.00 EUR");
}

TEST_F(BreakerWatchTest, WhatIsNotRecordedDoesNotCount) {
  store_.on_commit = [](const ports::Transaction& transaction) {
    const bool decides = transaction.writes.size() > 4;
    return decides ? FaultyStore::Fault::kLoseRequest : FaultyStore::Fault::kNone;
  };
  UseBreakers("{type: late_delivery, gestures: 2, within: 10m}");
  const Incident late = Late("a");
  EXPECT_EQ(Report(*one_, late), "STORE_UNCERTAIN") << "may have been given: counts";
  store_.on_commit = nullptr;
  budgets_.held = 4000;  // no money for the next one: it is denied
  EXPECT_EQ(Report(*one_, Late("b")), "denied BUDGET_EXHAUSTED");
  budgets_.held = 0;
  EXPECT_EQ(Report(*one_, Late("c")), kGranted);
  EXPECT_EQ(Report(*one_, Late("d")), kHeld);
}

TEST_F(BreakerWatchTest, ServersTripTogetherWithinATurnAndTellItOnce) {
  ReportMany(*one_, "a", 2);
  ReportMany(*two_, "b", 2);  // together too much, which nobody knows yet
  EXPECT_EQ(breaker_log_.Count("breaker_tripped"), 0);
  Turn(*one_);
  Turn(*two_);  // its writing finds the limit passed
  Turn(*one_);
  EXPECT_EQ(breaker_log_.Count("breaker_tripped"), 1);
  EXPECT_EQ(Report(*one_, Late("c")), kHeld);
  EXPECT_EQ(Report(*two_, Late("d")), kHeld);
}

TEST_F(BreakerWatchTest, AServerThatWouldPassTheLimitSeesWhatOthersHaveWritten) {
  ReportMany(*one_, "a", 3);
  Turn(*one_);
  ReportMany(*two_, "b", 1);  // does not know of them yet
  Turn(*two_);
  EXPECT_EQ(breaker_log_.Count("breaker_tripped"), 1);
  EXPECT_EQ(Report(*two_, Late("c")), kHeld);
}

TEST_F(BreakerWatchTest, ATrippedBreakerOutlastsServersAndSilence) {
  ReportMany(*one_, "a", 4);
  now_ += std::chrono::hours(50);
  const auto next = Start();
  Turn(*next);
  EXPECT_EQ(Report(*next, Late("b")), kHeld);
  EXPECT_EQ(Held(), 2U);
}

TEST_F(BreakerWatchTest, AStaleServerReadsAgainBeforeItHoldsAnything) {
  const auto stale = Start({.trust = Duration(-1)});  // always too old
  ReportMany(*stale, "a", 4);
  EXPECT_EQ(Held(), 1U);
  ASSERT_THAT(Release(), IsOk());
  EXPECT_EQ(Report(*stale, Late("b")), kGranted) << "without a turn of its own";
}

TEST_F(BreakerWatchTest, ATripWhoseAnswerIsLostIsThereAllTheSame) {
  ReportMany(*one_, "a", 3);
  store_.on_commit = [this](const ports::Transaction& transaction) {
    const auto* put =
        transaction.writes.empty() ? nullptr : std::get_if<ports::Put>(&transaction.writes.front());
    const bool trips = put != nullptr && put->key.kind == ports::RecordKind::kBreaker;
    if (trips) {
      store_.on_commit = nullptr;
    }
    return trips ? FaultyStore::Fault::kLoseReply : FaultyStore::Fault::kNone;
  };
  const Incident late = Late("b");
  EXPECT_EQ(Report(*one_, late), "STORE_UNCERTAIN");
  EXPECT_EQ(Report(*one_, late), kHeld);
  EXPECT_EQ(Held(), 1U);
}

TEST_F(BreakerWatchTest, ABreakerThatPoliciesSetNoMoreHoldsNothing) {
  ReportMany(*one_, "a", 4);
  UseBreakers("");
  EXPECT_EQ(Report(*one_, Late("b")), kGranted);
  const BreakerView view = View();
  EXPECT_FALSE(view.rule.has_value());
  EXPECT_EQ(view.held->cases, 1U) << "what it held can still be released";
}

TEST(BreakerWindowTest, CountsAtLeastTheWindowAndATwelfthMoreAtTheMost) {
  const policy::BreakerRule rule{
      .gestures = 1, .amount = std::nullopt, .within = std::chrono::minutes(12)};
  const Instant at = *ParseInstant("2026-10-15T12:00:30Z");
  BreakerWindow window;
  AddTo(window, rule, at, {1, 0});
  EXPECT_EQ(Counted(window, rule, at + std::chrono::minutes(12)).gestures, 1);
  EXPECT_EQ(Counted(window, rule, at + std::chrono::minutes(13)).gestures, 0);
  Forget(window, rule, at + std::chrono::minutes(12));
  EXPECT_EQ(window.size(), 1U);
  Forget(window, rule, at + std::chrono::minutes(13));
  EXPECT_TRUE(window.empty());
}

TEST(BreakerWindowTest, WhatIsTakenBackLeavesNothing) {
  const policy::BreakerRule rule{
      .gestures = 1, .amount = std::nullopt, .within = std::chrono::minutes(12)};
  const Instant at = *ParseInstant("2026-10-15T12:00:30Z");
  BreakerWindow window;
  BreakerWindow other;
  AddTo(other, rule, at, {3, 500});
  AddTo(other, rule, at + std::chrono::minutes(2), {1, 0});
  Merge(window, other);
  EXPECT_EQ(Counted(window, rule, at), (BreakerTally{4, 500}));
  Merge(window, other, -1);
  EXPECT_TRUE(window.empty());
}

TEST(BreakerWindowTest, ALimitIsPassedByOneMore) {
  const policy::BreakerRule rule{
      .gestures = 2, .amount = Money::Parse("5.00", *Currency::FromCode("EUR")), .within = {}};
  EXPECT_FALSE(IsOver(rule, {2, 500}));
  EXPECT_TRUE(IsOver(rule, {3, 0}));
  EXPECT_TRUE(IsOver(rule, {1, 501}));
  EXPECT_EQ(TallyOf(rule, Money::Parse("3.00", *Currency::FromCode("EUR"))),
            (BreakerTally{1, 300}));
  EXPECT_EQ(TallyOf(rule, Money::Parse("3.00", *Currency::FromCode("GBP"))), (BreakerTally{1, 0}));
  EXPECT_EQ(TallyOf(rule, std::nullopt), (BreakerTally{1, 0}));
}

}  // namespace
}  // namespace kulanz::app
