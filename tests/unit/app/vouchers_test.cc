// Vouchers and Customers: redemption at checkout, profiles and their erasure.

#include <gmock/gmock.h>

#include "tests/support/status_matchers.h"
#include "tests/unit/app/app_fixture.h"

namespace kulanz::app {
namespace {

using kulanz::testing::IsOk;
using kulanz::testing::StatusIs;

class VouchersTest : public AppFixture {
 protected:
  std::string IssuedCode() {
    KnownCustomer();
    const auto decided = Report(LateDelivery("a"));
    return decided->code->Reveal("SORRY");
  }
  static RedeemRequest Request(std::string code, std::string redemption = "R-1") {
    return {std::move(code), CustomerId("C-1"), RedemptionId(std::move(redemption)),
            OrderId("O-77"), Eur("50.00")};
  }
};

TEST_F(VouchersTest, RedeemsOnceAndRepeatsTheAnswer) {
  const std::string code = IssuedCode();
  ASSERT_OK_AND_ASSIGN(const RedeemedVoucher first,
                       SyncWait(vouchers_.Redeem(Request(code), Soon())));
  EXPECT_FALSE(first.replayed);
  EXPECT_EQ(first.redemption.amount, Eur("5.00"));
  EXPECT_EQ(first.voucher.state, VoucherState::kRedeemed);
  EXPECT_TRUE(first.voucher.remaining.is_zero());
  ASSERT_OK_AND_ASSIGN(const RedeemedVoucher again,
                       SyncWait(vouchers_.Redeem(Request(code), Soon())));
  EXPECT_TRUE(again.replayed);
  EXPECT_EQ(again.redemption, first.redemption);
  EXPECT_THAT(SyncWait(vouchers_.Redeem(Request(code, "R-2"), Soon())),
              StatusIs(Code::kFailedPrecondition, "VOUCHER_REDEEMED"));
}

TEST_F(VouchersTest, ALostReplyIsRepeatedToOneRedemption) {
  const std::string code = IssuedCode();
  bool lost = false;
  store_.on_commit = [&lost](const ports::Transaction&) {
    const bool lose = !std::exchange(lost, true);
    return lose ? FaultyStore::Fault::kLoseReply : FaultyStore::Fault::kNone;
  };
  EXPECT_THAT(SyncWait(vouchers_.Redeem(Request(code), Soon())),
              StatusIs(Code::kUnavailable, "STORE_UNCERTAIN"));
  ASSERT_OK_AND_ASSIGN(const RedeemedVoucher again,
                       SyncWait(vouchers_.Redeem(Request(code), Soon())));
  EXPECT_TRUE(again.replayed);
}

TEST_F(VouchersTest, TheSameRedemptionIdForAnotherOrderIsRefused) {
  const std::string code = IssuedCode();
  ASSERT_THAT(SyncWait(vouchers_.Redeem(Request(code), Soon())), IsOk());
  RedeemRequest other = Request(code);
  other.order = OrderId("O-78");
  EXPECT_THAT(SyncWait(vouchers_.Redeem(other, Soon())),
              StatusIs(Code::kAlreadyExists, "REDEMPTION_CONFLICT"));
}

TEST_F(VouchersTest, WhateverAGuesserTriesGetsOneAnswer) {
  const std::string code = IssuedCode();
  RedeemRequest stranger = Request(code);
  stranger.customer = CustomerId("C-2");
  const Status foreign = SyncWait(vouchers_.Redeem(stranger, Soon())).status();
  EXPECT_THAT(foreign, StatusIs(Code::kNotFound, "VOUCHER_NOT_REDEEMABLE"));
  std::string typo = code;
  typo.back() = typo.back() == '0' ? '1' : '0';
  for (const std::string& wrong :
       {std::string(), std::string("hello"), typo,
        VoucherCode::Make(3, std::array<std::uint8_t, 9>{}).Reveal(),
        VoucherCode::Make(900, std::array<std::uint8_t, 9>{}).Reveal()}) {
    EXPECT_EQ(SyncWait(vouchers_.Redeem(Request(wrong), Soon())).status().ToString(),
              foreign.ToString());
    EXPECT_EQ(SyncWait(vouchers_.Get(wrong, Soon())).status().ToString(), foreign.ToString());
  }
}

TEST_F(VouchersTest, IsValidToTheEndOfItsLastLocalDay) {
  const std::string code = IssuedCode();
  ASSERT_OK_AND_ASSIGN(const Voucher voucher, SyncWait(vouchers_.Get(code, Soon())));
  now_ = voucher.terms.valid_until;
  EXPECT_THAT(SyncWait(vouchers_.Validate(Request(code), Soon())), IsOk());
  now_ += Duration{1};
  EXPECT_THAT(SyncWait(vouchers_.Validate(Request(code), Soon())),
              StatusIs(Code::kFailedPrecondition, "VOUCHER_EXPIRED"));
  EXPECT_THAT(SyncWait(vouchers_.Redeem(Request(code), Soon())),
              StatusIs(Code::kFailedPrecondition, "VOUCHER_EXPIRED"));
}

TEST_F(VouchersTest, AnOrderBelowTheMinimumOrInAnotherCurrencyIsRefused) {
  const std::string code = IssuedCode();  // the policy asks for 20.00 EUR
  RedeemRequest request = Request(code);
  request.order_total = Eur("19.99");
  EXPECT_THAT(SyncWait(vouchers_.Redeem(request, Soon())),
              StatusIs(Code::kFailedPrecondition, "ORDER_BELOW_MINIMUM"));
  request.order_total.reset();
  EXPECT_THAT(SyncWait(vouchers_.Redeem(request, Soon())),
              StatusIs(Code::kFailedPrecondition, "ORDER_BELOW_MINIMUM"));
  request.order_total = Money::Parse("50", *Currency::FromCode("JPY"));
  EXPECT_THAT(SyncWait(vouchers_.Redeem(request, Soon())),
              StatusIs(Code::kFailedPrecondition, "CURRENCY_MISMATCH"));
  request.order_total = Eur("20.00");
  EXPECT_THAT(SyncWait(vouchers_.Redeem(request, Soon())), IsOk());
}

TEST_F(VouchersTest, ValidateHasNoEffect) {
  const std::string code = IssuedCode();
  ASSERT_THAT(SyncWait(vouchers_.Validate(Request(code), Soon())), IsOk());
  ASSERT_OK_AND_ASSIGN(const Voucher voucher, SyncWait(vouchers_.Get(code, Soon())));
  EXPECT_EQ(voucher.state, VoucherState::kIssued);
}

class CustomersTest : public AppFixture {};

TEST_F(CustomersTest, UpsertTellsWhetherItCreatedAndReplacesTheWhole) {
  Customer customer = ACustomer();
  EXPECT_TRUE(*SyncWait(customers_.Upsert(customer, {}, Soon())));
  customer.segment = "silver";
  customer.email.clear();
  EXPECT_FALSE(*SyncWait(customers_.Upsert(customer, {}, Soon())));
  ASSERT_OK_AND_ASSIGN(const Customer read, SyncWait(customers_.Get(customer.id, Soon())));
  EXPECT_EQ(read, customer);
}

TEST_F(CustomersTest, AnUnknownTimeZoneIsNamed) {
  Customer customer = ACustomer();
  customer.time_zone = "Europe/Bonn";
  const auto refused = SyncWait(customers_.Upsert(customer, {}, Soon()));
  ASSERT_THAT(refused, StatusIs(Code::kInvalidArgument, "INVALID_REQUEST"));
  EXPECT_EQ(refused.status().violations().at(0).field, "customer.time_zone");
  EXPECT_THAT(SyncWait(customers_.Get(customer.id, Soon())),
              StatusIs(Code::kNotFound, "CUSTOMER_NOT_FOUND"));
}

TEST_F(CustomersTest, AnAttributeOfADeclaredTypeMustBeOne) {
  Customer customer = ACustomer();
  customer.attributes = {{"pass_price", "3995.00 CHF"}, {"free", "anything"}};
  ASSERT_THAT(SyncWait(customers_.Upsert(customer, {}, Soon())), IsOk());
  customer.attributes["pass_price"] = "a lot";
  const auto refused = SyncWait(customers_.Upsert(customer, {}, Soon()));
  ASSERT_THAT(refused, StatusIs(Code::kInvalidArgument, "INVALID_REQUEST"));
  EXPECT_EQ(refused.status().violations().at(0).field, "customer.attributes[\"pass_price\"]");
  ASSERT_OK_AND_ASSIGN(const Customer read, SyncWait(customers_.Get(customer.id, Soon())));
  EXPECT_EQ(read.attributes.at("pass_price"), "3995.00 CHF");
}

TEST_F(CustomersTest, ErasureForgetsThePersonAndKeepsTheBooks) {
  KnownCustomer();
  ASSERT_OK_AND_ASSIGN(const DecidedIncident decided, Report(LateDelivery("a")));
  EXPECT_TRUE(*SyncWait(customers_.Erase(CustomerId("C-1"), Soon())));
  EXPECT_FALSE(*SyncWait(customers_.Erase(CustomerId("C-1"), Soon())));
  EXPECT_THAT(SyncWait(customers_.Get(CustomerId("C-1"), Soon())),
              StatusIs(Code::kNotFound, "CUSTOMER_NOT_FOUND"));
  ASSERT_OK_AND_ASSIGN(const DecidedIncident again, Report(LateDelivery("a")));
  EXPECT_TRUE(again.replayed);
  EXPECT_EQ(again.code, decided.code);
}

}  // namespace
}  // namespace kulanz::app
