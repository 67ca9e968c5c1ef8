// Incidents::Withdraw: what an incident gave is taken back, unless it was used.

#include <gmock/gmock.h>

#include <string>
#include <utility>

#include "tests/support/status_matchers.h"
#include "tests/unit/app/app_fixture.h"

namespace kulanz::app {
namespace {

using kulanz::testing::IsOk;
using kulanz::testing::StatusIs;

class WithdrawTest : public AppFixture {
 protected:
  Result<DecidedIncident> Withdraw(const std::string& incident,
                                   std::string why = "found after all") {
    return SyncWait(incidents_.Withdraw(IncidentId(incident), std::move(why), Soon()));
  }
  RedeemRequest Redemption(const DecidedIncident& decided) {
    return {decided.code->Reveal("SORRY"), CustomerId("C-1"), RedemptionId("R-1"), OrderId("O-77"),
            Eur("50.00")};
  }
};

TEST_F(WithdrawTest, AnUnusedVoucherIsRevokedAndItsLetterCancelled) {
  KnownCustomer();
  ASSERT_OK_AND_ASSIGN(const DecidedIncident granted, Report(LateDelivery("a")));
  now_ += std::chrono::hours(1);
  ASSERT_OK_AND_ASSIGN(const DecidedIncident withdrawn, Withdraw("a"));
  EXPECT_FALSE(withdrawn.replayed);
  ASSERT_TRUE(withdrawn.withdrawn.has_value());
  EXPECT_EQ(withdrawn.withdrawn->at, now_);
  EXPECT_EQ(withdrawn.withdrawn->reason, "found after all");
  EXPECT_EQ(withdrawn.voucher->state, VoucherState::kRevoked);
  EXPECT_EQ(withdrawn.voucher->delivery.state, DeliveryState::kCancelled);
  EXPECT_THAT(SyncWait(vouchers_.Redeem(Redemption(granted), Soon())),
              StatusIs(Code::kFailedPrecondition, "VOUCHER_REVOKED"));
}

TEST_F(WithdrawTest, ARepetitionKeepsTheFirstReason) {
  KnownCustomer();
  ASSERT_THAT(Report(LateDelivery("a")), IsOk());
  ASSERT_THAT(Withdraw("a"), IsOk());
  ASSERT_OK_AND_ASSIGN(const DecidedIncident again, Withdraw("a", "another reason"));
  EXPECT_TRUE(again.replayed);
  EXPECT_EQ(again.withdrawn->reason, "found after all");
}

TEST_F(WithdrawTest, AUsedVoucherStays) {
  KnownCustomer();
  ASSERT_OK_AND_ASSIGN(const DecidedIncident granted, Report(LateDelivery("a")));
  ASSERT_THAT(SyncWait(vouchers_.Redeem(Redemption(granted), Soon())), IsOk());
  ASSERT_OK_AND_ASSIGN(const DecidedIncident withdrawn, Withdraw("a"));
  EXPECT_EQ(withdrawn.voucher->state, VoucherState::kRedeemed);
}

TEST_F(WithdrawTest, LimitsNoLongerCountIt) {
  KnownCustomer();
  ASSERT_THAT(Report(LateDelivery("a")), IsOk());
  ASSERT_THAT(Report(LateDelivery("b")), IsOk());
  ASSERT_THAT(Withdraw("a"), IsOk());
  ASSERT_OK_AND_ASSIGN(const DecidedIncident third, Report(LateDelivery("c")));
  EXPECT_EQ(third.decision.outcome, Outcome::kGranted);
}

TEST_F(WithdrawTest, TheIdStaysUsed) {
  KnownCustomer();
  ASSERT_OK_AND_ASSIGN(const DecidedIncident granted, Report(LateDelivery("a")));
  ASSERT_THAT(Withdraw("a"), IsOk());
  ASSERT_OK_AND_ASSIGN(const DecidedIncident again, Report(LateDelivery("a")));
  EXPECT_TRUE(again.replayed);
  EXPECT_TRUE(again.withdrawn.has_value());
  EXPECT_EQ(again.decision, granted.decision);
  Incident grown = LateDelivery("a", 4);
  grown.revision = 1;
  EXPECT_THAT(Report(grown), StatusIs(Code::kFailedPrecondition, "INCIDENT_WITHDRAWN"));
  EXPECT_THAT(SyncWait(incidents_.Evaluate(grown, {}, Soon())),
              StatusIs(Code::kFailedPrecondition, "INCIDENT_WITHDRAWN"));
}

TEST_F(WithdrawTest, OnlyWhatWasAnsweredCanBeWithdrawn) {
  EXPECT_THAT(Withdraw("a"), StatusIs(Code::kNotFound, "DECISION_NOT_FOUND"));
  EXPECT_THAT(Report(LateDelivery("a")), StatusIs(Code::kFailedPrecondition, "UNKNOWN_CUSTOMER"));
  EXPECT_THAT(Withdraw("a"), StatusIs(Code::kNotFound, "DECISION_NOT_FOUND"))
      << "claimed, but not decided";
}

TEST_F(WithdrawTest, ADenialIsWithdrawnToo) {
  KnownCustomer();
  Incident incident = LateDelivery("a");
  incident.attributes["cause"] = std::string("customer");
  ASSERT_THAT(Report(incident), IsOk());
  ASSERT_OK_AND_ASSIGN(const DecidedIncident withdrawn, Withdraw("a"));
  EXPECT_TRUE(withdrawn.withdrawn.has_value());
  EXPECT_FALSE(withdrawn.voucher.has_value());
}

TEST_F(WithdrawTest, EveryRevisionsVoucherIsRevoked) {
  KnownCustomer();
  ASSERT_THAT(Report(LateDelivery("a", 1)), IsOk());
  Incident grown = LateDelivery("a", 4);
  grown.revision = 1;
  ASSERT_THAT(Report(grown), IsOk());
  ASSERT_THAT(Withdraw("a"), IsOk());
  ASSERT_OK_AND_ASSIGN(const DecisionPage page,
                       SyncWait(incidents_.List(CustomerId("C-1"), 0, "", Soon())));
  ASSERT_EQ(page.decisions.size(), 2U);
  for (const DecidedIncident& decided : page.decisions) {
    EXPECT_TRUE(decided.withdrawn.has_value());
    EXPECT_EQ(decided.voucher->state, VoucherState::kRevoked);
  }
}

TEST_F(WithdrawTest, ALostReplyIsRepeatedToTheSameEnd) {
  KnownCustomer();
  ASSERT_THAT(Report(LateDelivery("a")), IsOk());
  for (const auto fault : {FaultyStore::Fault::kLoseRequest, FaultyStore::Fault::kLoseReply}) {
    bool done = false;
    store_.on_commit = [&done, fault](const ports::Transaction&) {
      return std::exchange(done, true) ? FaultyStore::Fault::kNone : fault;
    };
    EXPECT_THAT(Withdraw("a"), StatusIs(Code::kUnavailable, "STORE_UNCERTAIN"));
    store_.on_commit = nullptr;
  }
  ASSERT_OK_AND_ASSIGN(const DecidedIncident again, Withdraw("a"));
  EXPECT_TRUE(again.replayed);
  EXPECT_EQ(again.voucher->state, VoucherState::kRevoked);
}

TEST_F(WithdrawTest, ARedemptionInTheLastMomentWins) {
  KnownCustomer();
  ASSERT_OK_AND_ASSIGN(const DecidedIncident granted, Report(LateDelivery("a")));
  bool raced = false;
  store_.on_commit = [&](const ports::Transaction&) {
    if (!std::exchange(raced, true)) {
      EXPECT_THAT(SyncWait(vouchers_.Redeem(Redemption(granted), Soon())), IsOk());
    }
    return FaultyStore::Fault::kNone;
  };
  ASSERT_OK_AND_ASSIGN(const DecidedIncident withdrawn, Withdraw("a"));
  EXPECT_EQ(withdrawn.voucher->state, VoucherState::kRedeemed);
}

}  // namespace
}  // namespace kulanz::app
