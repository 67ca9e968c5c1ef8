#include "service/adapters/maildir/maildir_messenger.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <iterator>

#include "tests/support/eventually.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/adapters/mail/letter_fixture.h"
#include "tests/unit/adapters/system/temp_directory.h"

namespace kulanz::adapters {
namespace {

using kulanz::testing::Eventually;
using kulanz::testing::LateDelivery;
using kulanz::testing::MsMueller;
using kulanz::testing::ShippedSources;
using kulanz::testing::TempDirectory;
using ports::Delivery;
using ports::DeliveryReport;
using ports::DeliveryResult;
namespace fs = std::filesystem;

class MaildirMessengerTest : public ::testing::Test {
 protected:
  std::unique_ptr<MaildirMessenger> Messenger(MaildirMessenger::Options options) {
    Result<std::unique_ptr<Maildir>> maildir =
        Maildir::Open(directory_.path(), Maildir::Durability::kWritten);
    EXPECT_THAT(maildir, kulanz::testing::IsOk());
    return std::make_unique<MaildirMessenger>(std::move(*maildir), composer_, options);
  }
  DeliveryReport Send(Delivery delivery) {
    if (messenger_ == nullptr) messenger_ = Messenger({1, 16});
    return SyncWait(messenger_->Send(std::move(delivery)));
  }
  std::size_t Letters() const {
    return static_cast<std::size_t>(
        std::distance(fs::directory_iterator(directory_.File("new")), {}));
  }
  void ExpectUndeliverable(Delivery delivery, const std::string& reason) {
    const DeliveryReport report = Send(std::move(delivery));
    EXPECT_EQ(report.result, DeliveryResult::kUndeliverable) << reason;
    EXPECT_EQ(report.reason, reason);
    EXPECT_EQ(report.detail.find("Müller"), std::string::npos)
        << "PII in a detail: " << report.detail;
    EXPECT_EQ(report.detail.find("joerdis"), std::string::npos)
        << "PII in a detail: " << report.detail;
    EXPECT_EQ(Letters(), 0U);
  }
  TempDirectory directory_;
  LetterComposer composer_{ShippedSources()};
  std::unique_ptr<MaildirMessenger> messenger_;
};

TEST_F(MaildirMessengerTest, ADeliveryIsALetterHoweverOftenItIsSent) {
  for (int attempt = 0; attempt < 3; ++attempt) {
    const DeliveryReport report = Send(LateDelivery(MsMueller()));
    EXPECT_EQ(report.result, DeliveryResult::kAccepted);
    EXPECT_EQ(report.reason, "");
  }
  EXPECT_EQ(Letters(), 1U);
  std::ifstream file(directory_.File("new/00112233445566778899aabbccddeeff.eml"), std::ios::binary);
  const std::string letter{std::istreambuf_iterator<char>(file), {}};
  const Result<Letter> composed = composer_.Compose(LateDelivery(MsMueller()));
  EXPECT_EQ(letter, composed->message);
}

TEST_F(MaildirMessengerTest, WhatCannotBeDeliveredIsSaidWithItsReason) {
  Delivery delivery = LateDelivery(MsMueller());
  delivery.customer.email.clear();
  ExpectUndeliverable(delivery, "NO_ADDRESS");
  delivery.customer.contact_consent = false;
  ExpectUndeliverable(delivery, "NO_CONSENT");
  delivery = LateDelivery(MsMueller());
  delivery.customer.email = "joerdis@müller@example.com";
  ExpectUndeliverable(delivery, "BAD_ADDRESS");
  delivery = LateDelivery(MsMueller());
  delivery.customer.family_name = "Müller\r\nBcc: everyone@example.com";
  ExpectUndeliverable(delivery, "BAD_NAME");
  delivery = LateDelivery(MsMueller());
  delivery.terms.message = "no-such";
  ExpectUndeliverable(delivery, "UNKNOWN_MESSAGE");
  delivery = LateDelivery(MsMueller());
  delivery.terms.signed_by = "nobody";
  ExpectUndeliverable(delivery, "UNKNOWN_SIGNER");
  delivery = LateDelivery(MsMueller());
  delivery.id = "../../etc/passwd";
  ExpectUndeliverable(delivery, "BAD_ID");
}

TEST_F(MaildirMessengerTest, AMaildirThatIsGoneIsForAnOperator) {
  Send(LateDelivery(MsMueller()));
  fs::remove_all(directory_.path());
  const DeliveryReport report = Send(LateDelivery(MsMueller()));
  EXPECT_EQ(report.result, DeliveryResult::kMisconfigured);
  EXPECT_EQ(report.reason, "MAILDIR_GONE");
}

Task<void> SendAndCount(MaildirMessenger& messenger, Delivery delivery, std::atomic<int>& accepted,
                        std::atomic<int>& later) {
  Task<DeliveryReport> sending = messenger.Send(std::move(delivery));
  const DeliveryReport report = co_await std::move(sending);
  if (report.result == DeliveryResult::kAccepted) accepted.fetch_add(1);
  if (report.result == DeliveryResult::kRetry && report.retry_after) later.fetch_add(1);
}

TEST_F(MaildirMessengerTest, EveryDeliveryIsAnsweredAlsoWhenTheQueueIsFullOrItShutsDown) {
  std::atomic<int> accepted{0};
  std::atomic<int> later{0};
  messenger_ = Messenger({2, 8});
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 50; ++i) {
        Delivery delivery = LateDelivery(MsMueller());
        delivery.id = "d" + std::to_string(100 * t + i);
        Spawn(SendAndCount(*messenger_, std::move(delivery), accepted, later));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  messenger_.reset();
  EXPECT_EQ(accepted + later, 200);
  EXPECT_GT(accepted, 0);
  EXPECT_EQ(Letters(), static_cast<std::size_t>(accepted));
}

TEST_F(MaildirMessengerTest, MessagesMayBeReplacedWhileLettersAreWritten) {
  std::atomic<int> accepted{0};
  std::atomic<int> later{0};
  messenger_ = Messenger({2, 1000});
  for (int i = 0; i < 100; ++i) {
    Delivery delivery = LateDelivery(MsMueller());
    delivery.id = "d" + std::to_string(i);
    Spawn(SendAndCount(*messenger_, std::move(delivery), accepted, later));
    if (i % 25 == 0) composer_.Replace(ShippedSources());
  }
  EXPECT_TRUE(Eventually([&] { return accepted == 100; })) << accepted << " accepted";
}

}  // namespace
}  // namespace kulanz::adapters
