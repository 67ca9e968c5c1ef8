// What the courier promises, one promise at a time, on the deterministic scheduler.
#include "service/app/courier.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "service/app/courier_letter.h"
#include "tests/simulation/courier_world.h"

namespace kulanz::app {
namespace {

using ports::DeliveryReport;
using ports::DeliveryResult;
using simulation::CourierWorld;
using simulation::FastCourier;
using std::chrono::milliseconds;
using std::chrono::seconds;
using Replica = CourierWorld::Replica;

DeliveryReport Report(DeliveryResult result, std::string reason) {
  return {result, std::move(reason), "", std::nullopt};
}

class CourierTest : public ::testing::Test {
 protected:
  void RunFor(Duration time) { world_.world().RunFor(time); }
  std::size_t Sent() const { return world_.office.items.size(); }
  // Whether the letter is off the agenda, and the voucher says so.
  void ExpectEnd(const std::string& incident, DeliveryState state, const std::string& error) {
    const StoredVoucher voucher = world_.VoucherOf(incident);
    EXPECT_EQ(DeliveryStateName(voucher.delivery.state), DeliveryStateName(state));
    EXPECT_EQ(voucher.delivery.last_error, error);
    EXPECT_EQ(world_.AgendaSize(), 0U);
  }

  CourierWorld world_{1};
};

TEST_F(CourierTest, SendsADueLetterOnceAndRecordsIt) {
  world_.Grant("I-1");
  world_.AddReplica();
  RunFor(seconds{60});
  ASSERT_EQ(Sent(), 1U);
  ExpectEnd("I-1", DeliveryState::kSent, "");
  EXPECT_EQ(world_.VoucherOf("I-1").delivery.attempts, 1U);
  EXPECT_EQ(world_.telemetry.attempts["accepted/"], 1);
  ASSERT_EQ(world_.telemetry.delivered_after.size(), 1U);
  EXPECT_LT(world_.telemetry.delivered_after[0], 1.0);
}

TEST_F(CourierTest, TheLetterHasEverythingAMessageNeeds) {
  world_.Grant("I-1");
  world_.AddReplica();
  RunFor(seconds{1});
  ASSERT_EQ(Sent(), 1U);
  const ports::Delivery& delivery = world_.office.items[0].delivery;
  EXPECT_EQ(delivery.id.size(), 32U);
  EXPECT_EQ(delivery.customer.email, "someone@example.com");
  EXPECT_EQ(delivery.incident.id.text(), "I-1");
  EXPECT_EQ(delivery.terms.signed_by, "anna");
  EXPECT_EQ(delivery.zone, "UTC");
  ASSERT_TRUE(delivery.voucher.has_value());
  EXPECT_EQ(delivery.written_at, delivery.voucher->voucher.issued_at);
  EXPECT_EQ(VoucherCode::Parse(delivery.voucher->code.Reveal())->partition(),
            world_.PartitionOf("I-1").number);
}

TEST_F(CourierTest, WaitsUntilTheLetterIsDue) {
  CourierWorld::Issue issue;
  issue.wait = seconds{10};
  world_.Grant("I-1", issue);
  world_.AddReplica();
  RunFor(milliseconds{9'900});
  EXPECT_EQ(Sent(), 0U);
  RunFor(milliseconds{300});
  EXPECT_EQ(Sent(), 1U);
}

TEST_F(CourierTest, ANotifiedLetterDoesNotWaitForThePoll) {
  world_.settings.poll = seconds{30};
  Replica& replica = world_.AddReplica();
  RunFor(seconds{1});
  world_.Grant("I-1");
  replica.courier->Notify(world_.PartitionOf("I-1"), world_.world().wall());
  RunFor(milliseconds{100});
  EXPECT_EQ(Sent(), 1U);
}

TEST_F(CourierTest, ANotifiedLetterOfTheNearFutureIsSentWhenItIsDue) {
  world_.settings.poll = seconds{30};
  Replica& replica = world_.AddReplica();
  RunFor(seconds{1});
  CourierWorld::Issue issue;
  issue.wait = seconds{5};
  world_.Grant("I-1", issue);
  replica.courier->Notify(world_.PartitionOf("I-1"), world_.world().wall() + seconds{5});
  RunFor(milliseconds{4'900});
  EXPECT_EQ(Sent(), 0U);
  RunFor(milliseconds{200});
  EXPECT_EQ(Sent(), 1U);
}

TEST_F(CourierTest, TriesAgainWithGrowingPausesAndThenGivesUpVisibly) {
  world_.office.answer = [](const ports::Delivery&) {
    return Report(DeliveryResult::kRetry, "SMTP_451");
  };
  world_.Grant("I-1");
  world_.AddReplica();
  RunFor(seconds{60});
  const auto& items = world_.office.items;
  ASSERT_EQ(items.size(), FastCourier().attempts_max);
  for (std::size_t i = 1; i < items.size(); ++i) {
    const auto pause = items[i].at - items[i - 1].at;
    const Duration expected = FastCourier().backoff_first * (1 << (i - 1));
    EXPECT_GE(pause, expected * 4 / 5) << "attempt " << i + 1;
    EXPECT_LE(pause, expected * 6 / 5 + FastCourier().poll + milliseconds{100});
    EXPECT_EQ(items[i].delivery.id, items[0].delivery.id) << "repetitions must be recognisable";
  }
  ExpectEnd("I-1", DeliveryState::kDead, "SMTP_451");
}

TEST_F(CourierTest, AnAttemptThatSucceedsLaterClearsTheError) {
  int attempts = 0;
  world_.office.answer = [&](const ports::Delivery&) {
    return ++attempts < 3 ? Report(DeliveryResult::kRetry, "SMTP_451")
                          : Report(DeliveryResult::kAccepted, "");
  };
  world_.Grant("I-1");
  world_.AddReplica();
  RunFor(seconds{60});
  EXPECT_EQ(Sent(), 3U);
  ExpectEnd("I-1", DeliveryState::kSent, "");
}

TEST_F(CourierTest, HonoursRetryAfter) {
  world_.office.answer = [](const ports::Delivery&) {
    DeliveryReport report = Report(DeliveryResult::kRetry, "HTTP_429");
    report.retry_after = seconds{20};
    return report;
  };
  world_.Grant("I-1");
  world_.AddReplica();
  RunFor(seconds{19});
  EXPECT_EQ(Sent(), 1U);
  RunFor(seconds{2});
  EXPECT_EQ(Sent(), 2U);
}

TEST_F(CourierTest, AnUndeliverableLetterIsDeadAtOnce) {
  world_.office.answer = [](const ports::Delivery&) {
    return Report(DeliveryResult::kUndeliverable, "SMTP_550");
  };
  world_.Grant("I-1");
  world_.AddReplica();
  RunFor(seconds{60});
  EXPECT_EQ(Sent(), 1U);
  ExpectEnd("I-1", DeliveryState::kDead, "SMTP_550");
}

TEST_F(CourierTest, AMisconfiguredMessengerPausesTheQueueAndUsesUpNoAttempts) {
  bool right = false;
  world_.office.answer = [&](const ports::Delivery&) {
    return right ? Report(DeliveryResult::kAccepted, "")
                 : Report(DeliveryResult::kMisconfigured, "SMTP_535");
  };
  for (int i = 0; i < 20; ++i) {
    world_.Grant("I-" + std::to_string(i));
  }
  world_.AddReplica();
  RunFor(seconds{20});
  EXPECT_LE(Sent(), 20 * FastCourier().in_flight_max) << "the queue pauses, not every letter";
  EXPECT_EQ(world_.AgendaSize(), 20U);
  EXPECT_EQ(world_.VoucherOf("I-0").delivery.attempts, 0U);
  right = true;
  RunFor(seconds{20});
  EXPECT_EQ(world_.AgendaSize(), 0U);
  EXPECT_EQ(world_.office.Accepted("I-0"), 1U);
}

TEST_F(CourierTest, ARevokedVoucherIsNotSent) {
  CourierWorld::Issue issue;
  issue.state = VoucherState::kRevoked;
  world_.Grant("I-1", issue);
  world_.AddReplica();
  RunFor(seconds{5});
  EXPECT_EQ(Sent(), 0U);
  EXPECT_EQ(world_.AgendaSize(), 0U);
}

TEST_F(CourierTest, WithoutAProfileTheLetterIsDead) {
  CourierWorld::Issue issue;
  issue.profile = false;
  world_.Grant("I-1", issue);
  world_.AddReplica();
  RunFor(seconds{5});
  EXPECT_EQ(Sent(), 0U);
  ExpectEnd("I-1", DeliveryState::kDead, "NO_ADDRESS");
  EXPECT_EQ(world_.telemetry.attempts["undeliverable/NO_ADDRESS"], 1);
}

TEST_F(CourierTest, WithoutConsentTheLetterIsDead) {
  CourierWorld::Issue issue;
  issue.consent = false;
  world_.Grant("I-1", issue);
  world_.AddReplica();
  RunFor(seconds{5});
  EXPECT_EQ(Sent(), 0U);
  ExpectEnd("I-1", DeliveryState::kDead, "NO_CONSENT");
}

TEST_F(CourierTest, AVoucherThatHasExpiredIsNotSent) {
  CourierWorld::Issue issue;
  issue.valid_for = Duration{-1};
  world_.Grant("I-1", issue);
  world_.AddReplica();
  RunFor(seconds{5});
  EXPECT_EQ(Sent(), 0U);
  ExpectEnd("I-1", DeliveryState::kDead, "VOUCHER_EXPIRED");
}

TEST_F(CourierTest, WithoutItsSecretALetterWaitsForIt) {
  CourierWorld::Issue issue;
  issue.secret_id = "s0";
  world_.Grant("I-1", issue);
  world_.AddReplica();
  RunFor(seconds{20});
  EXPECT_EQ(Sent(), 0U);
  EXPECT_EQ(world_.AgendaSize(), 1U) << "never another code, never lost";
  EXPECT_EQ(world_.VoucherOf("I-1").delivery.attempts, 0U);
}

TEST_F(CourierTest, ADecisionThatFailsItsMacHoldsItsLetterBack) {
  world_.Grant("I-1");
  const ports::Key key = world_.keys().Decision(world_.PartitionOf("I-1"), IncidentId("I-1"));
  world_.Put(key, "garbage that is long enough");
  world_.AddReplica();
  RunFor(seconds{20});
  EXPECT_EQ(Sent(), 0U);
  EXPECT_EQ(world_.AgendaSize(), 1U);
}

TEST_F(CourierTest, WorkThatThisVersionDoesNotKnowIsLeftAlone) {
  ports::Transaction transaction;
  transaction.partition = ports::PartitionId{0};
  transaction.writes.emplace_back(
      ports::IndexPut{world_.keys().Agenda({0}), {"Zsomething of the future", 0}});
  ASSERT_TRUE(world_.database().Apply(transaction).ok());
  world_.AddReplica();
  RunFor(seconds{5});
  EXPECT_EQ(world_.AgendaSize(), 1U);
}

TEST_F(CourierTest, SendsNoMoreAtOnceThanAllowed) {
  world_.office.takes = [] { return milliseconds{50}; };
  for (int i = 0; i < 40; ++i) {
    world_.Grant("I-" + std::to_string(i));
  }
  world_.AddReplica();
  RunFor(seconds{10});
  EXPECT_EQ(Sent(), 40U);
  EXPECT_EQ(world_.office.under_way_most, FastCourier().in_flight_max);
}

TEST_F(CourierTest, AgendasThatAreLongerThanOneLookAreWorkedOffWithoutPolling) {
  world_.settings.poll = seconds{30};
  for (int i = 0; i < 2'000; ++i) {
    world_.Grant("I-" + std::to_string(i));
  }
  world_.AddReplica();
  RunFor(seconds{29});
  EXPECT_EQ(Sent(), 2'000U);
}

TEST_F(CourierTest, TheAgendasSizeAndAgeAreObserved) {
  world_.office.answer = [](const ports::Delivery&) {
    DeliveryReport report = Report(DeliveryResult::kRetry, "SMTP_451");
    report.retry_after = seconds{3'600};
    return report;
  };
  world_.Grant("I-1");
  world_.Grant("I-2");
  world_.AddReplica();
  RunFor(seconds{2});
  EXPECT_EQ(world_.telemetry.agenda_entries, 2U);
  EXPECT_EQ(world_.telemetry.agenda_oldest_due, 0) << "both wait for their next attempt";
}

// ---- Several couriers, and accidents ------------------------------------------------------------

TEST_F(CourierTest, SeveralCouriersShareTheWorkWithoutSendingTwice) {
  world_.office.takes = [] { return milliseconds{20}; };
  for (int i = 0; i < 200; ++i) {
    world_.Grant("I-" + std::to_string(i));
  }
  world_.AddReplica();
  world_.AddReplica();
  world_.AddReplica();
  RunFor(seconds{30});
  EXPECT_EQ(Sent(), 200U);
  EXPECT_EQ(world_.AgendaSize(), 0U);
}

TEST_F(CourierTest, TheLetterOfADeadCourierIsTakenOverWhenItsClaimEnds) {
  world_.office.takes = [] { return seconds{1}; };
  world_.Grant("I-1");
  Replica& dead = world_.AddReplica();
  RunFor(milliseconds{500});
  ASSERT_EQ(Sent(), 1U);
  world_.Kill(dead);
  world_.AddReplica();
  RunFor(FastCourier().lease - milliseconds{600});
  EXPECT_EQ(Sent(), 1U) << "the claim stands until its lease ends";
  RunFor(seconds{3});
  ASSERT_EQ(Sent(), 2U);
  EXPECT_EQ(world_.office.items[0].delivery.id, world_.office.items[1].delivery.id);
  ExpectEnd("I-1", DeliveryState::kSent, "");
  EXPECT_EQ(world_.VoucherOf("I-1").delivery.attempts, 2U) << "the lost attempt counts";
}

TEST_F(CourierTest, ALetterThatKillsEveryCourierDiesItself) {
  world_.office.takes = [] { return seconds{1}; };
  world_.Grant("I-1");
  for (std::uint32_t i = 0; i < FastCourier().attempts_max; ++i) {
    Replica& victim = world_.AddReplica();
    world_.world().RunUntil([&] { return Sent() == i + 1; }, seconds{10});
    world_.Kill(victim);
  }
  world_.AddReplica();
  RunFor(seconds{20});
  EXPECT_EQ(Sent(), FastCourier().attempts_max);
  ExpectEnd("I-1", DeliveryState::kDead, "ATTEMPTS_EXHAUSTED");
}

TEST_F(CourierTest, ARedemptionDuringTheSendIsKept) {
  world_.office.takes = [] { return seconds{1}; };
  world_.Grant("I-1");
  world_.AddReplica();
  RunFor(milliseconds{500});
  StoredVoucher voucher = world_.VoucherOf("I-1");
  voucher.state = VoucherState::kRedeemed;
  voucher.remaining_minor_units = 0;
  const ports::Key key = world_.VoucherKey("I-1");
  world_.Put(key, world_.codec().Encode(key, voucher));
  RunFor(seconds{2});
  ExpectEnd("I-1", DeliveryState::kSent, "");
  EXPECT_EQ(world_.VoucherOf("I-1").state, VoucherState::kRedeemed);
  EXPECT_EQ(world_.VoucherOf("I-1").remaining_minor_units, 0);
}

TEST_F(CourierTest, AStoreThatIsAwayOnlyDelays) {
  world_.Grant("I-1");
  world_.database().faults.unreachable = 1'000;
  world_.AddReplica();
  RunFor(seconds{5});
  EXPECT_EQ(Sent(), 0U);
  world_.database().faults.unreachable = 0;
  RunFor(seconds{1});
  EXPECT_EQ(Sent(), 1U);
}

TEST_F(CourierTest, StopFinishesWhatIsInHandAndStartsNoMore) {
  world_.office.takes = [] { return seconds{1}; };
  for (int i = 0; i < 10; ++i) {
    world_.Grant("I-" + std::to_string(i));
  }
  Replica& replica = world_.AddReplica();
  RunFor(milliseconds{500});
  const std::size_t in_hand = Sent();
  ASSERT_GT(in_hand, 0U);
  replica.courier->Stop();
  RunFor(milliseconds{200});
  EXPECT_FALSE(replica.ended);
  RunFor(seconds{3});
  EXPECT_TRUE(replica.ended);
  EXPECT_EQ(Sent(), in_hand);
  EXPECT_EQ(world_.AgendaSize(), 10 - in_hand) << "what was in hand is recorded";
}

TEST(BackoffAfterTest, DoublesUpToTheLongestWithJitter) {
  CourierSettings settings;
  settings.backoff_first = seconds{5};
  settings.backoff_max = seconds{60};
  constexpr std::uint16_t kMiddle = 200;
  EXPECT_EQ(BackoffAfter(settings, 1, std::nullopt, kMiddle), seconds{5});
  EXPECT_EQ(BackoffAfter(settings, 2, std::nullopt, kMiddle), seconds{10});
  EXPECT_EQ(BackoffAfter(settings, 4, std::nullopt, kMiddle), seconds{40});
  EXPECT_EQ(BackoffAfter(settings, 5, std::nullopt, kMiddle), seconds{60});
  EXPECT_EQ(BackoffAfter(settings, 4'000'000'000U, std::nullopt, kMiddle), seconds{60});
  EXPECT_EQ(BackoffAfter(settings, 1, std::nullopt, 0), seconds{4});
  EXPECT_EQ(BackoffAfter(settings, 1, std::nullopt, 400), seconds{6});
  EXPECT_EQ(BackoffAfter(settings, 1, seconds{600}, kMiddle), seconds{600});
  EXPECT_EQ(BackoffAfter(settings, 1, std::chrono::hours{1'000}, kMiddle), std::chrono::hours{24});
}

}  // namespace
}  // namespace kulanz::app
