// Events as the specification's own library receives them: every type, and receivers that want nothing more.
#include "service/adapters/webhook/webhook_events.h"

#include <gmock/gmock.h>
#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>

#include <map>
#include <mutex>
#include <string>
#include <utility>

#include "kulanz/v1/event.pb.h"
#include "service/base/steady_now.h"
#include "tests/integration/webhook/webhook_fixture.h"
#include "tests/support/status_matchers.h"

namespace kulanz::adapters {
namespace {

using kulanz::testing::StatusIs;
using ports::DeliveryReport;
using ports::DeliveryResult;

class CountingTelemetry final : public ports::NullTelemetry {
 public:
  void WebhookDisabled(std::string_view endpoint, bool is_disabled) override {
    const std::lock_guard lock(mutex_);
    disabled_[std::string(endpoint)] = is_disabled;
  }
  bool disabled() {
    const std::lock_guard lock(mutex_);
    return disabled_.at("events");
  }

 private:
  std::mutex mutex_;
  std::map<std::string, bool> disabled_;
};

Event AnEvent(EventType type) {
  Event event;
  event.id = "evt_00112233445566778899aabbccddeeff";
  event.type = type;
  event.at = *ParseInstant("2026-10-15T12:00:00.250Z");
  event.customer = CustomerId("C-1");
  event.incident = IncidentId("Ärger-\"1\"\n😀");
  event.revision = 2;
  event.incident_type = "late_delivery";
  event.policy = PolicyId("late-delivery");
  event.amount = Money::Parse("12.34", *Currency::FromCode("EUR"));
  event.voucher_id = std::string(36, 'a');
  event.remaining = Money::Parse("700", *Currency::FromCode("JPY"));
  event.valid_until = *ParseInstant("2027-01-15T22:59:59.999Z");
  event.operation_id = "R-1";
  event.order = OrderId("O-1");
  event.breaker = "type/late_delivery";
  event.gestures = 1'001;
  event.per_minute = 60'000;
  event.dismissed = true;
  return event;
}

class WebhookEventsTest : public WebhookTest {
 protected:
  void SetUp() override {
    WebhookTest::SetUp();
    if (!IsSkipped()) Start();
  }
  void Start() {
    auto sender = WebhookSender::Make("events", endpoint_, 2, telemetry_, log_);
    ASSERT_TRUE(sender.ok()) << sender.status().ToString();
    events_ = std::make_unique<WebhookEvents>(*std::move(sender));
  }
  DeliveryReport Publish(EventType type = EventType::kVoucherRedeemed) {
    return SyncWait(events_->Publish(AnEvent(type)));
  }

  CountingTelemetry telemetry_;
  ports::NullLog log_;
  std::unique_ptr<WebhookEvents> events_;
};

TEST_F(WebhookEventsTest, EveryTypeIsVerifiedAndReadByTheSchemaThatIsPublished) {
  for (std::size_t number = 0; number < kEventTypeNames.size(); ++number) {
    EXPECT_EQ(Publish(static_cast<EventType>(number)).result, DeliveryResult::kAccepted);
  }
  const auto received = receiver_->Events();
  ASSERT_EQ(received.size(), kEventTypeNames.size());
  EXPECT_EQ(receiver_->Received().refused, 0U);
  for (std::size_t number = 0; number < received.size(); ++number) {
    v1::WebhookEvent event;
    ASSERT_TRUE(google::protobuf::util::JsonStringToMessage(received[number].body, &event).ok());
    EXPECT_EQ(received[number].id, "evt_00112233445566778899aabbccddeeff");
    EXPECT_EQ(event.type(), kEventTypeNames.at(number));
    EXPECT_EQ(event.timestamp().nanos(), 250'000'000);
    EXPECT_EQ(event.data().incident_id(), "Ärger-\"1\"\n😀");
    EXPECT_EQ(event.data().amount().units(), 12);
    EXPECT_EQ(event.data().amount().nanos(), 340'000'000);
    EXPECT_EQ(event.data().remaining().units(), 700);
    EXPECT_EQ(event.data().remaining().currency_code(), "JPY");
    EXPECT_EQ(event.data().order_id(), "O-1");
    EXPECT_EQ(event.data().breaker(), "type/late_delivery");
    EXPECT_EQ(event.data().gestures(), 1'001);
    EXPECT_EQ(event.data().per_minute(), 60'000);
    EXPECT_TRUE(event.data().dismissed());
  }
}

TEST_F(WebhookEventsTest, GoneMeansNothingMoreUntilAnOperatorActs) {
  receiver_->Command("answer 410");
  const DeliveryReport gone = Publish();
  EXPECT_EQ(gone.reason, "WEBHOOK_DISABLED");
  EXPECT_FALSE(gone.counts) << "the event waits";
  EXPECT_TRUE(telemetry_.disabled());
  EXPECT_TRUE(events_->Held());
  receiver_->Command("answer 204");
  EXPECT_EQ(Publish().reason, "WEBHOOK_DISABLED");
  EXPECT_EQ(receiver_->Received().accepted, 1U) << "it was not asked again";
  std::filesystem::last_write_time(
      directory_.File("secret"),
      std::filesystem::file_time_type::clock::now() + std::chrono::seconds(5));
  EXPECT_FALSE(events_->Held());
  EXPECT_FALSE(telemetry_.disabled());
  EXPECT_EQ(Publish().result, DeliveryResult::kAccepted);
}

TEST_F(WebhookEventsTest, RetryAfterHoldsEveryEvent) {
  receiver_->Command("answer 429 3600");
  const DeliveryReport first = Publish();
  EXPECT_TRUE(first.counts);
  EXPECT_EQ(first.retry_after, std::chrono::hours{1});
  const DeliveryReport second = Publish();
  EXPECT_FALSE(second.counts);
  EXPECT_EQ(second.reason, "HTTP_429");
  EXPECT_GT(second.retry_after, std::chrono::minutes{59});
  EXPECT_EQ(receiver_->Received().accepted, 1U) << "it is left in peace";
}

TEST_F(WebhookEventsTest, AReceiverThatIsAwayIsAskedNowAndThen) {
  receiver_->Command("answer 500");
  for (std::uint32_t i = 0; i < EndpointGate::kFailuresMax; ++i) EXPECT_TRUE(Publish().counts);
  EXPECT_FALSE(Publish().counts);
  EXPECT_TRUE(events_->Held());
  EXPECT_EQ(receiver_->Received().accepted, EndpointGate::kFailuresMax);
}

TEST_F(WebhookEventsTest, WhatWaitsIsGivenBackWhenTheServerStops) {
  events_->Drain(SteadyNow());
  const DeliveryReport report = Publish();
  EXPECT_EQ(report.reason, "SHUTTING_DOWN");
  EXPECT_FALSE(report.counts);
}

TEST_F(WebhookEventsTest, WithoutAUsableSecretItDoesNotStart) {
  WebhookEndpoint endpoint = endpoint_;
  endpoint.secret_file = directory_.File("none");
  EXPECT_THAT(WebhookSender::Make("events", endpoint, 1, telemetry_, log_).status(),
              StatusIs(Code::kFailedPrecondition, "WEBHOOK_SECRET_FILE"));
}

}  // namespace
}  // namespace kulanz::adapters
