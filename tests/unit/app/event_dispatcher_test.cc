// What the dispatcher promises: told at least once, in order, by one server at a time, or visibly dead.
#include "service/app/event_dispatcher.h"

#include <gmock/gmock.h>

#include "tests/support/status_matchers.h"
#include "tests/unit/app/event_fixture.h"
#include "tests/unit/app/newer_record.h"

namespace kulanz::app {
namespace {

using ports::DeliveryReport;
using ports::DeliveryResult;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class CountingTelemetry final : public ports::NullTelemetry {
 public:
  void EventTold(std::string_view type, std::string_view result) override {
    ++told[std::string(type) + "/" + std::string(result)];
  }
  void OutboxObserved(std::uint64_t seen, Seconds oldest) override {
    entries = seen;
    oldest_due = oldest.count();
  }
  std::map<std::string, int> told;
  std::uint64_t entries = 0;
  double oldest_due = 0;
};

// The names of what was logged.
class NamesLog final : public ports::Log {
 public:
  void Write(ports::LogLevel, std::string_view event, std::string_view,
             std::initializer_list<Field>) override {
    names.emplace_back(event);
  }
  std::vector<std::string> names;
};

DeliveryReport Failed(std::optional<Duration> after = std::nullopt) {
  DeliveryReport report;
  report.result = DeliveryResult::kRetry;
  report.reason = "HTTP_503";
  report.retry_after = after;
  return report;
}

DeliveryReport Untried() {
  DeliveryReport report = Failed(seconds{30});
  report.reason = "WEBHOOK_DISABLED";
  report.counts = false;
  return report;
}

class EventDispatcherTest : public EventFixture {
 protected:
  EventDispatcherTest() { dependencies_.events.Remove(EventType::kVoucherIssued); }

  ports::Record RecordOf(const ports::Key& key) {
    std::vector<ports::Key> keys{key};
    return SyncWait(store_.Read(std::move(keys), Soon()))->front();
  }
  // The record of the only events that wait.
  ports::Key OnlyWaiting() {
    ports::IndexRange range;
    range.score_max = ports::kStoredIntegerMax;
    for (std::uint16_t number = 0; number < keys_.partition_count(); ++number) {
      range.index = keys_.Outbox({number});
      const auto entries = SyncWait(store_.ReadIndex(range, Soon()));
      if (entries.ok() && !entries->empty()) {
        return keys_.Events({number}, *KeyHashFrom(entries->front().member));
      }
    }
    ADD_FAILURE() << "nothing waits";
    return {};
  }
  void Overwrite(const ports::Key& key, std::string value) {
    ports::Transaction change;
    change.partition = key.partition;
    change.writes.emplace_back(ports::Put{key, std::move(value), std::nullopt});
    EXPECT_TRUE(SyncWait(store_.Commit(std::move(change), Soon())).ok());
  }

  CountingTelemetry counted_;
  NamesLog names_;
  Dependencies counting_{.store = store_,
                         .scheduler = scheduler_,
                         .telemetry = counted_,
                         .log = names_,
                         .policies = policies_,
                         .keys = keys_,
                         .codec = codec_,
                         .secrets = secrets_,
                         .budgets = budgets_,
                         .courier = nullptr,
                         .intake = {}};
  EventDispatcher counting_dispatcher_{counting_, sink_, entropy_};
  void CountedTell() { SyncWait(counting_dispatcher_.Turn()); }
};

TEST_F(EventDispatcherTest, AFailedAttemptIsRepeatedByTheSpecificationsSchedule) {
  Issue("a");
  const std::vector<Duration> pauses = {seconds{5}, minutes{5}, minutes{30}, hours{2}, hours{5},
                                        hours{10},  hours{14},  hours{20},   hours{24}};
  for (const Duration pause : pauses) {
    sink_.answers.push_back(Failed());
    const std::size_t before = sink_.tried.size();
    CountedTell();
    EXPECT_EQ(sink_.tried.size(), before + 1);
    now_ += pause - Duration{1};
    CountedTell();
    EXPECT_EQ(sink_.tried.size(), before + 1) << "too early by a millisecond";
    now_ += Duration{1};
  }
  EXPECT_EQ(counted_.told["decision.granted/retry"], 9);
  CountedTell();
  EXPECT_EQ(counted_.told["decision.granted/accepted"], 1) << "the tenth attempt";
  for (const std::string& id : sink_.tried) EXPECT_EQ(id, sink_.tried.front());
  EXPECT_EQ(Waiting(), 0U);
}

TEST_F(EventDispatcherTest, AfterTheTenthFailureItIsDeadAndCounted) {
  Issue("a");
  for (std::uint32_t attempt = 1; attempt <= 10; ++attempt) {
    sink_.answers.push_back(Failed());
    CountedTell();
    now_ += EventPauseAfter(attempt, std::nullopt, 200).value_or(Duration{0});
  }
  EXPECT_EQ(counted_.told["decision.granted/dead"], 1);
  EXPECT_EQ(Waiting(), 0U);
}

TEST_F(EventDispatcherTest, RetryAfterIsRespectedAndBounded) {
  EXPECT_EQ(EventPauseAfter(1, minutes{10}, 200), minutes{10});
  EXPECT_EQ(EventPauseAfter(3, minutes{10}, 200), minutes{30});
  EXPECT_EQ(EventPauseAfter(1, hours{240}, 200), hours{24});
  EXPECT_EQ(EventPauseAfter(1, std::nullopt, 0), seconds{4});
  EXPECT_EQ(EventPauseAfter(1, std::nullopt, 400), seconds{6});
  EXPECT_EQ(EventPauseAfter(0, std::nullopt, 200), std::nullopt);
  EXPECT_EQ(EventPauseAfter(10, std::nullopt, 200), std::nullopt);
  Issue("a");
  sink_.answers.push_back(Failed(hours{3}));
  Tell();
  now_ += hours{3} - Duration{1};
  Tell();
  EXPECT_EQ(sink_.tried.size(), 1U);
  now_ += Duration{1};
  EXPECT_THAT(Told(), ElementsAre("decision.granted"));
}

TEST_F(EventDispatcherTest, WhatWasNotTriedUsesUpNoAttempt) {
  Issue("a");
  for (int i = 0; i < 50; ++i) {
    sink_.answers.push_back(Untried());
    CountedTell();
    now_ += seconds{30};
  }
  EXPECT_EQ(counted_.told["decision.granted/held"], 50);
  CountedTell();
  EXPECT_EQ(counted_.told["decision.granted/accepted"], 1);
}

TEST_F(EventDispatcherTest, ABacklogBehindAClosedDoorIsLeftAlone) {
  for (const char* incident : {"a", "b", "c"}) Issue(incident);
  sink_.held = true;
  now_ += hours{1};
  int commits = 0;
  store_.on_commit = [&commits](const ports::Transaction&) {
    ++commits;
    return FaultyStore::Fault::kNone;
  };
  CountedTell();
  EXPECT_EQ(commits, 0);
  EXPECT_EQ(counted_.entries, 3U) << "and yet it is seen";
  EXPECT_EQ(counted_.oldest_due, 3600.0);
  store_.on_commit = nullptr;
  sink_.held = false;
  CountedTell();
  EXPECT_EQ(sink_.told.size(), 3U);
}

TEST_F(EventDispatcherTest, BehindAClosedDoorAnEventIsDeadAfterFourDays) {
  Issue("a");
  sink_.held = true;
  now_ += hours{96};
  sink_.answers.push_back(Untried());
  CountedTell();
  EXPECT_EQ(Waiting(), 1U);
  now_ += hours{96} + minutes{1};
  sink_.answers.push_back(Untried());
  CountedTell();
  EXPECT_EQ(counted_.told["decision.granted/dead"], 1);
  EXPECT_EQ(Waiting(), 0U);
}

TEST_F(EventDispatcherTest, EventsOfOneStepAreToldInOrderAndNoneTwice) {
  dependencies_.events = EventTypes::All();
  Issue("a");
  DeliveryReport accepted;
  accepted.result = DeliveryResult::kAccepted;
  sink_.answers = {accepted, Failed()};
  EXPECT_THAT(Told(), ElementsAre("decision.granted"));
  now_ += seconds{5};
  EXPECT_THAT(Told(), ElementsAre("voucher.issued")) << "the first is not told again";
}

TEST_F(EventDispatcherTest, ALostRecordingTellsTheSameEventAgain) {
  Issue("a");
  int commits = 0;
  store_.on_commit = [&commits](const ports::Transaction&) {
    // The claim passes, its end is lost: as if the server died behind the receiver's answer.
    return ++commits == 2 ? FaultyStore::Fault::kLoseRequest : FaultyStore::Fault::kNone;
  };
  Tell();
  Tell();
  EXPECT_EQ(sink_.told.size(), 1U) << "claimed for as long as the lease";
  now_ += seconds{91};
  Tell();
  ASSERT_EQ(sink_.told.size(), 2U);
  EXPECT_EQ(sink_.told[0], sink_.told[1]) << "with its id, by which a receiver knows it";
  EXPECT_EQ(Waiting(), 0U);
}

TEST_F(EventDispatcherTest, ALostClaimIsNotTold) {
  Issue("a");
  store_.on_commit = [](const ports::Transaction&) { return FaultyStore::Fault::kLoseReply; };
  Tell();
  EXPECT_THAT(sink_.tried, IsEmpty()) << "nobody knows whether it is ours";
  store_.on_commit = nullptr;
  now_ += seconds{91};
  EXPECT_THAT(Told(), ElementsAre("decision.granted"));
}

TEST_F(EventDispatcherTest, ADamagedRecordHoldsUpNothingElse) {
  Issue("a");
  Overwrite(OnlyWaiting(), "x");
  Issue("b");
  EXPECT_THAT(Told(), ElementsAre("decision.granted"));
  EXPECT_EQ(Last().incident.text(), "b");
  EXPECT_EQ(Waiting(), 1U) << "it stays, for somebody to look at";
}

TEST_F(EventDispatcherTest, WhatANewerServerWroteWaitsHalfAMinuteForIt) {
  Issue("a");
  const ports::Key key = OnlyWaiting();
  const std::string written = RecordOf(key).value;
  Overwrite(key, AsOfANewerServer(codec_, key, written));
  CountedTell();
  EXPECT_THAT(sink_.tried, IsEmpty());
  EXPECT_THAT(names_.names, ElementsAre("events_newer"));
  Overwrite(key, written);  // As one that understands it would read it.
  CountedTell();
  EXPECT_THAT(sink_.tried, IsEmpty());
  now_ += seconds{30};
  EXPECT_THAT(Told(), ElementsAre("decision.granted"));
  EXPECT_EQ(Waiting(), 0U);
}

TEST_F(EventDispatcherTest, ADamagedRecordIsLookedAtOnceAnHour) {
  Issue("a");
  Overwrite(OnlyWaiting(), "x");
  CountedTell();
  now_ += minutes{59};
  CountedTell();
  EXPECT_THAT(names_.names, ElementsAre("events_unreadable"));
  now_ += minutes{1};
  CountedTell();
  EXPECT_THAT(names_.names, ElementsAre("events_unreadable", "events_unreadable"));
}

}  // namespace
}  // namespace kulanz::app
