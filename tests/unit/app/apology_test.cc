// Apologies without money: recorded and delivered like a grant, but with nothing to redeem.

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "tests/support/status_matchers.h"
#include "tests/unit/app/app_fixture.h"

namespace kulanz::app {
namespace {

using kulanz::testing::IsOk;
using kulanz::testing::StatusIs;

class ApologyTest : public AppFixture {
 protected:
  Incident RudeAnswer(std::string id, std::uint32_t revision = 0) {
    Incident incident;
    incident.id = IncidentId(std::move(id));
    incident.customer = CustomerId("C-1");
    incident.type = "rude_answer";
    incident.occurred_at = now_;
    incident.revision = revision;
    return incident;
  }
  std::vector<ports::IndexEntry> Agenda() {
    const ports::Key agenda = keys_.Agenda(keys_.PartitionOf(CustomerId("C-1")));
    return *SyncWait(
        memory_.ReadIndex({agenda, 0, ToMillis(now_ + std::chrono::hours(1)), 10, false}, Soon()));
  }
};

TEST_F(ApologyTest, IsRecordedWithItsLetterOnTheAgenda) {
  KnownCustomer();
  ASSERT_OK_AND_ASSIGN(const DecidedIncident decided, Report(RudeAnswer("a")));
  EXPECT_EQ(decided.decision.outcome, Outcome::kApologised);
  EXPECT_EQ(decided.decision.reason, reason::kApologised);
  EXPECT_FALSE(decided.voucher.has_value());
  EXPECT_FALSE(decided.code.has_value());
  ASSERT_TRUE(decided.letter.has_value());
  EXPECT_EQ(decided.letter->state, DeliveryState::kPending);
  ASSERT_EQ(Agenda().size(), 1U);
  EXPECT_EQ(Agenda()[0].score, ToMillis(now_ + std::chrono::minutes(10)));
  EXPECT_EQ(budgets_.held, 0);
}

TEST_F(ApologyTest, IsRepeatedReadAndListedWithItsLetter) {
  KnownCustomer();
  ASSERT_OK_AND_ASSIGN(const DecidedIncident first, Report(RudeAnswer("a")));
  ASSERT_OK_AND_ASSIGN(const DecidedIncident again, Report(RudeAnswer("a")));
  EXPECT_TRUE(again.replayed);
  EXPECT_EQ(again.decision, first.decision);
  EXPECT_EQ(again.letter, first.letter);
  ASSERT_OK_AND_ASSIGN(const DecidedIncident read,
                       SyncWait(incidents_.Get(IncidentId("a"), std::nullopt, Soon())));
  EXPECT_EQ(read.letter, first.letter);
  ASSERT_OK_AND_ASSIGN(const DecisionPage page,
                       SyncWait(incidents_.List(CustomerId("C-1"), 0, "", Soon())));
  ASSERT_EQ(page.decisions.size(), 1U);
  EXPECT_EQ(page.decisions[0].letter, first.letter);
}

TEST_F(ApologyTest, FatigueCountsThemAndNoRevisionGetsASecondLetter) {
  KnownCustomer();
  ASSERT_THAT(Report(RudeAnswer("a")), IsOk());
  ASSERT_OK_AND_ASSIGN(const DecidedIncident grown, Report(RudeAnswer("a", 1)));
  EXPECT_EQ(grown.decision.reason, reason::kNothingToAdd);
  ASSERT_OK_AND_ASSIGN(const DecidedIncident second, Report(RudeAnswer("b")));
  EXPECT_EQ(second.decision.reason, reason::kApologyFatigue);
  EXPECT_EQ(Agenda().size(), 1U);
}

TEST_F(ApologyTest, AWithdrawalCancelsItsLetterAndForgetsIt) {
  KnownCustomer();
  ASSERT_THAT(Report(RudeAnswer("a")), IsOk());
  ASSERT_OK_AND_ASSIGN(const DecidedIncident withdrawn,
                       SyncWait(incidents_.Withdraw(IncidentId("a"), "", Soon())));
  ASSERT_TRUE(withdrawn.letter.has_value());
  EXPECT_EQ(withdrawn.letter->state, DeliveryState::kCancelled);
  ASSERT_OK_AND_ASSIGN(const DecidedIncident next, Report(RudeAnswer("b")));
  EXPECT_EQ(next.decision.outcome, Outcome::kApologised);
}

TEST_F(ApologyTest, AVoucherMayFollowADenialWhenTheFaultGrew) {
  KnownCustomer();
  Incident small = LateDelivery("a", 0);
  ASSERT_OK_AND_ASSIGN(const DecidedIncident denied, Report(small));
  EXPECT_EQ(denied.decision.outcome, Outcome::kDenied);
  Incident grown = LateDelivery("a", 1);
  grown.revision = 1;
  ASSERT_OK_AND_ASSIGN(const DecidedIncident granted, Report(grown));
  EXPECT_EQ(granted.voucher->terms.amount, Eur("5.00"));
  EXPECT_FALSE(granted.decision.given_before.has_value()) << "nothing had been given";
}

}  // namespace
}  // namespace kulanz::app
