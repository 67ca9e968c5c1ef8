// Vouchers through their life, over a store that loses replies and changes under the caller's feet: reserve,
// redeem in parts, release, reverse, revoke.
#include <gmock/gmock.h>

#include <string>
#include <utility>

#include "tests/support/status_matchers.h"
#include "tests/unit/app/stored_value_fixture.h"

namespace kulanz::app {
namespace {

using kulanz::testing::IsOk;
using kulanz::testing::StatusIs;

using VoucherChangesTest = StoredValueFixture;

TEST_F(VoucherChangesTest, AStoredValueHasALongCodeAndIsRedeemedInParts) {
  const std::string code = Issue("a");
  EXPECT_EQ(code.size(), std::string("GIFT-0000-0000-0000-0000-0000").size());
  ASSERT_OK_AND_ASSIGN(const RedeemedVoucher first, Redeem(code, "R-1", "19.99"));
  EXPECT_EQ(first.voucher.remaining, Eur("30.01"));
  EXPECT_EQ(first.voucher.state, VoucherState::kIssued);
  EXPECT_THAT(Redeem(code, "R-2", "30.02").status(),
              StatusIs(Code::kFailedPrecondition, "BALANCE_INSUFFICIENT"));
  ASSERT_OK_AND_ASSIGN(const RedeemedVoucher last, Redeem(code, "R-2", "30.01"));
  EXPECT_EQ(last.voucher.state, VoucherState::kRedeemed);
  ASSERT_OK_AND_ASSIGN(const RedeemedVoucher again, Redeem(code, "R-1", "19.99"));
  EXPECT_TRUE(again.replayed);
  EXPECT_EQ(Liability(), 0);
}

TEST_F(VoucherChangesTest, AReportGivesTheSameLongCodeAgain) {
  const std::string code = Issue("a");
  ASSERT_OK_AND_ASSIGN(const DecidedIncident again, Report(LostParcel("a")));
  EXPECT_TRUE(again.replayed);
  EXPECT_EQ(again.code->Reveal("GIFT"), code);
}

TEST_F(VoucherChangesTest, AReservationIsRedeemedByItsOrderOnly) {
  const std::string code = Issue("a");
  ASSERT_OK_AND_ASSIGN(const ReservedVoucher held, Reserve(code, "H-1", "O-1"));
  EXPECT_EQ(held.reservation.minor_units, 5000);
  EXPECT_THAT(Redeem(code, "R-2", "1.00", "O-2").status(),
              StatusIs(Code::kFailedPrecondition, "VOUCHER_HELD"));
  ASSERT_OK_AND_ASSIGN(const ReservedVoucher again, Reserve(code, "H-1", "O-1"));
  EXPECT_TRUE(again.replayed);
  ASSERT_OK_AND_ASSIGN(const RedeemedVoucher redeemed, Redeem(code, "R-1", "20.00", "O-1"));
  EXPECT_EQ(redeemed.voucher.remaining, Eur("30.00"));
  EXPECT_EQ(HeldMinorUnits(redeemed.voucher.life), 0);
}

TEST_F(VoucherChangesTest, AReservationIsReleasedByTheShopOrByTime) {
  const std::string code = Issue("a");
  ASSERT_THAT(Reserve(code, "H-1", "O-1").status(), IsOk());
  ASSERT_OK_AND_ASSIGN(const ReservedVoucher released,
                       SyncWait(vouchers_.Release({code, {}}, ReservationId("H-1"), Soon())));
  EXPECT_FALSE(released.replayed);
  ASSERT_OK_AND_ASSIGN(const ReservedVoucher again,
                       SyncWait(vouchers_.Release({code, {}}, ReservationId("H-1"), Soon())));
  EXPECT_TRUE(again.replayed);
  ASSERT_THAT(Reserve(code, "H-2", "O-1").status(), IsOk());
  now_ += kHoldDefault + Duration{1};
  EXPECT_THAT(Redeem(code, "R-1", "50.00", "O-2").status(), IsOk());
}

// Seed 18159 of the simulator: released by time at one server, and then redeemed from at another, whose clock
// was behind after a standstill.
TEST_F(VoucherChangesTest, WhatIsAnsweredAsLapsedIsRecordedAsLapsed) {
  const std::string code = Issue("a");
  ASSERT_THAT(Reserve(code, "H-1", "O-1").status(), IsOk());
  now_ += kHoldDefault + Duration{1};
  ASSERT_OK_AND_ASSIGN(const ReservedVoucher released,
                       SyncWait(vouchers_.Release({code, {}}, ReservationId("H-1"), Soon())));
  EXPECT_TRUE(released.replayed);
  ASSERT_OK_AND_ASSIGN(const Voucher stored, SyncWait(vouchers_.Get(code, Soon())));
  EXPECT_EQ(stored.life.reservations.front().state, ReservationState::kLapsed);
}

TEST_F(VoucherChangesTest, AReversalIsFoundByTheVouchersIdAndGivesBackOnce) {
  const std::string code = Issue("a");
  ASSERT_OK_AND_ASSIGN(const RedeemedVoucher redeemed, Redeem(code, "R-1", "20.00"));
  EXPECT_EQ(Liability(), 3000);
  const auto reverse = [&] {
    return SyncWait(
        vouchers_.Reverse({{}, redeemed.voucher.id}, RedemptionId("R-1"), OrderId("O-1"), Soon()));
  };
  ASSERT_OK_AND_ASSIGN(const RedeemedVoucher reversed, reverse());
  EXPECT_EQ(reversed.redemption.reversed_at, now_);
  EXPECT_EQ(reversed.voucher.remaining, Eur("50.00"));
  ASSERT_OK_AND_ASSIGN(const RedeemedVoucher again, reverse());
  EXPECT_TRUE(again.replayed);
  EXPECT_EQ(Liability(), 5000);
  EXPECT_THAT(Redeem(code, "R-1", "20.00").status(),
              StatusIs(Code::kFailedPrecondition, "REDEMPTION_REVERSED"));
}

TEST_F(VoucherChangesTest, GraceEndsWithALocalDay) {
  const std::string code = Issue("a");
  ASSERT_OK_AND_ASSIGN(const RedeemedVoucher redeemed, Redeem(code, "R-1", "20.00"));
  now_ = *ParseInstant("2027-01-10T12:00:00Z");
  ASSERT_OK_AND_ASSIGN(
      const RedeemedVoucher reversed,
      SyncWait(vouchers_.Reverse({code, {}}, RedemptionId("R-1"), OrderId("O-1"), Soon())));
  EXPECT_EQ(FormatInstant(reversed.voucher.usable_until()), "2027-01-24T22:59:59.999Z");
  EXPECT_EQ(reversed.voucher.remaining, Eur("20.00"));
  EXPECT_EQ(Liability(), 2000);
}

TEST_F(VoucherChangesTest, ARevocationSaysWhyAndStopsTheLetter) {
  const std::string code = Issue("a");
  const auto revoke = [&](std::string reason) {
    return SyncWait(vouchers_.Revoke({code, {}}, {RevocationId("V-1"), std::move(reason)}, Soon()));
  };
  ASSERT_OK_AND_ASSIGN(const ChangedState revoked, revoke("stolen"));
  EXPECT_EQ(revoked.voucher.life.revocation->reason, "stolen");
  EXPECT_EQ(revoked.voucher.delivery.state, DeliveryState::kCancelled);
  EXPECT_EQ(Liability(), 0);
  ASSERT_OK_AND_ASSIGN(const ChangedState again, revoke("stolen"));
  EXPECT_TRUE(again.replayed);
  EXPECT_THAT(revoke("lost").status(), StatusIs(Code::kAlreadyExists, "REVOCATION_CONFLICT"));
}

TEST_F(VoucherChangesTest, ALostReplyOfEachChangeIsRepeatedToOneEffect) {
  const std::string code = Issue("a");
  bool lose = false;
  store_.on_commit = [&lose](const ports::Transaction& transaction) {
    return !transaction.writes.empty() && std::exchange(lose, false)
               ? FaultyStore::Fault::kLoseReply
               : FaultyStore::Fault::kNone;
  };
  const auto twice = [&lose](const auto& call) {
    lose = true;
    EXPECT_THAT(call().status(), StatusIs(Code::kUnavailable, "STORE_UNCERTAIN"));
    EXPECT_TRUE(call()->replayed);
  };
  twice([&] { return Reserve(code, "H-1", "O-1"); });
  twice([&] { return SyncWait(vouchers_.Release({code, {}}, ReservationId("H-1"), Soon())); });
  twice([&] { return Redeem(code, "R-1", "20.00"); });
  twice([&] {
    return SyncWait(vouchers_.Reverse({code, {}}, RedemptionId("R-1"), OrderId("O-1"), Soon()));
  });
  twice([&] {
    return SyncWait(vouchers_.Reissue({code, {}}, {ReissueId("N-1"), "lost"}, Soon()));
  });
  EXPECT_EQ(Liability(), 5000);
}

TEST_F(VoucherChangesTest, AVoucherThatChangesUnderneathIsDecidedAgain) {
  const std::string code = Issue("a");
  bool raced = false;
  store_.on_commit = [&](const ports::Transaction&) {
    if (!std::exchange(raced, true)) {
      EXPECT_THAT(Redeem(code, "R-first", "40.00").status(), IsOk());
    }
    return FaultyStore::Fault::kNone;
  };
  EXPECT_THAT(Redeem(code, "R-1", "20.00").status(),
              StatusIs(Code::kFailedPrecondition, "BALANCE_INSUFFICIENT"));
}

TEST_F(VoucherChangesTest, AWithdrawnIncidentTakesTheLiabilityAlong) {
  Issue("a");
  Issue("b");
  EXPECT_EQ(Liability(), 10000);
  ASSERT_OK_AND_ASSIGN(const DecidedIncident withdrawn,
                       SyncWait(incidents_.Withdraw(IncidentId("a"), "found", Soon())));
  EXPECT_EQ(withdrawn.voucher->life.revocation->id, RevocationId("incident-withdrawn"));
  EXPECT_EQ(Liability(), 5000);
}

TEST_F(VoucherChangesTest, AnUnknownIdGetsThePublicAnswer) {
  Issue("a");
  for (const std::string& id : {std::string(36, '0'), std::string(36, 'f'), std::string("x")}) {
    EXPECT_THAT(SyncWait(vouchers_.Get(VoucherReference{{}, id}, Soon())).status(),
                StatusIs(Code::kNotFound, "VOUCHER_NOT_REDEEMABLE"));
  }
}

}  // namespace
}  // namespace kulanz::app
