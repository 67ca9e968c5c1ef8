// The letters that follow the first one: when they are sent, and when they are not.
#include "service/app/courier_follow_up.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "service/base/time_zone.h"
#include "tests/simulation/courier_world.h"

namespace kulanz::app {
namespace {

using ports::DeliveryReport;
using ports::DeliveryResult;
using simulation::CourierWorld;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr Duration kDay = hours{24};

Money Five() { return *Money::Parse("5", *Currency::FromCode("EUR")); }

class CourierFollowUpTest : public ::testing::Test {
 protected:
  CourierFollowUpTest() {
    world_.settings.poll = minutes{10};  // weeks pass here
    issue_.valid_for = kDay * 30;
    issue_.reminder = FollowUp{"voucher-reminder", kDay * 14};
    issue_.feedback = FollowUp{"feedback", kDay * 5};
  }

  void Grant() {
    world_.Grant("I-1", issue_);
    begin_ = world_.world().wall();
    world_.AddReplica();
  }
  void RunFor(Duration time) { world_.world().RunFor(time); }
  std::vector<std::string> Messages() const {
    std::vector<std::string> messages;
    for (const auto& item : world_.office.items) {
      messages.push_back(item.delivery.terms.message);
    }
    return messages;
  }
  void Change(const std::function<void(StoredVoucher&)>& change) {
    StoredVoucher voucher = world_.VoucherOf("I-1");
    change(voucher);
    const ports::Key key = world_.VoucherKey("I-1");
    world_.Put(key, world_.codec().Encode(key, voucher));
  }

  CourierWorld world_{1};
  CourierWorld::Issue issue_;
  Instant begin_{};
};

TEST_F(CourierFollowUpTest, BothComeOnTheirDaysAndOnce) {
  Grant();
  RunFor(kDay * 5 - hours{1});
  EXPECT_THAT(Messages(), ::testing::ElementsAre("late-delivery"));
  RunFor(hours{2});
  EXPECT_THAT(Messages(), ::testing::ElementsAre("late-delivery", "feedback"));
  RunFor(kDay * 11 - hours{2});
  EXPECT_EQ(Messages().size(), 2U);
  RunFor(hours{2});
  EXPECT_THAT(Messages(), ::testing::ElementsAre("late-delivery", "feedback", "voucher-reminder"));
  RunFor(kDay * 20);
  EXPECT_EQ(Messages().size(), 3U);
  EXPECT_EQ(world_.AgendaSize(), 0U);
  const auto& items = world_.office.items;
  EXPECT_NE(items[0].delivery.id, items[1].delivery.id);
  EXPECT_NE(items[1].delivery.id, items[2].delivery.id);
  EXPECT_EQ(items[1].delivery.written_at, begin_ + kDay * 5);
  EXPECT_EQ(items[2].delivery.written_at, begin_ + kDay * 16);
  ASSERT_TRUE(items[2].delivery.voucher.has_value()) << "a reminder bears the code";
  EXPECT_EQ(world_.VoucherOf("I-1").delivery.attempts, 1U) << "of the first letter";
  EXPECT_EQ(world_.telemetry.delivered_after.size(), 1U) << "only it is the apology";
}

TEST_F(CourierFollowUpTest, NeitherComesForAVoucherThatWasUsedRevokedOrReissued) {
  const std::vector<std::function<void(StoredVoucher&)>> changes = {
      [](StoredVoucher& voucher) {
        Redemption redemption{RedemptionId("R-1"), OrderId("O-1"), Five(), Instant{} + seconds{1}};
        voucher.redemptions.push_back(redemption);
        voucher.state = VoucherState::kRedeemed;
      },
      [](StoredVoucher& voucher) { voucher.state = VoucherState::kRevoked; },
      [](StoredVoucher& voucher) { voucher.state = VoucherState::kReissued; },
      [](StoredVoucher& voucher) { voucher.delivery.state = DeliveryState::kDead; },
      [](StoredVoucher& voucher) { voucher.delivery.state = DeliveryState::kCancelled; },
  };
  Grant();
  RunFor(hours{1});
  EXPECT_EQ(Messages().size(), 1U);
  int number = 1;
  for (const auto& change : changes) {
    const std::string incident = "I-" + std::to_string(++number);
    world_.Grant(incident, issue_);
    RunFor(hours{1});
    StoredVoucher voucher = world_.VoucherOf(incident);
    change(voucher);
    const ports::Key key = world_.VoucherKey(incident);
    world_.Put(key, world_.codec().Encode(key, voucher));
  }
  RunFor(kDay * 40);
  const std::vector<std::string> messages = Messages();
  EXPECT_EQ(std::count(messages.begin(), messages.end(), "feedback"), 1) << "the first one's";
  EXPECT_EQ(std::count(messages.begin(), messages.end(), "voucher-reminder"), 1);
  EXPECT_EQ(world_.AgendaSize(), 0U);
}

TEST_F(CourierFollowUpTest, AReversedRedemptionIsNoUse) {
  Grant();
  RunFor(hours{1});
  Change([this](StoredVoucher& voucher) {
    Redemption redemption{RedemptionId("R-1"), OrderId("O-1"), Five(), Instant{} + seconds{1}};
    redemption.reversed_at = world_.world().wall();
    voucher.redemptions.push_back(redemption);
  });
  RunFor(kDay * 40);
  EXPECT_EQ(Messages().size(), 3U);
}

TEST_F(CourierFollowUpTest, QuietHoursHold) {
  issue_.reminder.reset();
  const CivilTime local = TimeZone().At(world_.world().wall());
  const auto now = std::chrono::duration_cast<minutes>(local.time_of_day);
  // From a little before until two hours after the time of the day at which all is due.
  const auto clock = [](minutes time) { return (time + hours{24}) % hours{24}; };
  issue_.quiet_hours = QuietHours{clock(now - minutes{30}), clock(now + hours{2}), "UTC"};
  Grant();
  RunFor(hours{3});
  EXPECT_EQ(Messages().size(), 1U);
  RunFor(kDay * 5 - hours{2} + minutes{30});
  EXPECT_EQ(Messages().size(), 1U) << "it is due, and it is quiet";
  RunFor(hours{1});
  EXPECT_EQ(Messages().size(), 2U);
}

TEST_F(CourierFollowUpTest, WhatIsNotTakenForDaysIsDroppedWithoutATrace) {
  world_.office.answer = [](const ports::Delivery& delivery) {
    DeliveryReport report;
    report.result = delivery.terms.message == "late-delivery" ? DeliveryResult::kAccepted
                                                              : DeliveryResult::kRetry;
    report.reason = report.result == DeliveryResult::kRetry ? "SMTP_451" : "";
    return report;
  };
  issue_.feedback.reset();
  Grant();
  RunFor(kDay * 40);
  EXPECT_GT(Messages().size(), 3U) << "tried again";
  EXPECT_EQ(world_.AgendaSize(), 0U);
  EXPECT_EQ(world_.VoucherOf("I-1").delivery.state, DeliveryState::kSent);
}

TEST_F(CourierFollowUpTest, OneServerSendsWhatSeveralSee) {
  Grant();
  world_.AddReplica();
  world_.AddReplica();
  RunFor(kDay * 40);
  EXPECT_EQ(Messages().size(), 3U);
}

TEST_F(CourierFollowUpTest, AVoucherThatEndsSoonIsNotRemindedOf) {
  issue_.valid_for = kDay * 10;
  Grant();
  RunFor(kDay * 40);
  EXPECT_THAT(Messages(), ::testing::ElementsAre("late-delivery", "feedback"));
}

}  // namespace
}  // namespace kulanz::app
