// When it is not the letter's fault: attempts that do not count, and a queue that is paused for all to see.
#include <gtest/gtest.h>

#include <map>
#include <string>

#include "service/app/courier.h"
#include "service/app/courier_letter.h"
#include "tests/simulation/courier_world.h"
#include "tests/unit/app/newer_record.h"

namespace kulanz::app {
namespace {

using ports::DeliveryReport;
using ports::DeliveryResult;
using simulation::CourierWorld;
using simulation::FastCourier;
using std::chrono::milliseconds;
using std::chrono::seconds;

DeliveryReport Away() {
  DeliveryReport report{DeliveryResult::kRetry, "SMTP_UNREACHABLE", "", seconds{1}};
  report.counts = false;
  return report;
}

class CourierPausesTest : public ::testing::Test {
 protected:
  void RunFor(Duration time) { world_.world().RunFor(time); }
  CourierWorld world_{1};
};

TEST_F(CourierPausesTest, AServerThatIsAwayForLongCostsNoLetterItsAttempts) {
  bool away = true;
  world_.office.answer = [&](const ports::Delivery&) {
    return away ? Away() : DeliveryReport{DeliveryResult::kAccepted, "", "", std::nullopt};
  };
  world_.Grant("I-1");
  world_.AddReplica();
  RunFor(std::chrono::minutes{5});
  const std::size_t tries = world_.office.items.size();
  EXPECT_GT(tries, FastCourier().attempts_max * 10) << "it is asked for regularly";
  EXPECT_LE(tries, 301U) << "and no more often than it wished";
  EXPECT_EQ(world_.VoucherOf("I-1").delivery.attempts, 0U);
  EXPECT_EQ(world_.VoucherOf("I-1").delivery.last_error, "SMTP_UNREACHABLE");
  away = false;
  RunFor(seconds{5});
  EXPECT_EQ(world_.VoucherOf("I-1").delivery.state, DeliveryState::kSent);
  EXPECT_EQ(world_.VoucherOf("I-1").delivery.attempts, 1U);
}

TEST_F(CourierPausesTest, ThePauseIsVisibleUntilALetterIsTakenUpAgain) {
  DeliveryReport answer{DeliveryResult::kMisconfigured, "SMTP_LOGIN_REFUSED", "", std::nullopt};
  world_.office.answer = [&](const ports::Delivery&) { return answer; };
  world_.Grant("I-1");
  world_.AddReplica();
  RunFor(seconds{10});
  EXPECT_TRUE(world_.telemetry.paused);
  answer = Away();
  RunFor(seconds{10});
  EXPECT_TRUE(world_.telemetry.paused) << "a server that is away has not been set right";
  answer = {DeliveryResult::kRetry, "SMTP_451", "", std::nullopt};
  RunFor(seconds{10});
  EXPECT_FALSE(world_.telemetry.paused);
}

TEST_F(CourierPausesTest, LettersOfANewerServerHoldUpNobody) {
  std::map<std::string, std::string>
      written;  // by incident: the letter's record as this version reads it
  std::string behind;
  for (int i = 0; behind.empty(); ++i) {
    const std::string incident = "I-" + std::to_string(i);
    if (world_.PartitionOf(incident).number != world_.PartitionOf("I-0").number) {
      continue;
    }
    if (written.size() == 80) {  // more than are read at once
      behind = incident;
      RunFor(seconds{1});
    }
    world_.Grant(incident);
    if (behind.empty()) {
      const ports::Key key = world_.VoucherKey(incident);
      written[incident] = world_.RecordOf(key).value;
      world_.Put(key, AsOfANewerServer(world_.codec(), key, written[incident]));
    }
  }
  world_.AddReplica();
  RunFor(seconds{5});
  EXPECT_EQ(world_.office.Accepted(behind), 1U);
  EXPECT_EQ(world_.office.items.size(), 1U);
  for (const auto& [incident, record] : written) {
    world_.Put(world_.VoucherKey(incident), record);
  }
  RunFor(seconds{20});
  EXPECT_EQ(world_.office.items.size(), 81U);
  EXPECT_EQ(world_.AgendaSize(), 0U);
}

TEST(PauseAfterTest, WhatDoesNotCountWaitsAsLongAsAskedAndUpToHalfAsMuchAgain) {
  const CourierSettings settings = FastCourier();
  DeliveryReport report = Away();
  EXPECT_EQ(PauseAfter(settings, report, 7, 0), seconds{1});
  EXPECT_EQ(PauseAfter(settings, report, 7, 500), milliseconds{1'500});
  EXPECT_EQ(PauseAfter(settings, report, 7, 65'535), milliseconds{1'000 + 65'535 % 501});
  report.retry_after = std::chrono::hours{48};
  EXPECT_EQ(PauseAfter(settings, report, 7, 0), std::chrono::hours{24});
  report.retry_after.reset();
  EXPECT_EQ(PauseAfter(settings, report, 7, 0), settings.backoff_first);
  report.counts = true;
  EXPECT_EQ(PauseAfter(settings, report, 3, 200), settings.backoff_first * 4);
}

}  // namespace
}  // namespace kulanz::app
