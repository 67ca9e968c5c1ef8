// What time does to a voucher, and what each command answers.
#include "service/domain/voucher_life.h"

#include <gtest/gtest.h>

#include "service/domain/voucher_commands.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/domain/voucher_fixture.h"

namespace kulanz {
namespace {

using kulanz::testing::StatusIs;

TEST_F(VoucherFixture, ASingleUseVoucherIsRedeemedOnceAndRepeated) {
  ASSERT_EQ(Do(Redeem("R-1", "O-1")).code(), Code::kOk);
  EXPECT_EQ(life_.state, VoucherState::kRedeemed);
  EXPECT_EQ(life_.remaining_minor_units, 0);
  EXPECT_EQ(last_.flow, (VoucherFlow{.redeemed = 5000}));
  const VoucherLife before = life_;
  ASSERT_EQ(Do(Redeem("R-1", "O-1")).code(), Code::kOk);
  EXPECT_TRUE(last_.replayed);
  EXPECT_EQ(life_, before);
  EXPECT_THAT(Do(Redeem("R-1", "O-2")), StatusIs(Code::kAlreadyExists, "REDEMPTION_CONFLICT"));
  EXPECT_THAT(Do(Redeem("R-2", "O-1")), StatusIs(Code::kFailedPrecondition, "VOUCHER_REDEEMED"));
}

TEST_F(VoucherFixture, APartOfASingleUseVoucherIsRefused) {
  EXPECT_THAT(Do(Redeem("R-1", "O-1", 4999)),
              StatusIs(Code::kFailedPrecondition, "VOUCHER_INDIVISIBLE"));
  EXPECT_TRUE(Do(Redeem("R-1", "O-1", 5000)).ok());
}

TEST_F(VoucherFixture, AStoredValueIsTakenInParts) {
  terms_.stored_value = true;
  ASSERT_TRUE(Do(Redeem("R-1", "O-1", 1999)).ok());
  EXPECT_EQ(life_.remaining_minor_units, 3001);
  EXPECT_THAT(Do(Redeem("R-2", "O-2", 3002)),
              StatusIs(Code::kFailedPrecondition, "BALANCE_INSUFFICIENT"));
  ASSERT_TRUE(Do(Redeem("R-3", "O-3")).ok());
  EXPECT_EQ(life_.state, VoucherState::kRedeemed);
  EXPECT_THAT(Do(Redeem("R-1", "O-1", 2000)),
              StatusIs(Code::kAlreadyExists, "REDEMPTION_CONFLICT"));
}

TEST_F(VoucherFixture, WithoutAnAmountAnOrderTakesNoMoreThanItsTotal) {
  terms_.stored_value = true;
  RedeemCommand small = Redeem("R-1", "O-1");
  small.order_total = Eur(1200);
  ASSERT_TRUE(Do(small).ok());
  EXPECT_EQ(life_.redemptions.back().amount, Eur(1200));
  small.id = RedemptionId("R-2");
  small.order_total = Eur(0);
  EXPECT_THAT(Do(small), StatusIs(Code::kFailedPrecondition, "NOTHING_TO_REDEEM"));
}

TEST_F(VoucherFixture, HeldByAnotherOrderIsToldApartFromEmpty) {
  ASSERT_TRUE(Do(Reserve("H-1", "O-1")).ok());
  const Status held = Do(Redeem("R-2", "O-2"));
  EXPECT_THAT(held, StatusIs(Code::kFailedPrecondition, "VOUCHER_HELD"));
  EXPECT_EQ(held.metadata().at("heldUntil"), FormatInstant(now_ + kHoldDefault));
  EXPECT_THAT(Do(Reserve("H-2", "O-2")), StatusIs(Code::kFailedPrecondition, "VOUCHER_HELD"));
  ASSERT_TRUE(Do(Redeem("R-1", "O-1")).ok());
  EXPECT_THAT(Do(Reserve("H-2", "O-2")), StatusIs(Code::kFailedPrecondition, "VOUCHER_REDEEMED"));
}

TEST_F(VoucherFixture, OnAStoredValueSeveralOrdersHoldTheirParts) {
  terms_.stored_value = true;
  ASSERT_TRUE(Do(Reserve("H-1", "O-1", 2000)).ok());
  ASSERT_TRUE(Do(Reserve("H-2", "O-2", 2000)).ok());
  EXPECT_EQ(FreeMinorUnits(life_), 1000);
  EXPECT_THAT(Do(Redeem("R-3", "O-3", 1001)), StatusIs(Code::kFailedPrecondition, "VOUCHER_HELD"));
  EXPECT_THAT(Do(Redeem("R-3", "O-3", 5001)),
              StatusIs(Code::kFailedPrecondition, "BALANCE_INSUFFICIENT"));
  // Its own part and what nobody holds.
  ASSERT_TRUE(Do(Redeem("R-1", "O-1", 3000)).ok());
  EXPECT_THAT(Do(Redeem("R-3", "O-3")), StatusIs(Code::kFailedPrecondition, "VOUCHER_HELD"));
  ASSERT_TRUE(Do(Redeem("R-2", "O-2")).ok());
  EXPECT_EQ(life_.redemptions.back().amount, Eur(2000));
}

TEST_F(VoucherFixture, AReservationIsReleasedByItself) {
  ASSERT_TRUE(Do(Reserve("H-1", "O-1")).ok());
  now_ += kHoldDefault;
  EXPECT_THAT(Do(Redeem("R-2", "O-2")), StatusIs(Code::kFailedPrecondition, "VOUCHER_HELD"));
  now_ += Duration{1};
  ASSERT_TRUE(Do(Redeem("R-2", "O-2")).ok());
  EXPECT_EQ(life_.reservations.front().state, ReservationState::kLapsed);
  EXPECT_EQ(life_.reservations.front().ended_at, now_ - Duration{1});
}

TEST_F(VoucherFixture, ALapsedReservationIsNoHindranceButAReleasedOneIs) {
  ASSERT_TRUE(Do(Reserve("H-1", "O-1")).ok());
  now_ += kHoldDefault + Duration{1};
  RedeemCommand late = Redeem("R-1", "O-1");
  late.reservation = ReservationId("H-1");
  ASSERT_TRUE(Do(late).ok());
  life_ = NewVoucherLife(terms_);
  ASSERT_TRUE(Do(Reserve("H-1", "O-1")).ok());
  ASSERT_TRUE(Do(ReleaseCommand{ReservationId("H-1")}).ok());
  EXPECT_THAT(Do(late), StatusIs(Code::kFailedPrecondition, "RESERVATION_RELEASED"));
  late.reservation = ReservationId("H-9");
  EXPECT_THAT(Do(late), StatusIs(Code::kNotFound, "RESERVATION_NOT_FOUND"));
}

TEST_F(VoucherFixture, ReservationsAreRepeatedAndConflict) {
  ASSERT_TRUE(Do(Reserve("H-1", "O-1")).ok());
  ASSERT_TRUE(Do(Reserve("H-1", "O-1")).ok());
  EXPECT_TRUE(last_.replayed);
  EXPECT_THAT(Do(Reserve("H-1", "O-2")), StatusIs(Code::kAlreadyExists, "RESERVATION_CONFLICT"));
  ReserveCommand longer = Reserve("H-1", "O-1");
  longer.hold_for += Duration{1};
  EXPECT_THAT(Do(longer), StatusIs(Code::kAlreadyExists, "RESERVATION_CONFLICT"));
  ASSERT_TRUE(Do(ReleaseCommand{ReservationId("H-1")}).ok());
  EXPECT_FALSE(last_.replayed);
  ASSERT_TRUE(Do(ReleaseCommand{ReservationId("H-1")}).ok());
  EXPECT_TRUE(last_.replayed);
  EXPECT_THAT(Do(ReleaseCommand{ReservationId("H-2")}),
              StatusIs(Code::kNotFound, "RESERVATION_NOT_FOUND"));
}

TEST_F(VoucherFixture, AUsedReservationIsNotReleased) {
  ASSERT_TRUE(Do(Reserve("H-1", "O-1")).ok());
  RedeemCommand other = Redeem("R-9", "O-9");
  other.reservation = ReservationId("H-1");
  EXPECT_THAT(Do(other), StatusIs(Code::kFailedPrecondition, "VOUCHER_HELD"));
  ASSERT_TRUE(Do(Redeem("R-1", "O-1")).ok());
  EXPECT_THAT(Do(ReleaseCommand{ReservationId("H-1")}),
              StatusIs(Code::kFailedPrecondition, "RESERVATION_USED"));
}

TEST_F(VoucherFixture, TheLastInstantStillRedeemsAndTheNextDoesNot) {
  now_ = terms_.valid_until;
  VoucherLife fresh = life_;
  ASSERT_TRUE(Do(Redeem("R-1", "O-1")).ok());
  life_ = fresh;
  now_ += Duration{1};
  EXPECT_THAT(Do(Redeem("R-1", "O-1")), StatusIs(Code::kFailedPrecondition, "VOUCHER_EXPIRED"));
  ASSERT_TRUE(Do(SettleCommand{}).ok());
  EXPECT_EQ(life_.state, VoucherState::kExpired);
  EXPECT_EQ(last_.flow, (VoucherFlow{.expired = 5000}));
  EXPECT_EQ(life_.events.back().at, terms_.valid_until);
}

TEST_F(VoucherFixture, WhatIsHeldOutlivesTheLastInstant) {
  terms_.stored_value = true;
  now_ = terms_.valid_until;
  ASSERT_TRUE(Do(Reserve("H-1", "O-1", 2000)).ok());
  now_ += Duration{1};
  EXPECT_THAT(Do(Redeem("R-2", "O-2", 1000)),
              StatusIs(Code::kFailedPrecondition, "VOUCHER_EXPIRED"));
  ASSERT_TRUE(Do(Redeem("R-1", "O-1", 1500)).ok());
  EXPECT_EQ(last_.flow, (VoucherFlow{.redeemed = 1500, .expired = 3500}));
  EXPECT_EQ(life_.state, VoucherState::kExpired);
}

TEST_F(VoucherFixture, AReversalGivesBackAndItsIdNeverRedeemsAgain) {
  ASSERT_TRUE(Do(Redeem("R-1", "O-1")).ok());
  EXPECT_THAT(Do(Reverse("R-1", "O-2")), StatusIs(Code::kAlreadyExists, "REDEMPTION_CONFLICT"));
  ASSERT_TRUE(Do(Reverse("R-1", "O-1")).ok());
  EXPECT_EQ(last_.flow, (VoucherFlow{.reversed = 5000}));
  EXPECT_EQ(life_.state, VoucherState::kIssued);
  EXPECT_FALSE(life_.extended_until.has_value());
  ASSERT_TRUE(Do(Reverse("R-1", "O-1")).ok());
  EXPECT_TRUE(last_.replayed);
  EXPECT_THAT(Do(Redeem("R-1", "O-1")), StatusIs(Code::kFailedPrecondition, "REDEMPTION_REVERSED"));
  ASSERT_TRUE(Do(Redeem("R-2", "O-1")).ok());
}

TEST_F(VoucherFixture, AReversalBeforeItsRedemptionStopsIt) {
  ASSERT_TRUE(Do(Reverse("R-1", "O-1")).ok());
  EXPECT_EQ(last_.flow, VoucherFlow{});
  EXPECT_THAT(Do(Redeem("R-1", "O-1")), StatusIs(Code::kFailedPrecondition, "REDEMPTION_REVERSED"));
  EXPECT_THAT(Do(Redeem("R-1", "O-9")), StatusIs(Code::kAlreadyExists, "REDEMPTION_CONFLICT"));
  EXPECT_EQ(life_.remaining_minor_units, 5000);
}

TEST_F(VoucherFixture, AReversalAfterTheEndGivesGraceForWhatComesBackOnly) {
  terms_.stored_value = true;
  ASSERT_TRUE(Do(Redeem("R-1", "O-1", 2000)).ok());
  now_ = terms_.valid_until + std::chrono::days{3};
  ASSERT_TRUE(Do(Reverse("R-1", "O-1")).ok());
  EXPECT_EQ(last_.flow, (VoucherFlow{.reversed = 2000, .expired = 3000}));
  EXPECT_EQ(life_.remaining_minor_units, 2000);
  EXPECT_EQ(UsableUntil(terms_, life_), now_ + kGrace);
  now_ += kGrace;
  const VoucherLife before = life_;
  ASSERT_TRUE(Do(Redeem("R-2", "O-2")).ok());
  life_ = before;
  now_ += Duration{1};
  EXPECT_THAT(Do(Redeem("R-2", "O-2")), StatusIs(Code::kFailedPrecondition, "VOUCHER_EXPIRED"));
}

TEST_F(VoucherFixture, ARevocationTakesWhatIsLeftHeldOrNot) {
  terms_.stored_value = true;
  ASSERT_TRUE(Do(Redeem("R-1", "O-1", 1000)).ok());
  ASSERT_TRUE(Do(Reserve("H-1", "O-2", 1000)).ok());
  ASSERT_TRUE(Do(RevokeCommand{RevocationId("V-1"), "fraud"}).ok());
  EXPECT_EQ(last_.flow, (VoucherFlow{.revoked = 4000}));
  EXPECT_EQ(life_.state, VoucherState::kRevoked);
  ASSERT_TRUE(Do(RevokeCommand{RevocationId("V-1"), "fraud"}).ok());
  EXPECT_TRUE(last_.replayed);
  EXPECT_THAT(Do(RevokeCommand{RevocationId("V-1"), "other"}),
              StatusIs(Code::kAlreadyExists, "REVOCATION_CONFLICT"));
  EXPECT_THAT(Do(RevokeCommand{RevocationId("V-2"), "fraud"}),
              StatusIs(Code::kFailedPrecondition, "VOUCHER_REVOKED"));
  EXPECT_THAT(Do(Redeem("R-2", "O-2")), StatusIs(Code::kFailedPrecondition, "VOUCHER_REVOKED"));
  EXPECT_THAT(Do(Reverse("R-1", "O-1")), StatusIs(Code::kFailedPrecondition, "VOUCHER_REVOKED"));
  ASSERT_TRUE(Do(Redeem("R-1", "O-1", 1000)).ok());
  EXPECT_TRUE(last_.replayed);
}

TEST_F(VoucherFixture, AReissueMovesTheWholeLife) {
  terms_.stored_value = true;
  ASSERT_TRUE(Do(Redeem("R-1", "O-1", 1000)).ok());
  ASSERT_TRUE(Do(Reserve("H-1", "O-2", 1000)).ok());
  const ReissueCommand reissue{ReissueId("N-1"), "lost"};
  EXPECT_THAT(Do(reissue), StatusIs(Code::kFailedPrecondition, "VOUCHER_HELD"));
  ASSERT_TRUE(Do(ReleaseCommand{ReservationId("H-1")}).ok());
  ASSERT_TRUE(Do(reissue).ok());
  EXPECT_EQ(last_.flow, VoucherFlow{});
  ASSERT_TRUE(last_.successor.has_value());
  EXPECT_EQ(last_.successor->remaining_minor_units, 4000);
  EXPECT_EQ(AuditVoucherLife(terms_, *last_.successor), std::vector<std::string>{});
  EXPECT_EQ(life_.state, VoucherState::kReissued);
  ASSERT_TRUE(Do(reissue).ok());
  EXPECT_TRUE(last_.replayed);
  EXPECT_THAT(Do(ReissueCommand{ReissueId("N-1"), "stolen"}),
              StatusIs(Code::kAlreadyExists, "REISSUE_CONFLICT"));
  EXPECT_THAT(Do(Redeem("R-2", "O-2")), StatusIs(Code::kFailedPrecondition, "VOUCHER_REISSUED"));
}

TEST_F(VoucherFixture, MinimumOrderAndCurrencyAreChecked) {
  terms_.minimum_order = Eur(2000);
  EXPECT_THAT(Do(Redeem("R-1", "O-1")), StatusIs(Code::kFailedPrecondition, "ORDER_BELOW_MINIMUM"));
  RedeemCommand redeem = Redeem("R-1", "O-1");
  redeem.order_total = Eur(1999);
  EXPECT_THAT(Do(redeem), StatusIs(Code::kFailedPrecondition, "ORDER_BELOW_MINIMUM"));
  redeem.order_total = *Money::FromMinorUnits(9999, *Currency::FromCode("CHF"));
  EXPECT_THAT(Do(redeem), StatusIs(Code::kFailedPrecondition, "CURRENCY_MISMATCH"));
  ReserveCommand reserve = Reserve("H-1", "O-1");
  reserve.order_total = Eur(2000);
  ASSERT_TRUE(Do(reserve).ok());
  ASSERT_TRUE(Do(Redeem("R-1", "O-1")).ok());  // it was checked when it was reserved
}

TEST_F(VoucherFixture, ListsHaveLimits) {
  terms_.stored_value = true;
  for (std::size_t i = 0; i < kReservationsHeldMax; ++i) {
    ASSERT_TRUE(Do(Reserve("H-" + std::to_string(i), "O-1", 1)).ok());
  }
  EXPECT_THAT(Do(Reserve("H-x", "O-1", 1)),
              StatusIs(Code::kFailedPrecondition, "TOO_MANY_RESERVATIONS"));
  ASSERT_TRUE(Do(ReleaseCommand{ReservationId("H-0")}).ok());
  EXPECT_TRUE(Do(Reserve("H-x", "O-1", 1)).ok());
  for (std::size_t i = 0; i < kVoucherRedemptionsMax; ++i) {
    ASSERT_TRUE(Do(Redeem("R-" + std::to_string(i), "O-2", 1)).ok());
  }
  EXPECT_THAT(Do(Redeem("R-x", "O-2", 1)),
              StatusIs(Code::kFailedPrecondition, "TOO_MANY_REDEMPTIONS"));
  EXPECT_THAT(Do(Reverse("R-x", "O-2")),
              StatusIs(Code::kFailedPrecondition, "TOO_MANY_REDEMPTIONS"));
  EXPECT_TRUE(Do(Reverse("R-0", "O-2")).ok());
}

TEST_F(VoucherFixture, EventsThatMoveMoneyAreLeftOutLast) {
  terms_.stored_value = true;
  ASSERT_TRUE(Do(Redeem("R-0", "O-1", 1)).ok());
  for (std::size_t i = 0; i < kVoucherEventsMax; ++i) {
    ASSERT_TRUE(Do(Reserve("H-" + std::to_string(i), "O-1", 1)).ok());
    ASSERT_TRUE(Do(ReleaseCommand{ReservationId("H-" + std::to_string(i))}).ok());
  }
  EXPECT_EQ(life_.events.size(), kVoucherEventsMax);
  EXPECT_EQ(life_.events_omitted, kVoucherEventsMax + 1);
  EXPECT_EQ(life_.events.front().kind, VoucherEventKind::kRedeemed);
  EXPECT_EQ(life_.reservations.size(), kReservationsEndedMax);
}

}  // namespace
}  // namespace kulanz
