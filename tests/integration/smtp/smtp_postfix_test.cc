// The same letters to another mail server than npm's: Debian's Postfix, with STARTTLS.
#include <algorithm>
#include <chrono>
#include <string>

#include "tests/integration/smtp/smtp_fixture.h"
#include "tests/support/eventually.h"
#include "tests/support/mail/postfix_server.h"
#include "tests/support/status_matchers.h"

namespace kulanz::adapters {
namespace {

using namespace kulanz::testing;  // NOLINT(google-build-using-namespace): the fixture's builders
using ports::DeliveryReport;
using ports::DeliveryResult;

class SmtpPostfixTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (const std::string missing = PostfixServer::Missing(); !missing.empty()) {
      GTEST_SKIP() << missing;
    }
    server_ = std::make_unique<PostfixServer>(certificates_.server(), certificates_.server_key());
    SmtpOptions options;
    options.url = "smtp://127.0.0.1:" + std::to_string(server_->port());
    options.ca_file = certificates_.ca();
    messenger_ = std::make_unique<SmtpMessenger>(options, composer_);
  }

  static ports::Delivery To(const std::string& email) {
    ports::Delivery delivery = LateDelivery(MsMueller());
    delivery.customer.email = email;
    return delivery;
  }
  DeliveryReport Send(const ports::Delivery& delivery) {
    return SyncWait(messenger_->Send(delivery));
  }

  const LetterComposer composer_{ShippedSources()};
  const TestCertificates certificates_;
  std::unique_ptr<PostfixServer> server_;
  std::unique_ptr<SmtpMessenger> messenger_;
};

TEST_F(SmtpPostfixTest, ALetterArrivesByteForByteBehindPostfixesOwnFields) {
  const ports::Delivery delivery = To("jane@example.com");
  ASSERT_OK_AND_ASSIGN(const Letter sent, composer_.Compose(delivery));
  EXPECT_THAT(Send(delivery), Is(DeliveryResult::kAccepted, ""));
  ASSERT_TRUE(Eventually([this] { return server_->Letters().size() == 1; })) << server_->Log();
  const std::string got = server_->Letters()[0];
  std::string lines = sent.message;  // a maildir's lines end as this system's do
  lines.erase(std::remove(lines.begin(), lines.end(), '\r'), lines.end());
  EXPECT_TRUE(got.ends_with(lines)) << got;
  EXPECT_NE(got.find("X-Original-To: jane@example.com"), std::string::npos);
  EXPECT_NE(server_->Log().find("message-id=<" + sent.message_id + ">"), std::string::npos);
}

TEST_F(SmtpPostfixTest, WhatItRefusesIsUnderstood) {
  EXPECT_THAT(Send(To("greylisted@example.com")), Is(DeliveryResult::kRetry, "SMTP_450"));
  EXPECT_THAT(Send(To("nobody@example.com")), Is(DeliveryResult::kUndeliverable, "SMTP_550"));
  EXPECT_THAT(Send(To("somebody@elsewhere.example")),
              Is(DeliveryResult::kRetry, "SMTP_RELAY_DENIED"));
  EXPECT_THAT(Send(To("another@elsewhere.example")),
              Is(DeliveryResult::kMisconfigured, "SMTP_RELAY_DENIED"));
  EXPECT_EQ(server_->Letters().size(), 0U);
}

TEST_F(SmtpPostfixTest, DomainsBeyondAsciiAndTheLongestAddressesAreAccepted) {
  EXPECT_THAT(Send(To("jane@müller.example")), Is(DeliveryResult::kAccepted, ""));
  EXPECT_THAT(Send(To(std::string(64, 'l') + "@example.com")), Is(DeliveryResult::kAccepted, ""));
  ASSERT_TRUE(Eventually([this] { return server_->Letters().size() == 2; })) << server_->Log();
  EXPECT_NE(server_->Log().find("to=<jane@xn--mller-kva.example>"), std::string::npos);
}

TEST_F(SmtpPostfixTest, ManyLettersGoOverAFewConnections) {
  constexpr int kLetters = 30;
  for (int i = 0; i < kLetters; ++i) {
    ports::Delivery delivery = To("c-" + std::to_string(i) + "@example.com");
    ASSERT_THAT(Send(delivery), Is(DeliveryResult::kAccepted, ""));
  }
  ASSERT_TRUE(Eventually([this] { return server_->Letters().size() == kLetters; }));
  const std::string log = server_->Log();
  int connections = 0;
  for (std::size_t at = 0; (at = log.find("]: connect from", at)) != std::string::npos; ++at) {
    ++connections;
  }
  EXPECT_LE(connections, 6) << "four, Eventually's own look at the port, and one to spare";
}

class SmtpPostfixLoginTest : public SmtpPostfixTest {
 protected:
  void SetUp() override {
    if (const std::string missing = PostfixServer::MissingForLogin(); !missing.empty()) {
      GTEST_SKIP() << missing;
    }
    server_ = std::make_unique<PostfixServer>(certificates_.server(), certificates_.server_key(),
                                              PostfixLogin{"kulanz", "right horse"});
  }
  void LogInWith(const std::string& password) {
    SmtpOptions options;
    options.url = "smtp://127.0.0.1:" + std::to_string(server_->port());
    options.ca_file = certificates_.ca();
    if (!password.empty()) {
      directory_.Write("password", password + "\n");
      options.user = "kulanz";
      options.password_file = directory_.File("password");
    }
    messenger_ = std::make_unique<SmtpMessenger>(options, composer_);
  }
  const TempDirectory directory_;
};

TEST_F(SmtpPostfixLoginTest, WithTheRightPasswordItIsAcceptedUnderTheUsersName) {
  LogInWith("right horse");
  EXPECT_THAT(Send(To("jane@example.com")), Is(DeliveryResult::kAccepted, "")) << server_->Log();
  EXPECT_TRUE(Eventually([this] { return server_->Letters().size() == 1; })) << server_->Log();
  EXPECT_NE(server_->Log().find("sasl_username=kulanz"), std::string::npos) << server_->Log();
}

TEST_F(SmtpPostfixLoginTest, AWrongPasswordPausesTheQueueAndIsNotRepeated) {
  LogInWith("wrong horse");
  for (int i = 0; i < 5; ++i) {
    EXPECT_THAT(Send(To("jane@example.com")),
                Is(DeliveryResult::kMisconfigured, "SMTP_LOGIN_REFUSED"))
        << server_->Log();
  }
  const std::string log = server_->Log();
  const std::string failure = "authentication failed";
  const std::size_t first = log.find(failure);
  EXPECT_NE(first, std::string::npos) << log;
  EXPECT_EQ(log.find(failure, first + 1), std::string::npos) << "five tries could lock an account";
}

TEST_F(SmtpPostfixLoginTest, WithoutALoginNothingIsAccepted) {
  LogInWith("");
  EXPECT_THAT(Send(To("jane@example.com")), Is(DeliveryResult::kRetry, "SMTP_RELAY_DENIED"));
  EXPECT_THAT(Send(To("another@example.com")),
              Is(DeliveryResult::kMisconfigured, "SMTP_RELAY_DENIED"));
  EXPECT_TRUE(server_->Letters().empty());
}

}  // namespace
}  // namespace kulanz::adapters
