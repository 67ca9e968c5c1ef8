#include "service/adapters/smtp/smtp_attempt.h"

#include <gtest/gtest.h>

#include "service/adapters/smtp/relay_doubt.h"

namespace kulanz::adapters {
namespace {

using ports::DeliveryResult;

TEST(SmtpReplyTest, OfALineOnlyTheNumbersAreKept) {
  struct Case {
    std::string_view line;
    int code;
    std::string_view enhanced;
  };
  for (const Case& each : {Case{"550 5.1.1 <a@b.example> unknown\r\n", 550, "5.1.1"},
                           {"250-PIPELINING\r\n", 250, ""},
                           {"451 4.7.650 later", 451, "4.7.650"},
                           {"451-4.7.1", 451, "4.7.1"},
                           {"550 5.1234.1 x", 550, ""},
                           {"550 55.1.1 x", 550, ""},
                           {"550 5.1. x", 550, ""},
                           {"550 1.2.3.4 is on a list", 550, "1.2.3"},
                           {"220", 220, ""}}) {
    int code = 0;
    std::string enhanced;
    ASSERT_TRUE(ReadSmtpReply(each.line, code, enhanced)) << each.line;
    EXPECT_EQ(code, each.code) << each.line;
    EXPECT_EQ(enhanced, each.enhanced) << each.line;
  }
  for (const std::string_view line : {"", "25", "2500 x", "abc", "\r\n", "4x1 no"}) {
    int code = 0;
    std::string enhanced;
    EXPECT_FALSE(ReadSmtpReply(line, code, enhanced)) << line;
  }
}

SmtpAttempt Refused(SmtpStep step, int reply) {
  SmtpAttempt attempt;
  attempt.end = SmtpEnd::kRefused;
  attempt.step = step;
  attempt.reply = reply;
  return attempt;
}

TEST(SmtpOutcomeTest, AReplyMeansWhatItsStepMakesOfIt) {
  for (int step = 0; step <= static_cast<int>(SmtpStep::kMessage); ++step) {
    const auto at = static_cast<SmtpStep>(step);
    const auto later = ReportOf(Refused(at, 451));
    EXPECT_EQ(later.result, DeliveryResult::kRetry) << step;
    EXPECT_EQ(later.counts, at >= SmtpStep::kSender) << step;
    EXPECT_EQ(later.reason, "SMTP_451");
    const auto never = ReportOf(Refused(at, 550));
    EXPECT_EQ(never.result, at > SmtpStep::kSender ? DeliveryResult::kUndeliverable
                                                   : DeliveryResult::kMisconfigured)
        << step;
    EXPECT_EQ(never.address_refused, at == SmtpStep::kRecipient) << step;
    for (const int login : {530, 534, 535, 538}) {
      EXPECT_EQ(ReportOf(Refused(at, login)).reason, "SMTP_LOGIN_REFUSED") << step;
      EXPECT_EQ(ReportOf(Refused(at, login)).result, DeliveryResult::kMisconfigured) << step;
    }
  }
}

TEST(SmtpOutcomeTest, WhoeverDoesNotRelayIsToldFromWhoeverRefusesACustomer) {
  for (const std::string_view line :
       {"554 5.7.1 <a@b.example>: Relay access denied\r\n", "550 relay not permitted",
        "550 5.7.1 Unable to RELAY for a@b.example", "550-Authentication required",
        "553 you must authenticate first",
        "554 5.7.1 <a@b.example>: Recipient address rejected: Access denied"}) {
    EXPECT_TRUE(SpeaksOfRelaying(line)) << line;
  }
  for (const std::string_view line :
       {"550 5.1.1 <relay@b.example> unknown", "550 relay@b.example is unknown",
        "250 relaying for you", "550 5.7.1 message refused by the recipient's filter", "550 <relay",
        "", "550 5.7.26 unauthenticated mail of this domain is refused"}) {
    EXPECT_FALSE(SpeaksOfRelaying(line)) << line;
  }
  SmtpAttempt attempt = Refused(SmtpStep::kRecipient, 550);
  attempt.of_relaying = true;
  EXPECT_EQ(ReportOf(attempt).result, DeliveryResult::kMisconfigured);
  EXPECT_EQ(ReportOf(attempt).reason, "SMTP_RELAY_DENIED");
  attempt.enhanced = "5.7.1";
  EXPECT_EQ(ReportOf(attempt).reason, "SMTP_RELAY_DENIED");
  attempt.enhanced = "5.1.1";
  EXPECT_EQ(ReportOf(attempt).result, DeliveryResult::kUndeliverable) << "it is about the address";
  attempt.of_relaying = false;
  attempt.enhanced = "5.7.1";
  EXPECT_EQ(ReportOf(attempt).result, DeliveryResult::kUndeliverable) << "a filter says so, too";
  attempt.enhanced = "5.7.54";
  EXPECT_EQ(ReportOf(attempt).reason, "SMTP_RELAY_DENIED") << "this number says nothing else";
  attempt.step = SmtpStep::kMessage;
  EXPECT_EQ(ReportOf(attempt).result, DeliveryResult::kUndeliverable) << "too late for relaying";
  attempt.step = SmtpStep::kRecipient;
  attempt.reply = 450;
  EXPECT_EQ(ReportOf(attempt).result, DeliveryResult::kRetry);
}

TEST(RelayDoubtTest, OneRecipientAloneStopsNobodyElse) {
  RelayDoubt doubt;
  ports::DeliveryReport denied;
  denied.result = DeliveryResult::kMisconfigured;
  denied.reason = "SMTP_RELAY_DENIED";
  ports::DeliveryReport accepted;
  accepted.result = DeliveryResult::kAccepted;
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(doubt.Judge(denied, "a@x.example").result, DeliveryResult::kRetry);
    EXPECT_TRUE(doubt.Judge(denied, "a@x.example").counts) << "it ends as a dead letter";
  }
  EXPECT_EQ(doubt.Judge(accepted, "b@x.example").result, DeliveryResult::kAccepted);
  EXPECT_EQ(doubt.Judge(denied, "c@x.example").result, DeliveryResult::kRetry);
  EXPECT_EQ(doubt.Judge(denied, "d@x.example").result, DeliveryResult::kMisconfigured);
  EXPECT_EQ(doubt.Judge(denied, "d@x.example").result, DeliveryResult::kMisconfigured);
  EXPECT_EQ(doubt.Judge(denied, "c@x.example").result, DeliveryResult::kRetry);
  denied.reason = "SMTP_NO_TLS";
  EXPECT_EQ(doubt.Judge(denied, "c@x.example").result, DeliveryResult::kMisconfigured);
}

TEST(SmtpOutcomeTest, OnlyAMessageWithoutAReplyMayHaveArrived) {
  for (const SmtpEnd end : {SmtpEnd::kCut, SmtpEnd::kTimeout, SmtpEnd::kFailed}) {
    SmtpAttempt attempt;
    attempt.end = end;
    attempt.step = SmtpStep::kMessage;
    EXPECT_EQ(ReportOf(attempt).reason, "SMTP_UNCONFIRMED");
    EXPECT_EQ(ReportOf(attempt).result, DeliveryResult::kRetry);
    EXPECT_TRUE(ReportOf(attempt).counts);
    attempt.step = SmtpStep::kRecipient;
    EXPECT_NE(ReportOf(attempt).reason, "SMTP_UNCONFIRMED");
    EXPECT_TRUE(ReportOf(attempt).counts);
    attempt.step = SmtpStep::kHello;
    EXPECT_FALSE(ReportOf(attempt).counts);
  }
}

TEST(SmtpOutcomeTest, OnlyAnIdleConnectionIsReplacedAtOnce) {
  SmtpAttempt attempt = Refused(SmtpStep::kSender, 421);
  EXPECT_FALSE(WasIdleTooLong(attempt));
  attempt.reused = true;
  EXPECT_TRUE(WasIdleTooLong(attempt));
  attempt.reply = 451;
  EXPECT_FALSE(WasIdleTooLong(attempt));
  attempt.end = SmtpEnd::kCut;
  EXPECT_TRUE(WasIdleTooLong(attempt));
  attempt.step = SmtpStep::kMessage;
  EXPECT_FALSE(WasIdleTooLong(attempt)) << "it may have been taken";
}

}  // namespace
}  // namespace kulanz::adapters
