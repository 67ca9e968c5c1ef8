// The auditor finds each broken promise; an auditor that cannot is worth nothing.
#include "tests/support/audit/auditor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kulanz::audit {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const AnsweredDecision kLimited{"denied", "CUSTOMER_LIMIT", "", 0};
const AnsweredDecision kExhausted{"denied", "BUDGET_EXHAUSTED", "", 0};

class AuditorTest : public ::testing::Test {
 protected:
  static ReportedIncident Of(const std::string& id, const std::string& customer = "C") {
    return {id, customer, "B", "facts"};
  }
  static AnsweredDecision Grant(const std::string& code) {
    return {"granted", "GRANTED", code, 500};
  }
  void GrantAndSend(const std::string& incident, const std::string& customer = "C") {
    auditor_.Decided(Of(incident, customer), Grant("code " + incident));
    auditor_.Delivered(incident, "code " + incident);
  }
  void ExpectBroken(const std::string& what) {
    EXPECT_THAT(auditor_.Audit(false), Contains(HasSubstr(what)));
  }
  Auditor auditor_{{.amount = 500, .vouchers_per_customer = 2, .budget_cap = 1'500}};
};

TEST_F(AuditorTest, FindsNothingWhereAllIsWell) {
  GrantAndSend("1");
  GrantAndSend("1");  // repeated
  GrantAndSend("2");
  auditor_.Decided(Of("3"), kLimited);
  auditor_.Delivered("4", "code 4");  // a letter may be quicker than the answer
  auditor_.Decided(Of("4", "D"), Grant("code 4"));
  auditor_.Decided(Of("5", "D"), kExhausted);
  auditor_.Conflicted({"1", "C", "B", "other facts"});
  auditor_.Redeemed("code 1", "r1");
  auditor_.Redeemed("code 1", "r1");
  auditor_.RefusedAsRedeemed("code 1", "r2");
  auditor_.Found("code 1", "r1", "r1");
  auditor_.Found("code 1", std::nullopt, "r1");
  auditor_.Found("code 2", std::nullopt, std::nullopt);
  EXPECT_THAT(auditor_.Audit(true), IsEmpty());
  EXPECT_EQ(auditor_.vouchers(), 3U);
  EXPECT_EQ(auditor_.redeemed(), 1U);
  EXPECT_EQ(auditor_.letters_repeated(), 1U);
}

TEST_F(AuditorTest, AnswersThatChange) {
  GrantAndSend("1");
  auditor_.Decided(Of("1"), Grant("another"));
  ExpectBroken("1 was answered granted/GRANTED code 'code 1' amount 500 and then");
}

TEST_F(AuditorTest, ACodeOfTwoIncidents) {
  GrantAndSend("1");
  auditor_.Decided(Of("2"), Grant("code 1"));
  ExpectBroken("two incidents have one code");
}

TEST_F(AuditorTest, TwoSetsOfFacts) {
  GrantAndSend("1");
  auditor_.Decided({"1", "C", "B", "other facts"}, Grant("code 1"));
  ExpectBroken("answered for two sets of facts");
}

TEST_F(AuditorTest, AConflictOfTheFactsThatWereAnswered) {
  GrantAndSend("1");
  auditor_.Conflicted(Of("1"));
  ExpectBroken("decided and refused for the same facts");
  auditor_.Conflicted(Of("2"));
  ExpectBroken("2 conflicts with what nobody was answered");
}

TEST_F(AuditorTest, ALimitExceeded) {
  GrantAndSend("1");
  GrantAndSend("2");
  GrantAndSend("3");
  ExpectBroken("C was given 3");
}

TEST_F(AuditorTest, ALimitThatRefusesTooEarly) {
  GrantAndSend("1");
  auditor_.Decided(Of("2"), kLimited);
  ExpectBroken("C was refused below the limit, with 1");
}

TEST_F(AuditorTest, ABudgetExceeded) {
  for (const char* id : {"1", "2", "3", "4"}) {
    GrantAndSend(id, id);
  }
  ExpectBroken("B was overspent: 2000");
}

TEST_F(AuditorTest, ABudgetThatLeaked) {
  GrantAndSend("1");
  auditor_.Decided(Of("2"), kExhausted);
  ExpectBroken("B refused for ever with only 500 spent");
}

TEST_F(AuditorTest, ABudgetThatWasNotDrained) {
  GrantAndSend("1");
  EXPECT_THAT(auditor_.Audit(false), IsEmpty());
  EXPECT_THAT(auditor_.Audit(true), Contains(HasSubstr("was not drained")));
}

TEST_F(AuditorTest, AnotherAmountOrReason) {
  auditor_.Decided(Of("1"), {"granted", "GRANTED", "a", 600});
  auditor_.Decided(Of("2"), {"denied", "NO_POLICY", "", 0});
  ExpectBroken("1 was granted 600");
  ExpectBroken("2 was refused as NO_POLICY");
}

TEST_F(AuditorTest, AVoucherRedeemedTwice) {
  GrantAndSend("1");
  auditor_.Redeemed("code 1", "r1");
  auditor_.Redeemed("code 1", "r2");
  ExpectBroken("redeemed twice: r1, r2");
}

TEST_F(AuditorTest, ARedemptionThatWasForgotten) {
  GrantAndSend("1");
  auditor_.Redeemed("code 1", "r1");
  auditor_.Found("code 1", auditor_.RedemptionOf("code 1"), std::nullopt);
  ExpectBroken("redeemed by r1, and is found not to be redeemed");
}

TEST_F(AuditorTest, ARefusalForNoRedemptionOrForItsOwn) {
  GrantAndSend("1");
  auditor_.RefusedAsRedeemed("code 1", "r1");
  ExpectBroken("redeemed by nobody known");
  auditor_.Redeemed("code 1", "r1");
  ExpectBroken("r1 redeemed a voucher and was refused, too");
}

TEST_F(AuditorTest, LettersThatAreMissingOrForeign) {
  auditor_.Decided(Of("1"), Grant("code 1"));
  EXPECT_EQ(auditor_.letters_missing(), 1U);
  ExpectBroken("no letter was sent for 1");
  auditor_.Delivered("2", "code 1");
  ExpectBroken("the letter of 2 has the code of 1");
  auditor_.Delivered("3", "unknown");
  ExpectBroken("a code that nobody was given");
}

TEST_F(AuditorTest, WhateverElseIsTold) {
  auditor_.Broken("the sky fell");
  ExpectBroken("the sky fell");
}

}  // namespace
}  // namespace kulanz::audit
