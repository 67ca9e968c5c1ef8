// kulanzd and its mail server: options, a voucher's letter, a wrong password set right, and a clean end.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>
#include <set>
#include <string>
#include <vector>

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

TEST_F(MailTest, AMailServerThatSaysNothingHoldsUpNoEnd) {
  MailFleet fleet(1, {"--smtp-timeout", "10m", "--drain-wait", "0s", "--grace", "1s"});
  ASSERT_TRUE(fleet.AwaitServing());
  ASSERT_TRUE(fleet.ImportCustomers(0, 1));
  fleet.mail().Command("always recipient silent");
  const std::string code = fleet.CodeFor(LateDelivery("I-0", "C-0"), 0);
  ASSERT_TRUE(Eventually([&] { return fleet.mail().Connections() == 1; }));
  fleet.server(0)->Signal(SIGTERM);
  fleet.server(0)->Signal(SIGHUP);  // there is nothing to read again
  EXPECT_EQ(fleet.server(0)->AwaitExit(std::chrono::seconds{60}), 0) << fleet.server(0)->log();
  EXPECT_THAT(fleet.server(0)->log(), HasSubstr("stopped in order"));

  fleet.mail().Command("clear");
  ASSERT_TRUE(fleet.Replace(0));
  EXPECT_TRUE(Eventually([&] { return fleet.mail().Index().size() == 1; }));
  EXPECT_TRUE(Eventually([&] {
    const auto voucher = fleet.server(0)->api().GetVoucher(code);
    return voucher.ok() && voucher->delivery().state() == v1::DELIVERY_STATE_SENT &&
           voucher->delivery().attempts() == 1;
  })) << "an attempt that we gave up does not count";
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

  // The operator's way: seen, explained, set right, sent again.
  const auto letters = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"letters", "--server", fleet.server(0)->address()});
    return RunProgram("kulanz", arguments);
  };
  EXPECT_TRUE(Eventually([&] {
    const auto customer = fleet.server(0)->api().GetCustomer("C-0");
    return customer.ok() && customer->has_email_refused_at();
  }));
  const Outcome listed = letters({"list"});
  EXPECT_THAT(listed.output,
              AllOf(HasSubstr("SMTP_550"), HasSubstr("incident I-0"), HasSubstr("customer C-0"),
                    HasSubstr("1 dead letter\n"), Not(HasSubstr("@example.org"))));
  const std::string id = listed.output.substr(0, listed.output.find(' '));
  EXPECT_THAT(letters({"explain", id}).output,
              AllOf(HasSubstr("DEAD"), HasSubstr("after 1 attempts"), HasSubstr("address")));
  fleet.mail().Command("clear");
  v1::Customer moved = ACustomer("C-0");
  moved.set_email("moved@example.org");
  ASSERT_TRUE(fleet.server(0)->api().Upsert(moved).ok());
  EXPECT_FALSE(fleet.server(0)->api().GetCustomer("C-0")->has_email_refused_at());
  EXPECT_EQ(letters({"resend", "--all"}).exit_code, 0);
  ASSERT_TRUE(Eventually([&] { return fleet.mail().Index().size() == 1; }));
  EXPECT_EQ(fleet.mail().Index()[0].recipient, "moved@example.org");
  EXPECT_TRUE(Eventually([&] { return letters({"resend", id}).exit_code == 1; })) << "it was sent";
  EXPECT_EQ(letters({"resend", id}).exit_code, 1);
  EXPECT_THAT(letters({"resend", id}).output, HasSubstr("LETTER_SENT"));
  EXPECT_THAT(letters({"list"}).output, HasSubstr("0 dead letters"));
  EXPECT_EQ(letters({"resend"}).exit_code, 2);
  EXPECT_THAT(letters({"explain", "D"}).output, HasSubstr("LETTER_NOT_FOUND"));
}

}  // namespace
}  // namespace kulanz::e2e
