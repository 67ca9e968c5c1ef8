// What a letter's terms and its incident's fate mean for the courier: apologies without a voucher, quiet
// hours, withdrawals.
#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "service/app/courier.h"
#include "tests/simulation/courier_world.h"

namespace kulanz::app {
namespace {

using ports::DeliveryReport;
using ports::DeliveryResult;
using simulation::CourierWorld;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

class CourierTermsTest : public ::testing::Test {
 protected:
  void RunFor(Duration time) { world_.world().RunFor(time); }
  std::size_t Sent() const { return world_.office.items.size(); }
  static CourierWorld::Issue AnApology() {
    CourierWorld::Issue issue;
    issue.apology = true;
    return issue;
  }

  CourierWorld world_{1};  // it is 2026-03-01T12:00:00Z
};

TEST_F(CourierTermsTest, AnApologyWithoutAVoucherIsSentOnceAndRecorded) {
  world_.Grant("I-1", AnApology());
  world_.Grant("I-2");
  world_.AddReplica();
  RunFor(seconds{60});
  ASSERT_EQ(Sent(), 2U);
  for (const auto& item : world_.office.items) {
    const bool apology = item.delivery.incident.id == IncidentId("I-1");
    EXPECT_EQ(item.delivery.voucher.has_value(), !apology);
    EXPECT_EQ(item.delivery.terms.message, "late-delivery");
  }
  EXPECT_NE(world_.office.items[0].delivery.id, world_.office.items[1].delivery.id);
  EXPECT_EQ(world_.ApologyOf("I-1").delivery.state, DeliveryState::kSent);
  EXPECT_EQ(world_.ApologyOf("I-1").delivery.attempts, 1U);
  EXPECT_EQ(world_.AgendaSize(), 0U);
}

TEST_F(CourierTermsTest, AnApologyThatCannotBeSentStandsAsDead) {
  CourierWorld::Issue issue = AnApology();
  issue.consent = false;
  world_.Grant("I-1", issue);
  world_.AddReplica();
  RunFor(seconds{60});
  EXPECT_EQ(Sent(), 0U);
  EXPECT_EQ(world_.ApologyOf("I-1").delivery.state, DeliveryState::kDead);
  EXPECT_EQ(world_.ApologyOf("I-1").delivery.last_error, "NO_CONSENT");
}

TEST_F(CourierTermsTest, WhoWasBlockedSinceTheDecisionGetsNothing) {
  CourierWorld::Issue issue = AnApology();
  issue.blocked = true;
  world_.Grant("I-1", issue);
  world_.AddReplica();
  RunFor(seconds{60});
  EXPECT_EQ(Sent(), 0U);
  EXPECT_EQ(world_.ApologyOf("I-1").delivery.state, DeliveryState::kDead);
  EXPECT_EQ(world_.ApologyOf("I-1").delivery.last_error, "CUSTOMER_BLOCKED");
}

TEST_F(CourierTermsTest, AWithdrawnApologyIsNotSent) {
  world_.Grant("I-1", AnApology());
  StoredApology apology = world_.ApologyOf("I-1");
  apology.withdrawn = true;
  const ports::Key key = world_.ApologyKey("I-1");
  world_.Put(key, world_.codec().Encode(key, apology));
  world_.AddReplica();
  RunFor(seconds{60});
  EXPECT_EQ(Sent(), 0U);
  EXPECT_EQ(world_.AgendaSize(), 0U);
}

TEST_F(CourierTermsTest, AWithdrawalDuringAnAttemptThatFailsEndsTheLetter) {
  world_.office.takes = [] { return seconds{1}; };
  world_.office.answer = [](const ports::Delivery&) {
    return DeliveryReport{DeliveryResult::kRetry, "SMTP_451", "", std::nullopt};
  };
  world_.Grant("I-1");
  world_.AddReplica();
  RunFor(milliseconds{500});
  ASSERT_EQ(Sent(), 1U);
  StoredVoucher voucher = world_.VoucherOf("I-1");
  voucher.state = VoucherState::kRevoked;
  voucher.delivery.state = DeliveryState::kCancelled;
  const ports::Key key = world_.VoucherKey("I-1");
  world_.Put(key, world_.codec().Encode(key, voucher));
  RunFor(seconds{60});
  EXPECT_EQ(Sent(), 1U);
  EXPECT_EQ(world_.VoucherOf("I-1").delivery.state, DeliveryState::kCancelled);
  EXPECT_EQ(world_.AgendaSize(), 0U);
}

TEST_F(CourierTermsTest, ALetterWaitsForTheEndOfTheQuietHours) {
  CourierWorld::Issue issue;
  issue.quiet_hours = QuietHours{hours{11}, hours{13}, "UTC"};
  world_.Grant("I-1", issue);
  world_.AddReplica();
  RunFor(minutes{60} - milliseconds{200});
  EXPECT_EQ(Sent(), 0U);
  EXPECT_EQ(world_.VoucherOf("I-1").delivery.attempts, 0U) << "waiting is no attempt";
  RunFor(milliseconds{500});
  EXPECT_EQ(Sent(), 1U);
}

TEST_F(CourierTermsTest, QuietHoursAreThoseOfTheCustomersClock) {
  CourierWorld::Issue issue;
  issue.quiet_hours = QuietHours{hours{21}, hours{8}, "UTC"};
  issue.time_zone = "Asia/Tokyo";  // 21:00
  world_.Grant("I-1", issue);
  issue.time_zone = "America/New_York";  // 07:00
  world_.Grant("I-2", issue);
  issue.time_zone = "";  // the policy's: 12:00
  world_.Grant("I-3", issue);
  world_.AddReplica();
  RunFor(seconds{10});
  EXPECT_EQ(world_.office.Accepted("I-3"), 1U);
  EXPECT_EQ(Sent(), 1U);
  RunFor(hours{1});
  EXPECT_EQ(world_.office.Accepted("I-2"), 1U);
  EXPECT_EQ(Sent(), 2U);
  RunFor(hours{10});
  EXPECT_EQ(world_.office.Accepted("I-1"), 1U);
}

TEST_F(CourierTermsTest, ARetryThatFallsIntoTheQuietHoursWaitsToo) {
  int attempts = 0;
  world_.office.answer = [&attempts](const ports::Delivery&) {
    DeliveryReport report{DeliveryResult::kAccepted, "", "", std::nullopt};
    if (++attempts == 1) {
      report = {DeliveryResult::kRetry, "SMTP_451", "", minutes{30}};
    }
    return report;
  };
  CourierWorld::Issue issue;
  issue.quiet_hours = QuietHours{hours{12} + minutes{15}, hours{13}, "UTC"};
  world_.Grant("I-1", issue);
  world_.AddReplica();
  RunFor(minutes{59});
  EXPECT_EQ(attempts, 1);
  RunFor(minutes{2});
  EXPECT_EQ(attempts, 2);
}

}  // namespace
}  // namespace kulanz::app
