// A mail server and a messenger for it: what the tests of letters on their way have in common.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <ostream>
#include <string>
#include <utility>

#include "service/adapters/smtp/smtp_messenger.h"
#include "tests/support/mail/mail_server.h"
#include "tests/support/redis/test_certificates.h"
#include "tests/unit/adapters/mail/letter_fixture.h"
#include "tests/unit/adapters/system/temp_directory.h"

namespace kulanz::ports {

// For what GoogleTest says of a report that was not expected.
inline void PrintTo(const DeliveryReport& report, std::ostream* out) {
  *out << static_cast<int>(report.result) << " " << report.reason << " (" << report.detail << ")"
       << (report.counts ? "" : ", not counted");
}

}  // namespace kulanz::ports

namespace kulanz::adapters {

class SmtpTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (const std::string missing = testing::MailServer::Missing(); !missing.empty()) {
      GTEST_SKIP() << missing;
    }
    server_options_.certificate = certificates().server();
    server_options_.key = certificates().server_key();
    options_.ca_file = certificates().ca();
  }

  // Made once for all tests: an authority and two keys take a while.
  static const testing::TestCertificates& certificates() {
    static const testing::TestCertificates made;
    return made;
  }

  testing::MailServer& StartServer() {
    server_ = std::make_unique<testing::MailServer>(server_options_);
    return *server_;
  }
  std::string Url(const std::string& host = "127.0.0.1") const {
    return (server_options_.implicit_tls ? "smtps://" : "smtp://") + host + ":" +
           std::to_string(server_->port());
  }
  // A messenger for the server, with options_ as they are now.
  SmtpMessenger& StartMessenger() {
    if (options_.url.empty()) options_.url = Url();
    messenger_ = std::make_unique<SmtpMessenger>(options_, composer_);
    return *messenger_;
  }
  ports::DeliveryReport Send(ports::Delivery delivery) {
    return SyncWait(messenger_->Send(std::move(delivery)));
  }
  ports::DeliveryReport SendOne() { return Send(testing::LateDelivery(testing::MsMueller())); }

  // With another id, so that it is another letter.
  static ports::Delivery Numbered(int number) {
    ports::Delivery delivery = testing::LateDelivery(testing::MsMueller());
    delivery.id = "letter-" + std::to_string(number);
    return delivery;
  }

  const LetterComposer composer_{testing::ShippedSources()};
  const testing::TempDirectory directory_;
  testing::MailServer::Options server_options_;
  SmtpOptions options_;
  std::unique_ptr<testing::MailServer> server_;
  std::unique_ptr<SmtpMessenger> messenger_;
};

inline auto Is(ports::DeliveryResult result, std::string_view reason) {
  return ::testing::AllOf(::testing::Field(&ports::DeliveryReport::result, result),
                          ::testing::Field(&ports::DeliveryReport::reason, std::string(reason)));
}

}  // namespace kulanz::adapters
