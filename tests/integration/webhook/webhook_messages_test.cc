// Apologies to a receiver that passes them on: what it gets, and what its answers mean.
#include <gmock/gmock.h>
#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "kulanz/v1/event.pb.h"
#include "service/adapters/webhook/webhook_messenger.h"
#include "tests/integration/webhook/webhook_fixture.h"
#include "tests/unit/adapters/mail/letter_fixture.h"

namespace kulanz::adapters {
namespace {

using ports::DeliveryReport;
using ports::DeliveryResult;
using ::testing::HasSubstr;
using ::testing::Not;

class WebhookMessagesTest : public WebhookTest {
 protected:
  void SetUp() override {
    WebhookTest::SetUp();
    if (IsSkipped()) return;
    auto sender = WebhookSender::Make("messages", endpoint_, 2, telemetry_, log_);
    ASSERT_TRUE(sender.ok()) << sender.status().ToString();
    messenger_ = std::make_unique<WebhookMessenger>(*std::move(sender), telemetry_);
  }
  DeliveryReport Send(ports::Delivery delivery = testing::LateDelivery(testing::MsMueller())) {
    return SyncWait(messenger_->Send(std::move(delivery)));
  }

  ports::NullTelemetry telemetry_;
  ports::NullLog log_;
  std::unique_ptr<WebhookMessenger> messenger_;
};

TEST_F(WebhookMessagesTest, TheReceiverGetsTheCodeAndNothingPersonal) {
  const ports::Delivery delivery = testing::LateDelivery(testing::MsMueller());
  EXPECT_EQ(Send(delivery).result, DeliveryResult::kAccepted);
  ASSERT_EQ(receiver_->Received().accepted, 1U);
  const auto received = receiver_->Events().front();
  EXPECT_EQ(received.id, "msg_" + delivery.id);
  v1::WebhookMessage message;
  ASSERT_TRUE(google::protobuf::util::JsonStringToMessage(received.body, &message).ok());
  EXPECT_EQ(message.type(), "message.send");
  const VoucherTerms& terms = delivery.voucher->voucher.terms;
  EXPECT_EQ(message.data().voucher().code(), delivery.voucher->code.Reveal(terms.prefix));
  EXPECT_EQ(message.data().voucher().time_zone(), terms.zone);
  EXPECT_EQ(message.data().message(), delivery.terms.message);
  EXPECT_EQ(message.data().signed_by(), delivery.terms.signed_by);
  EXPECT_THAT(received.body, Not(HasSubstr(delivery.customer.email)));
  EXPECT_THAT(received.body, Not(HasSubstr(delivery.customer.family_name)));
}

TEST_F(WebhookMessagesTest, AnApologyWithoutAVoucherHasNone) {
  ports::Delivery delivery = testing::LateDelivery(testing::MsMueller());
  delivery.voucher.reset();
  EXPECT_EQ(Send(std::move(delivery)).result, DeliveryResult::kAccepted);
  EXPECT_THAT(receiver_->Events().front().body, Not(HasSubstr("voucher")));
}

TEST_F(WebhookMessagesTest, WithoutConsentNothingIsSent) {
  ports::Delivery delivery = testing::LateDelivery(testing::MsMueller());
  delivery.customer.contact_consent = false;
  const DeliveryReport report = Send(std::move(delivery));
  EXPECT_EQ(report.result, DeliveryResult::kUndeliverable);
  EXPECT_EQ(report.reason, "NO_CONSENT");
  EXPECT_EQ(receiver_->Received().accepted, 0U);
}

TEST_F(WebhookMessagesTest, WhatTheReceiversAnswerMeans) {
  receiver_->Command("answer 422");
  EXPECT_EQ(Send().result, DeliveryResult::kUndeliverable) << "it does not know the customer";
  receiver_->Command("answer 404");
  EXPECT_EQ(Send().result, DeliveryResult::kRetry) << "somebody will mend the URL";
  receiver_->Command("answer 410");
  EXPECT_EQ(Send().result, DeliveryResult::kMisconfigured);
  EXPECT_EQ(Send().reason, "WEBHOOK_DISABLED");
}

}  // namespace
}  // namespace kulanz::adapters
