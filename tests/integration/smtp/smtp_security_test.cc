// TLS and login: what must be right before any letter is spoken of, and what an operator can set right.
#include "tests/integration/smtp/smtp_fixture.h"
#include "tests/support/eventually.h"

namespace kulanz::adapters {
namespace {

using namespace kulanz::testing;  // NOLINT(google-build-using-namespace): the fixture's builders
using ports::DeliveryReport;
using ports::DeliveryResult;

class SmtpSecurityTest : public SmtpTest {
 protected:
  void WithLogin() {
    server_options_.user = "kulanz";
    server_options_.password = "right";
    options_.user = "kulanz";
    options_.password_file = directory_.File("password");
    options_.connections = 1;
  }
  void ExpectMisconfigured(const std::string& reason) {
    StartMessenger();
    EXPECT_THAT(SendOne(), Is(DeliveryResult::kMisconfigured, reason));
    EXPECT_EQ(server_->Index().size(), 0U);
  }
};

TEST_F(SmtpSecurityTest, ImplicitTls) {
  server_options_.implicit_tls = true;
  StartServer();
  StartMessenger();
  EXPECT_THAT(SendOne(), Is(DeliveryResult::kAccepted, ""));
}

TEST_F(SmtpSecurityTest, AServerWithoutStarttlsGetsNothing) {
  server_options_.starttls = false;
  StartServer();
  ExpectMisconfigured("SMTP_NO_TLS");
}

TEST_F(SmtpSecurityTest, ACertificateOfAnotherAuthorityIsRefused) {
  StartServer();
  options_.ca_file = certificates().other_ca();
  ExpectMisconfigured("SMTP_CERTIFICATE");
}

TEST_F(SmtpSecurityTest, WhatTheSystemTrustsDoesNotIncludeATestsAuthority) {
  StartServer();
  options_.ca_file.clear();
  ExpectMisconfigured("SMTP_CERTIFICATE");
}

TEST_F(SmtpSecurityTest, ACertificateMadeOutToAnotherNameIsRefused) {
  StartServer();
  options_.url = Url("localhost");
  ExpectMisconfigured("SMTP_CERTIFICATE");
}

TEST_F(SmtpSecurityTest, AnUnusableFileOfAuthoritiesIsRefused) {
  StartServer();
  options_.ca_file = directory_.File("no-such-file");
  ExpectMisconfigured("SMTP_CERTIFICATE");
}

TEST_F(SmtpSecurityTest, ABadCertificateIsRefusedWithImplicitTlsToo) {
  server_options_.implicit_tls = true;
  StartServer();
  options_.ca_file = certificates().other_ca();
  ExpectMisconfigured("SMTP_CERTIFICATE");
}

TEST_F(SmtpSecurityTest, TlsOlderThan12IsRefused) {
  server_options_.tls_max = "TLSv1.1";
  StartServer();
  ExpectMisconfigured("SMTP_TLS_VERSION");
}

TEST_F(SmtpSecurityTest, AWrongPasswordIsTriedOnceAndNotByEveryLetter) {
  WithLogin();
  directory_.Write("password", "wrong\n");
  StartServer();
  StartMessenger();
  for (int i = 0; i < 10; ++i) {
    EXPECT_THAT(Send(Numbered(i)), Is(DeliveryResult::kMisconfigured, "SMTP_LOGIN_REFUSED"));
  }
  EXPECT_EQ(server_->Connections(), 1) << "ten tries would lock an account";
}

TEST_F(SmtpSecurityTest, APasswordIsReadAgainWhenItChanges) {
  WithLogin();
  directory_.Write("password", "right\n");
  StartServer();
  StartMessenger();
  EXPECT_THAT(SendOne(), Is(DeliveryResult::kAccepted, ""));
  ASSERT_TRUE(Eventually([this] { return server_->Index().size() == 1; }));
  EXPECT_EQ(server_->Read(0).at("user"), "kulanz");
  server_->Command("password newer");
  directory_.Write("password", "newer");
  EXPECT_THAT(SendOne(), Is(DeliveryResult::kAccepted, "")) << "over a new connection";
  EXPECT_EQ(server_->Connections(), 2);
  EXPECT_THAT(SendOne(), Is(DeliveryResult::kAccepted, ""));
  EXPECT_EQ(server_->Connections(), 2);
}

TEST_F(SmtpSecurityTest, ALoginThatIsRefusedForTheMomentIsTriedAgain) {
  WithLogin();
  directory_.Write("password", "right");
  StartServer();
  StartMessenger();
  server_->Command("next login 454 4.7.0 later");
  const DeliveryReport report = SendOne();
  EXPECT_THAT(report, Is(DeliveryResult::kRetry, "SMTP_454"));
  EXPECT_FALSE(report.counts);
  EXPECT_THAT(SendOne(), Is(DeliveryResult::kAccepted, ""));
}

TEST_F(SmtpSecurityTest, AServerWithoutLoginIsNotOneToLogInTo) {
  StartServer();
  options_.user = "kulanz";
  options_.password_file = directory_.File("password");
  directory_.Write("password", "right");
  StartMessenger();
  const DeliveryReport report = SendOne();
  EXPECT_THAT(report.reason, ::testing::AnyOf("", "SMTP_LOGIN_REFUSED")) << report.detail;
}

TEST_F(SmtpSecurityTest, APasswordFileThatCannotBeUsedPausesEverything) {
  WithLogin();
  StartServer();
  for (const std::string& content :
       {std::string(), std::string("two\nlines\n"), std::string(1025, 'p')}) {
    directory_.Write("password", content);
    ExpectMisconfigured("SMTP_PASSWORD_FILE");
  }
  options_.password_file = directory_.File("no-such-file");
  ExpectMisconfigured("SMTP_PASSWORD_FILE");
  EXPECT_EQ(server_->Connections(), 0);
}

}  // namespace
}  // namespace kulanz::adapters
