// Somebody is told that a breaker has tripped, and that it was released: by the outbox, once each.

#include <gmock/gmock.h>

#include <set>
#include <string>
#include <variant>
#include <vector>

#include "service/app/dead_events.h"
#include "service/app/event_dispatcher.h"
#include "service/app/event_outbox.h"
#include "tests/unit/app/breaker_fixture.h"
#include "tests/unit/app/event_fixture.h"

namespace kulanz::app {
namespace {

using kulanz::testing::IsOk;
using ports::DeliveryReport;
using ports::DeliveryResult;
using ::testing::IsEmpty;

class BreakerEventsTest : public BreakerFixture {
 protected:
  // What was told of breakers since the last time.
  std::vector<Event> Told() {
    sink_.told.clear();
    SyncWait(dispatcher_.Turn());
    std::vector<Event> told;
    for (const Event& event : sink_.told) {
      if (!event.breaker.empty()) {
        told.push_back(event);
      }
    }
    return told;
  }
  // Whether the transaction writes a breaker's event.
  static bool Tells(const ports::Transaction& transaction) {
    const auto is_breaker = [](const auto& write) {
      const auto* put = std::get_if<ports::Put>(&write);
      return put != nullptr && put->key.kind == ports::RecordKind::kBreaker;
    };
    return WritesEvents(transaction) &&
           std::any_of(transaction.writes.begin(), transaction.writes.end(), is_breaker);
  }

  FakeSink sink_;
  NoEntropy no_entropy_;
  EventDispatcher dispatcher_{shared_, sink_, no_entropy_};
};

TEST_F(BreakerEventsTest, ATripIsToldOnceByHoweverManyServersWithWhatWasTooMuch) {
  UseBreakers("{type: late_delivery, gestures: 3, amount: eur(100.00), within: 10m}");
  ReportMany(*one_, "a", 6);
  ReportMany(*two_, "b", 3);
  Seconds(3, {one_.get(), two_.get()});
  const std::vector<Event> told = Told();
  ASSERT_EQ(told.size(), 1U);
  const Event& tripped = told.front();
  EXPECT_EQ(EventTypeName(tripped.type), "breaker.tripped");
  EXPECT_EQ(tripped.breaker, "type/late_delivery");
  EXPECT_EQ(tripped.at, View().stored.trip->at);
  EXPECT_EQ(tripped.gestures, 4);
  EXPECT_EQ(tripped.amount, Eur("20.00"));
  EXPECT_TRUE(tripped.customer.text().empty());
  EXPECT_TRUE(tripped.incident.text().empty());
  EXPECT_EQ(tripped.id.size(), 36U);
}

TEST_F(BreakerEventsTest, ATripWhoseAnswerIsLostIsToldOnce) {
  int lost = 0;
  store_.on_commit = [&lost](const ports::Transaction& transaction) {
    return Tells(transaction) && lost++ == 0 ? FaultyStore::Fault::kLoseReply
                                             : FaultyStore::Fault::kNone;
  };
  std::vector<Incident> incidents;
  for (const char* id : {"a", "b", "c", "d"}) {
    incidents.push_back(Late(id));
    Report(*one_, incidents.back());
  }
  Turn(*two_);
  for (const Incident& incident : incidents) {
    EXPECT_TRUE(ReportTo(*two_, incident).ok()) << "the caller repeats what failed";
  }
  Seconds(8, {one_.get(), two_.get()});
  EXPECT_EQ(lost, 1);
  EXPECT_EQ(Told().size(), 1U);
  EXPECT_EQ(Held(), 1U);
}

TEST_F(BreakerEventsTest, ATripThatNeverArrivedIsNotTold) {
  store_.on_commit = [](const ports::Transaction& transaction) {
    return Tells(transaction) ? FaultyStore::Fault::kLoseRequest : FaultyStore::Fault::kNone;
  };
  for (const char* id : {"a", "b", "c"}) {
    EXPECT_TRUE(ReportTo(*one_, Late(id)).ok());
  }
  EXPECT_FALSE(ReportTo(*one_, Late("d")).ok());
  EXPECT_FALSE(View().stored.trip.has_value());
  EXPECT_THAT(Told(), IsEmpty());
  store_.on_commit = nullptr;
  EXPECT_EQ(Report(*one_, Late("d")), "review MASS_INCIDENT");
  EXPECT_EQ(Told().size(), 1U);
}

TEST_F(BreakerEventsTest, AReleaseIsToldOnceAndTheNextTripIsAnotherEvent) {
  ReportMany(*one_, "a", 5);
  const std::vector<Event> first = Told();
  ASSERT_EQ(first.size(), 1U);
  ASSERT_THAT(Release(60), IsOk());
  ASSERT_THAT(Release(60), IsOk());
  const std::vector<Event> released = Told();
  ASSERT_EQ(released.size(), 1U) << "a repetition tells nothing";
  EXPECT_EQ(EventTypeName(released[0].type), "breaker.released");
  EXPECT_EQ(released[0].breaker, "type/late_delivery");
  EXPECT_EQ(released[0].operation_id, "rel-1");
  EXPECT_EQ(released[0].per_minute, 60U);
  EXPECT_FALSE(released[0].dismissed);
  Seconds(3, {one_.get()});
  EXPECT_THAT(Told(), IsEmpty()) << "the drip is no release";

  ReportMany(*one_, "b", 4);
  const std::vector<Event> again = Told();
  ASSERT_EQ(again.size(), 1U);
  EXPECT_EQ(EventTypeName(again[0].type), "breaker.tripped");
  ASSERT_THAT(Release(6'000, true, "rel-2"), IsOk());
  const std::vector<Event> dismissed = Told();
  ASSERT_EQ(dismissed.size(), 1U);
  EXPECT_TRUE(dismissed[0].dismissed);
  const std::set<std::string> ids = {first[0].id, released[0].id, again[0].id, dismissed[0].id};
  EXPECT_EQ(ids.size(), 4U);
}

TEST_F(BreakerEventsTest, WhoHasSwitchedThemOffIsToldNothing) {
  Dependencies quiet = shared_;
  quiet.events = {};
  quiet.events.Add(EventType::kBreakerReleased);
  Server server(quiet, entropy_);
  ReportMany(server, "a", 5);
  EXPECT_THAT(Told(), IsEmpty());
  ASSERT_THAT(SyncWait(server.control.Release({"type/late_delivery", "rel-1", 60}, Soon())),
              IsOk());
  EXPECT_EQ(Told().size(), 1U);
}

TEST_F(BreakerEventsTest, OneThatNobodyTookIsListedAndToldAgainUnderItsId) {
  Dependencies only = shared_;
  only.events = {};
  only.events.Add(EventType::kBreakerTripped);
  Server server(only, entropy_);
  DeliveryReport dead;
  dead.result = DeliveryResult::kUndeliverable;
  dead.reason = "WEBHOOK_GONE";
  sink_.answers = {dead};
  ReportMany(server, "a", 4);
  EXPECT_THAT(Told(), IsEmpty());
  ASSERT_EQ(sink_.tried.size(), 1U);
  DeadEvents dead_events(shared_);
  ASSERT_OK_AND_ASSIGN(const DeadEventPage page, SyncWait(dead_events.List(9, "", Soon())));
  ASSERT_EQ(page.records.size(), 1U);
  EXPECT_EQ(page.records[0].events.events.at(0).breaker, "type/late_delivery");
  ASSERT_THAT(SyncWait(dead_events.Resend(page.records[0].id, Soon())), IsOk());
  const std::vector<Event> told = Told();
  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(told[0].id, sink_.tried[0]);
  EXPECT_EQ(told[0].gestures, 4);
}

}  // namespace
}  // namespace kulanz::app
