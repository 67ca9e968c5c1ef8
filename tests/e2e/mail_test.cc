// kulanzd and its mail server: options, a voucher's letter, a wrong password set right, and a clean end.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>
#include <set>

#include "tests/e2e/mail_fleet.h"
#include "tests/support/eventually.h"

namespace kulanz::e2e {
namespace {

using kulanz::testing::Eventually;
using kulanz::testing::MailServer;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(MailOptionsTest, EverythingThatIsWrongIsNamedAtOnce) {
  const Outcome outcome =
      RunProgram("kulanzd", {"--store", "memory", "--smtp", "smtp://user:pw@mail.example",
                             "--smtp-user", "u", "--smtp-from", "nobody", "--smtp-connections",
                             "65", "--smtp-rate", "10001", "--smtp-timeout", "11m",
                             "--delivery-attempts", "0", "--delivery-retry-max", "x"});
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_THAT(outcome.output,
              AllOf(HasSubstr("kulanzd: --smtp: "), HasSubstr("--smtp-password-file"),
                    HasSubstr("--smtp-from"), HasSubstr("--smtp-connections"),
                    HasSubstr("--smtp-rate"), HasSubstr("--smtp-timeout"),
                    HasSubstr("--delivery-attempts"), HasSubstr("--delivery-retry-max")));
  EXPECT_THAT(outcome.output, Not(HasSubstr("user:pw"))) << "passwords are not repeated";
}

TEST(MailOptionsTest, OptionsOfAMailServerNeedOne) {
  EXPECT_THAT(RunProgram("kulanzd", {"--store", "memory", "--smtp-user", "u"}).output,
              HasSubstr("need --smtp"));
  EXPECT_THAT(RunProgram("kulanzd",
                         {"--store", "memory", "--smtp", "smtps://mail.example", "--mail-dir", "x"})
                  .output,
              HasSubstr("--smtp and --mail-dir exclude each other"));
}

class MailTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (const std::string missing = MailServer::Missing(); !missing.empty()) {
      GTEST_SKIP() << missing;
    }
  }
};

TEST_F(MailTest, AServerThatStopsFinishesItsLettersAndLeavesTheRestToAnother) {
  MailFleet fleet(2, {});
  ASSERT_TRUE(fleet.AwaitServing());
  constexpr std::size_t kLetters = 40;
  ASSERT_TRUE(fleet.ImportCustomers(0, kLetters));
  fleet.mail().Command("always message slow 300");
  for (std::size_t i = 0; i < kLetters; ++i) {
    const std::string number = std::to_string(i);
    ASSERT_FALSE(fleet.CodeFor(LateDelivery("I-" + number, "C-" + number), 0).empty());
  }
  fleet.server(0)->Signal(SIGTERM);
  EXPECT_EQ(fleet.server(0)->AwaitExit(), 0);
  ASSERT_TRUE(Eventually([&] { return fleet.mail().Index().size() == kLetters; },
                         std::chrono::seconds(90)));
  std::set<std::string> recipients;
  for (const MailServer::Entry& entry : fleet.mail().Index()) recipients.insert(entry.recipient);
  EXPECT_EQ(recipients.size(), kLetters) << "each once";
}

TEST_F(MailTest, ARefusalForGoodStandsInTheVoucher) {
  MailFleet fleet(1, {});
  ASSERT_TRUE(fleet.AwaitServing());
  ASSERT_TRUE(fleet.ImportCustomers(0, 1));
  fleet.mail().Command("always recipient 550 5.1.1 <c-0@example.org> is unknown");
  const std::string code = fleet.CodeFor(LateDelivery("I-0", "C-0"), 0);
  EXPECT_TRUE(Eventually([&] {
    const auto voucher = fleet.server(0)->api().GetVoucher(code);
    return voucher.ok() && voucher->delivery().last_error() == "SMTP_550";
  }));
  EXPECT_THAT(fleet.AllLogs(),
              AllOf(HasSubstr("the server said 550 5.1.1 (RCPT)"), Not(HasSubstr("@example.org"))));
}

}  // namespace
}  // namespace kulanz::e2e
