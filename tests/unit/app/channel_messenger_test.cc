// Which way an apology goes: every preference, every answer of either channel.
#include "service/app/channel_messenger.h"

#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <utility>

namespace kulanz::app {
namespace {

using ports::DeliveryReport;
using ports::DeliveryResult;

DeliveryReport Of(DeliveryResult result, std::string reason = "") {
  DeliveryReport report;
  report.result = result;
  report.reason = std::move(reason);
  return report;
}

class FakeMessenger final : public ports::Messenger {
 public:
  Task<DeliveryReport> Send(ports::Delivery delivery) override {
    ++sent;
    last = std::move(delivery);
    co_return answer;
  }
  void Drain(Deadline latest) override { drained = latest; }

  DeliveryReport answer = Of(DeliveryResult::kAccepted);
  ports::Delivery last;
  int sent = 0;
  std::optional<Deadline> drained;
};

class CountingTelemetry final : public ports::NullTelemetry {
 public:
  void EventTold(std::string_view type, std::string_view result) override {
    ++told[std::string(type) + "/" + std::string(result)];
  }
  std::map<std::string, int> told;
};

class ChannelMessengerTest : public ::testing::Test {
 protected:
  DeliveryReport Send(Channel preferred, std::string email = "zoe@example.com") {
    ports::Delivery delivery;
    delivery.id = "d-1";
    delivery.customer.preferred_channel = preferred;
    delivery.customer.email = std::move(email);
    return SyncWait(messenger_.Send(std::move(delivery)));
  }
  DeliveryReport SendBy(std::optional<Channel> policy, Channel preferred) {
    ports::Delivery delivery;
    delivery.terms.channel = policy;
    delivery.customer.preferred_channel = preferred;
    delivery.customer.email = "zoe@example.com";
    return SyncWait(messenger_.Send(std::move(delivery)));
  }
  void ExpectSent(int by_email, int by_webhook) {
    EXPECT_EQ(email_.sent, by_email) << "by e-mail";
    EXPECT_EQ(webhook_.sent, by_webhook) << "by webhook";
  }

  FakeMessenger email_;
  FakeMessenger webhook_;
  CountingTelemetry telemetry_;
  ChannelMessenger messenger_{email_, webhook_, telemetry_};
};

TEST_F(ChannelMessengerTest, ThePreferredChannelAloneWhenItWorks) {
  EXPECT_EQ(Send(Channel::kEmail).result, DeliveryResult::kAccepted);
  ExpectSent(1, 0);
  EXPECT_EQ(Send(Channel::kWebhook).result, DeliveryResult::kAccepted);
  ExpectSent(1, 1);
  EXPECT_EQ(webhook_.last.id, "d-1");
}

TEST_F(ChannelMessengerTest, ThePolicysChannelComesBeforeTheCustomers) {
  SendBy(Channel::kWebhook, Channel::kEmail);
  ExpectSent(0, 1);
  SendBy(Channel::kEmail, Channel::kWebhook);
  ExpectSent(1, 1);
  SendBy(std::nullopt, Channel::kWebhook);
  ExpectSent(1, 2);
}

TEST_F(ChannelMessengerTest, WhereThePolicysChannelCannotReachThemTheOtherOneDoes) {
  webhook_.answer = Of(DeliveryResult::kUndeliverable, "HTTP_422");
  EXPECT_EQ(SendBy(Channel::kWebhook, Channel::kWebhook).result, DeliveryResult::kAccepted);
  ExpectSent(1, 1);
  webhook_.answer = Of(DeliveryResult::kAccepted);
  email_.answer = Of(DeliveryResult::kUndeliverable, "SMTP_550");
  EXPECT_EQ(SendBy(Channel::kEmail, Channel::kEmail).result, DeliveryResult::kAccepted);
  ExpectSent(2, 2);
}

TEST_F(ChannelMessengerTest, ARefusedAddressIsToldWhicheverChannelReachedThem) {
  email_.answer = Of(DeliveryResult::kUndeliverable, "SMTP_550");
  email_.answer.address_refused = true;
  EXPECT_TRUE(Send(Channel::kEmail).address_refused);
  webhook_.answer = Of(DeliveryResult::kUndeliverable, "HTTP_422");
  EXPECT_TRUE(Send(Channel::kEmail).address_refused);
  EXPECT_TRUE(Send(Channel::kWebhook).address_refused);
}

TEST_F(ChannelMessengerTest, WhoHasNoAddressIsReachedByWebhook) {
  email_.answer = Of(DeliveryResult::kUndeliverable, "NO_ADDRESS");
  EXPECT_EQ(Send(Channel::kEmail, "").result, DeliveryResult::kAccepted);
  ExpectSent(1, 1);
  EXPECT_EQ(telemetry_.told["message.send/webhook_instead"], 1);
  EXPECT_EQ(webhook_.last.id, "d-1") << "under the same id";
}

TEST_F(ChannelMessengerTest, WhoCannotBeReachedByWebhookGetsAnEmail) {
  for (const DeliveryResult result :
       {DeliveryResult::kUndeliverable, DeliveryResult::kMisconfigured}) {
    webhook_.answer = Of(result, "HTTP_422");
    EXPECT_EQ(Send(Channel::kWebhook).result, DeliveryResult::kAccepted);
  }
  ExpectSent(2, 2);
  EXPECT_EQ(telemetry_.told["message.send/email_instead"], 2);
}

TEST_F(ChannelMessengerTest, WhatMayStillSucceedIsNotSentTwice) {
  webhook_.answer = Of(DeliveryResult::kRetry, "HTTP_503");
  EXPECT_EQ(Send(Channel::kWebhook).reason, "HTTP_503");
  ExpectSent(0, 1);
  email_.answer = Of(DeliveryResult::kRetry, "SMTP_UNCONFIRMED");
  EXPECT_EQ(Send(Channel::kEmail).reason, "SMTP_UNCONFIRMED");
  ExpectSent(1, 1);
}

TEST_F(ChannelMessengerTest, NobodyReachableIsSaidByTheChannelThatCameFirst) {
  email_.answer = Of(DeliveryResult::kUndeliverable, "NO_ADDRESS");
  webhook_.answer = Of(DeliveryResult::kUndeliverable, "HTTP_422");
  EXPECT_EQ(Send(Channel::kEmail, "").reason, "NO_ADDRESS");
  const DeliveryReport report = Send(Channel::kWebhook, "");
  EXPECT_EQ(report.result, DeliveryResult::kUndeliverable);
  EXPECT_EQ(report.reason, "HTTP_422");
  email_.answer = Of(DeliveryResult::kUndeliverable, "SMTP_550");
  EXPECT_EQ(Send(Channel::kWebhook).reason, "HTTP_422");
}

TEST_F(ChannelMessengerTest, AWebhookThatIsSwitchedOffPausesNobodysLetters) {
  webhook_.answer = Of(DeliveryResult::kMisconfigured, "WEBHOOK_DISABLED");
  for (const Channel preferred : {Channel::kWebhook, Channel::kEmail}) {
    email_.answer = Of(DeliveryResult::kUndeliverable, "NO_ADDRESS");
    const DeliveryReport report = Send(preferred, "");
    EXPECT_EQ(report.result, DeliveryResult::kRetry) << "it waits for the webhook";
    EXPECT_FALSE(report.counts);
    EXPECT_EQ(report.reason, "WEBHOOK_DISABLED");
    EXPECT_TRUE(report.retry_after.has_value());
  }
}

TEST_F(ChannelMessengerTest, AMailServerThatIsSetUpWronglyIsNoticed) {
  email_.answer = Of(DeliveryResult::kMisconfigured, "SMTP_LOGIN_REFUSED");
  EXPECT_EQ(Send(Channel::kEmail).result, DeliveryResult::kMisconfigured);
  ExpectSent(1, 0);
  webhook_.answer = Of(DeliveryResult::kUndeliverable, "HTTP_422");
  EXPECT_EQ(Send(Channel::kWebhook).result, DeliveryResult::kMisconfigured);
}

TEST_F(ChannelMessengerTest, BothAreDrained) {
  const Deadline latest{std::chrono::seconds{7}};
  messenger_.Drain(latest);
  EXPECT_EQ(email_.drained, latest);
  EXPECT_EQ(webhook_.drained, latest);
}

}  // namespace
}  // namespace kulanz::app
