// What a mail server may answer, and what becomes of the letter.
#include <chrono>

#include "tests/integration/smtp/smtp_fixture.h"
#include "tests/support/eventually.h"

namespace kulanz::adapters {
namespace {

using namespace kulanz::testing;  // NOLINT(google-build-using-namespace): the fixture's builders
using ports::DeliveryReport;
using ports::DeliveryResult;

class SmtpRefusalsTest : public SmtpTest {
 protected:
  // What comes of a letter when the server answers so at that step; on a fresh connection.
  DeliveryReport With(const std::string& step, const std::string& action) {
    StartMessenger();
    server_->Command("always " + step + " " + action);
    const DeliveryReport report = SendOne();
    server_->Command("clear");
    return report;
  }
};

TEST_F(SmtpRefusalsTest, EachReplyHasItsOutcome) {
  StartServer();
  options_.connections = 1;
  struct Case {
    std::string step, action;
    DeliveryResult result;
    std::string reason;
    bool counts;
  };
  constexpr auto kRetry = DeliveryResult::kRetry;
  constexpr auto kUndeliverable = DeliveryResult::kUndeliverable;
  constexpr auto kMisconfigured = DeliveryResult::kMisconfigured;
  const std::vector<Case> cases = {
      {"recipient", "450 4.2.0 greylisted, come back", kRetry, "SMTP_450", true},
      {"sender", "451 4.3.0 not now", kRetry, "SMTP_451", true},
      {"data", "452 4.3.1 no room", kRetry, "SMTP_452", true},
      {"message", "451 4.7.1 later", kRetry, "SMTP_451", true},
      {"greeting", "421 4.3.2 going down", kRetry, "SMTP_421", false},
      {"hello", "421 4.3.2 going down", kRetry, "SMTP_421", false},
      {"starttls", "454 4.7.0 not now", kRetry, "SMTP_454", false},
      {"recipient", "550 5.1.1 no such user", kUndeliverable, "SMTP_550", true},
      {"message", "554 5.7.1 looks like spam", kUndeliverable, "SMTP_554", true},
      {"sender", "552 5.3.4 too large", kUndeliverable, "SMTP_552", true},
      {"sender", "553 5.7.1 not your address", kMisconfigured, "SMTP_553", true},
      {"sender", "530 5.7.0 log in first", kMisconfigured, "SMTP_LOGIN_REFUSED", true},
      {"greeting", "554 5.3.2 no service", kMisconfigured, "SMTP_554", true},
      {"greeting", "cut", kRetry, "SMTP_CUT", false},
      {"sender", "cut", kRetry, "SMTP_CUT", true},
      {"recipient", "cut", kRetry, "SMTP_CUT", true},
      {"message", "cut", kRetry, "SMTP_UNCONFIRMED", true},
  };
  for (const Case& each : cases) {
    const DeliveryReport report = With(each.step, each.action);
    EXPECT_THAT(report, Is(each.result, each.reason)) << each.step << ": " << each.action;
    EXPECT_EQ(report.counts, each.counts) << each.step << ": " << each.action;
  }
  EXPECT_EQ(server_->Index().size(), 0U);
  EXPECT_THAT(SendOne(), Is(DeliveryResult::kAccepted, "")) << "and nothing of it lasts";
}

TEST_F(SmtpRefusalsTest, ReportsNameNobody) {
  StartServer();
  const DeliveryReport report =
      With("recipient", "550 5.1.1 <joerdis.mueller@example.com> Jördis Müller has moved");
  EXPECT_EQ(report.detail, "the server said 550 5.1.1 (RCPT)");
}

TEST_F(SmtpRefusalsTest, AReplyThatIsLostLeavesALetterThatIsRecognisedWhenItComesAgain) {
  StartServer();
  EXPECT_THAT(With("message", "unconfirmed"), Is(DeliveryResult::kRetry, "SMTP_UNCONFIRMED"));
  EXPECT_THAT(SendOne(), Is(DeliveryResult::kAccepted, ""));
  ASSERT_TRUE(Eventually([this] { return server_->Index().size() == 2; }));
  const auto index = server_->Index();
  EXPECT_EQ(index[0].message_id, index[1].message_id);
  EXPECT_EQ(server_->Read(0).at("raw"), server_->Read(1).at("raw"));
}

TEST_F(SmtpRefusalsTest, AServerThatRelaysForNobodyIsAMistakeOfTheConfiguration) {
  StartServer();
  StartMessenger();
  server_->Command("always recipient 550 5.7.1 <someone@example.com>: Relay access denied");
  EXPECT_THAT(SendOne(), Is(DeliveryResult::kRetry, "SMTP_RELAY_DENIED")) << "it may be about her";
  ports::Delivery other = Numbered(1);
  other.customer.email = "somebody.else@example.com";
  EXPECT_THAT(Send(other), Is(DeliveryResult::kMisconfigured, "SMTP_RELAY_DENIED"));
  const int asked = server_->Connections();
  EXPECT_THAT(Send(Numbered(2)), Is(DeliveryResult::kMisconfigured, "SMTP_RELAY_DENIED"));
  EXPECT_EQ(server_->Connections(), asked) << "nobody is asked while the queue rests";
}

TEST_F(SmtpRefusalsTest, ASilentServerIsGivenUpInTime) {
  StartServer();
  options_.timeout = kSmtpTimeoutMin;
  for (const std::string step : {"greeting", "hello", "starttls", "sender", "data"}) {
    const auto begin = std::chrono::steady_clock::now();
    EXPECT_THAT(With(step, "silent"), Is(DeliveryResult::kRetry, "SMTP_TIMEOUT")) << step;
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds{20}) << step;
  }
  EXPECT_THAT(With("message", "silent"), Is(DeliveryResult::kRetry, "SMTP_UNCONFIRMED"));
}

TEST_F(SmtpRefusalsTest, ASlowServerIsWaitedFor) {
  StartServer();
  EXPECT_THAT(With("message", "slow 300"), Is(DeliveryResult::kAccepted, ""));
}

TEST_F(SmtpRefusalsTest, NobodyListening) {
  StartServer();
  options_.url = Url();
  StartMessenger();
  server_.reset();
  const DeliveryReport report = SendOne();
  EXPECT_THAT(report, Is(DeliveryResult::kRetry, "SMTP_UNREACHABLE"));
  EXPECT_FALSE(report.counts) << "a server that is away uses up no letter's attempts";
  options_.url = "smtp://no-such-host.invalid";
  StartMessenger();
  EXPECT_THAT(SendOne(), Is(DeliveryResult::kRetry, "SMTP_UNREACHABLE"));
}

TEST_F(SmtpRefusalsTest, AServerThatIsAwayIsLeftAloneForAWhile) {
  StartServer();
  StartMessenger();
  server_->Command("always greeting cut");
  DeliveryReport last;
  for (int i = 0; i < 40; ++i) last = Send(Numbered(i));
  EXPECT_THAT(last, Is(DeliveryResult::kRetry, "SMTP_CUT"));
  EXPECT_TRUE(last.retry_after.has_value());
  EXPECT_LT(server_->Connections(), 40);
  server_->Command("clear");
  EXPECT_TRUE(Eventually([this] { return SendOne().result == DeliveryResult::kAccepted; }));
}

TEST_F(SmtpRefusalsTest, AServerThatThrottlesGetsEverythingInTheEnd) {
  StartServer();
  StartMessenger();
  server_->Command("throttle 5");
  int refused = 0;
  for (int i = 0; i < 20; ++i) {
    ASSERT_TRUE(Eventually([&] {
      const bool accepted = Send(Numbered(i)).result == DeliveryResult::kAccepted;
      refused += accepted ? 0 : 1;
      return accepted;
    }));
  }
  EXPECT_GT(refused, 0);
  EXPECT_TRUE(Eventually([this] { return server_->Index().size() == 20; }));
}

}  // namespace
}  // namespace kulanz::adapters
