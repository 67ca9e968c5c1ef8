// The limits of VoucherService's requests: every field at its limit and one past it.
#include "service/adapters/grpc/read_voucher_request.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <random>
#include <string>
#include <vector>

#include "service/domain/voucher_code.h"

namespace kulanz::rpc {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> Paths(FieldReader& reader) {
  std::vector<std::string> paths;
  for (const FieldViolation& violation : reader.Take()) {
    paths.push_back(violation.field);
  }
  return paths;
}

std::string Bytes(std::size_t count) { return std::string(count, 'x'); }

v1::ReserveVoucherRequest Reservation() {
  v1::ReserveVoucherRequest request;
  request.set_code(Bytes(VoucherCode::kInputBytesMax));
  request.set_customer_id(Bytes(kIdBytesMax));
  request.set_reservation_id(Bytes(kIdBytesMax));
  request.set_order_id(Bytes(kIdBytesMax));
  request.mutable_order_total()->set_currency_code("EUR");
  request.mutable_amount()->set_currency_code("EUR");
  request.mutable_amount()->set_nanos(10'000'000);
  request.mutable_hold_for()->set_seconds(7 * 86'400);
  return request;
}

std::vector<std::string> PathsOf(const std::function<void(v1::ReserveVoucherRequest&)>& change) {
  v1::ReserveVoucherRequest request = Reservation();
  change(request);
  FieldReader reader;
  ReadReservation(reader, request);
  return Paths(reader);
}

TEST(ReadVoucherRequestTest, AReservationAtItsLimitsIsRead) {
  FieldReader reader;
  const app::ReserveRequest request = ReadReservation(reader, Reservation());
  EXPECT_THAT(Paths(reader), IsEmpty());
  EXPECT_EQ(request.command.hold_for, kHoldMax);
  EXPECT_EQ(request.command.amount->minor_units(), 1);
  EXPECT_THAT(PathsOf([](auto& message) { message.mutable_hold_for()->set_seconds(1); }),
              IsEmpty());
  EXPECT_THAT(PathsOf([](auto& message) { message.clear_hold_for(); }), IsEmpty());
  EXPECT_THAT(PathsOf([](auto& message) { message.clear_customer_id(); }), IsEmpty());
}

TEST(ReadVoucherRequestTest, AReservationPastEachLimitIsRefusedByItsField) {
  const auto past = [](const char* field, const auto& change) {
    EXPECT_THAT(PathsOf(change), ElementsAre(field));
  };
  past("code", [](auto& m) { m.set_code(Bytes(VoucherCode::kInputBytesMax + 1)); });
  past("code", [](auto& m) { m.clear_code(); });
  past("customer_id", [](auto& m) { m.set_customer_id(Bytes(kIdBytesMax + 1)); });
  past("reservation_id", [](auto& m) { m.set_reservation_id(Bytes(kIdBytesMax + 1)); });
  past("reservation_id", [](auto& m) { m.clear_reservation_id(); });
  past("order_id", [](auto& m) { m.set_order_id(Bytes(kIdBytesMax + 1)); });
  past("order_id", [](auto& m) { m.clear_order_id(); });
  past("order_total", [](auto& m) { m.mutable_order_total()->set_units(-1); });
  past("amount", [](auto& m) { m.mutable_amount()->set_nanos(0); });
  past("amount.nanos", [](auto& m) { m.mutable_amount()->set_nanos(10'000'001); });
  past("amount.currency_code", [](auto& m) { m.mutable_amount()->set_currency_code("???"); });
  past("hold_for", [](auto& m) { m.mutable_hold_for()->set_nanos(1'000'000); });
  past("hold_for", [](auto& m) {
    m.mutable_hold_for()->set_seconds(0);
    m.mutable_hold_for()->set_nanos(999'000'000);
  });
  past("hold_for", [](auto& m) { m.mutable_hold_for()->set_seconds(-1); });
}

TEST(ReadVoucherRequestTest, ARedemptionNeedsItsIdsAndAPositiveAmount) {
  v1::RedeemVoucherRequest request;
  request.mutable_amount()->set_currency_code("EUR");
  request.set_reservation_id(Bytes(kIdBytesMax + 1));
  FieldReader reader;
  ReadRedemption(reader, request);
  EXPECT_THAT(Paths(reader),
              ElementsAre("code", "amount", "reservation_id", "redemption_id", "order_id"));
}

TEST(ReadVoucherRequestTest, AVoucherIsNamedInExactlyOneWay) {
  const auto paths_of = [](const std::string& code, const std::string& id) {
    v1::GetVoucherRequest request;
    request.set_code(code);
    request.set_voucher_id(id);
    FieldReader reader;
    ReadVoucher(reader, request);
    return Paths(reader);
  };
  EXPECT_THAT(paths_of("", ""), ElementsAre("code"));
  EXPECT_THAT(paths_of("A", std::string(36, 'a')), ElementsAre("code"));
  EXPECT_THAT(paths_of("A", ""), IsEmpty());
  EXPECT_THAT(paths_of("", std::string(36, '0')), IsEmpty());
  EXPECT_THAT(paths_of("", std::string(37, '0')), ElementsAre("voucher_id"));
  EXPECT_THAT(paths_of("", std::string(36, 'g')), ElementsAre("voucher_id"));

  FieldReader reader;
  ReadVoucher(reader, false, v1::VoucherReference());
  ReadVoucher(reader, true, v1::VoucherReference());
  v1::VoucherReference reference;
  reference.set_code("");
  ReadVoucher(reader, true, reference);
  reference.set_voucher_id("x");
  ReadVoucher(reader, true, reference);
  EXPECT_THAT(Paths(reader),
              ElementsAre("voucher", "voucher", "voucher.code", "voucher.voucher_id"));
}

TEST(ReadVoucherRequestTest, StatesAreKnownOnesAndFew) {
  v1::ListVouchersRequest request;
  for (int i = 0; i < kVoucherStatesMax; ++i) {
    request.add_states(v1::VOUCHER_STATE_RESERVED);
  }
  FieldReader reader;
  EXPECT_THAT(ReadStates(reader, request), ElementsAre(VoucherView::kReserved));
  EXPECT_TRUE(reader.ok());
  request.add_states(v1::VOUCHER_STATE_ISSUED);
  ReadStates(reader, request);
  request.clear_states();
  request.add_states(v1::VOUCHER_STATE_UNSPECIFIED);
  request.add_states(static_cast<v1::VoucherState>(99));
  ReadStates(reader, request);
  EXPECT_THAT(Paths(reader), ElementsAre("states", "states[0]", "states[1]"));
}

TEST(ReadVoucherRequestTest, AReasonIsPrintableAndShort) {
  FieldReader reader;
  ReadReason(reader, Bytes(kVoucherReasonBytesMax));
  EXPECT_TRUE(reader.ok());
  ReadReason(reader, "");
  ReadReason(reader, Bytes(kVoucherReasonBytesMax + 1));
  ReadReason(reader, "two\nlines");
  EXPECT_THAT(Paths(reader), ElementsAre("reason", "reason", "reason"));
}

// Whatever the bytes say: what was read without a violation is within every limit.
TEST(ReadVoucherRequestTest, WhatIsReadWithoutViolationKeepsTheLimits) {
  std::mt19937_64 random(7);  // NOLINT(bugprone-random-generator-seed): the same each time
  std::string valid = Reservation().SerializeAsString();
  int read = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::string bytes = valid;
    for (std::uint64_t i = 0; i < 1 + random() % 3; ++i) {
      bytes[random() % bytes.size()] = static_cast<char>(random());
    }
    v1::ReserveVoucherRequest request;
    if (!request.ParseFromString(bytes)) {
      continue;
    }
    FieldReader reader;
    const app::ReserveRequest result = ReadReservation(reader, request);
    if (!reader.ok()) {
      continue;
    }
    ++read;
    ASSERT_LE(result.code.size(), VoucherCode::kInputBytesMax);
    ASSERT_LE(result.command.id.text().size(), kIdBytesMax);
    ASSERT_FALSE(result.command.id.empty());
    ASSERT_FALSE(result.command.order.empty());
    ASSERT_GE(result.command.hold_for, kHoldMin);
    ASSERT_LE(result.command.hold_for, kHoldMax);
    ASSERT_TRUE(!result.command.amount || result.command.amount->minor_units() > 0);
  }
  EXPECT_GT(read, 100);
}

}  // namespace
}  // namespace kulanz::rpc
