// The dispatcher is told of new events, so that they need not wait for its next look.
#include <gmock/gmock.h>

#include <atomic>
#include <functional>
#include <vector>

#include "service/app/event_dispatcher.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/app/event_fixture.h"

namespace kulanz::app {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// Whoever sleeps wakes when the test says so: here it is always between two looks.
class PausedScheduler final : public ports::Scheduler {
 public:
  Deadline Now() const override { return std::chrono::steady_clock::now(); }
  Task<void> Sleep(Duration) override {
    auto start = [this](auto done) { sleeper_ = [done] { done(0); }; };
    auto sleeping = Complete<int>(start);
    co_await sleeping;
  }
  bool stopping() const override { return false; }
  void Wake() {
    auto sleeper = std::exchange(sleeper_, nullptr);
    ASSERT_TRUE(sleeper);
    sleeper();
  }

 private:
  std::function<void()> sleeper_;
};

class EventHintTest : public EventFixture {
 protected:
  EventHintTest() {
    paused_dependencies_.events = EventTypes::All();
    dependencies_.dispatcher = &paused_;
  }
  void Start() {
    SpawnThen(paused_.Run(), [this] { ended_ = true; });
  }
  ~EventHintTest() override {
    if (!ended_) {
      paused_.Stop();
      sleeping_.Wake();
    }
    EXPECT_TRUE(ended_);
  }

  PausedScheduler sleeping_;
  Dependencies paused_dependencies_{.store = store_,
                                    .scheduler = sleeping_,
                                    .telemetry = telemetry_,
                                    .log = log_,
                                    .policies = policies_,
                                    .keys = keys_,
                                    .codec = codec_,
                                    .secrets = secrets_,
                                    .budgets = budgets_,
                                    .courier = nullptr,
                                    .intake = {}};
  EventDispatcher paused_{paused_dependencies_, sink_, entropy_};
  bool ended_ = true;

  void Begin() {
    ended_ = false;
    Start();
  }
};

TEST_F(EventHintTest, ADecisionIsToldBeforeTheNextLook) {
  Begin();
  Issue("a");
  EXPECT_THAT(sink_.told, SizeIs(2)) << "nothing has woken the dispatcher but the hint";
  EXPECT_EQ(Waiting(), 0U);
}

TEST_F(EventHintTest, SoIsWhatBecomesOfAVoucher) {
  Begin();
  Issue("a");
  sink_.told.clear();
  ASSERT_THAT(SyncWait(incidents_.Withdraw(IncidentId("a"), "found", Soon())),
              kulanz::testing::IsOk());
  std::vector<std::string> types;
  for (const Event& event : sink_.told) types.emplace_back(EventTypeName(event.type));
  EXPECT_THAT(types, ElementsAre("incident.withdrawn", "voucher.revoked"));
}

TEST_F(EventHintTest, BehindAClosedDoorAHintIsNotFollowed) {
  Begin();
  sink_.held = true;
  Issue("a");
  EXPECT_THAT(sink_.tried, IsEmpty());
  sink_.held = false;
  sleeping_.Wake();
  EXPECT_THAT(sink_.told, SizeIs(2)) << "the outbox is the truth";
}

TEST_F(EventHintTest, BeforeItRunsAndAfterItWasStoppedAHintIsDropped) {
  Issue("a");
  EXPECT_THAT(sink_.tried, IsEmpty());
  Begin();
  EXPECT_THAT(sink_.told, SizeIs(2)) << "its first look";
  paused_.Stop();
  sleeping_.Wake();
  EXPECT_TRUE(ended_);
  Issue("b");
  EXPECT_THAT(sink_.told, SizeIs(2));
  EXPECT_EQ(Waiting(), 1U);
}

}  // namespace
}  // namespace kulanz::app
