#include "service/adapters/grpc/field_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <string>

#include "service/adapters/grpc/write_messages.h"

namespace kulanz::rpc {
namespace {

using ::testing::HasSubstr;

constexpr FieldPath kRequest;

class FieldReaderTest : public ::testing::Test {
 protected:
  // The only violation, as "path: description"; "" when there is none.
  std::string Problem() {
    Violations violations = reader_.Take();
    EXPECT_LE(violations.size(), 1U);
    return violations.empty() ? ""
                              : violations.front().field + ": " + violations.front().description;
  }
  std::optional<Money> ReadMoney(std::string currency, std::int64_t units, std::int32_t nanos) {
    google::type::Money message;
    message.set_currency_code(std::move(currency));
    message.set_units(units);
    message.set_nanos(nanos);
    const FieldPath path = kRequest.Field("total");
    return reader_.ReadMoney(path, message);
  }
  std::optional<Instant> ReadInstant(std::int64_t seconds, std::int32_t nanos) {
    google::protobuf::Timestamp message;
    message.set_seconds(seconds);
    message.set_nanos(nanos);
    return reader_.ReadInstant(kRequest.Field("at"), message);
  }
  std::optional<Duration> ReadDuration(std::int64_t seconds, std::int32_t nanos) {
    google::protobuf::Duration message;
    message.set_seconds(seconds);
    message.set_nanos(nanos);
    return reader_.ReadDuration(kRequest.Field("wait"), message);
  }
  FieldReader reader_;
};

TEST_F(FieldReaderTest, IdsHoldOneTo128Bytes) {
  reader_.ReadId<IncidentId>(kRequest.Field("id"), "x");
  reader_.ReadId<IncidentId>(kRequest.Field("id"), std::string(128, 'x'));
  EXPECT_EQ(Problem(), "");
  reader_.ReadId<IncidentId>(kRequest.Field("id"), "");
  EXPECT_EQ(Problem(), "id: is required");
  reader_.ReadId<IncidentId>(kRequest.Field("id"), std::string(129, 'x'));
  EXPECT_EQ(Problem(), "id: has 129 bytes; at most 128 are allowed");
  reader_.ReadId<IncidentId>(kRequest.Field("id"), "a\nb");
  EXPECT_THAT(Problem(), HasSubstr("id: has characters that are not allowed"));
  reader_.ReadOptionalId<IncidentId>(kRequest.Field("id"), "");
  EXPECT_EQ(Problem(), "");
}

TEST_F(FieldReaderTest, MoneyIsWholeMinorUnitsOfItsCurrency) {
  EXPECT_EQ(ReadMoney("EUR", 12, 500'000'000)->ToString(), "12.50 EUR");
  EXPECT_EQ(ReadMoney("JPY", 12, 0)->ToString(), "12 JPY");
  EXPECT_EQ(ReadMoney("KWD", 0, 1'000'000)->ToString(), "0.001 KWD");
  EXPECT_EQ(Problem(), "");
  EXPECT_FALSE(ReadMoney("EUR", 12, 5'000'000));
  EXPECT_EQ(Problem(), "total.nanos: is finer than EUR can be: at most 2 decimals");
  EXPECT_FALSE(ReadMoney("JPY", 12, 500'000'000));
  EXPECT_EQ(Problem(), "total.nanos: is finer than JPY can be: at most 0 decimals");
}

TEST_F(FieldReaderTest, MoneyIsNeverNegativeAndItsPartsAgree) {
  EXPECT_FALSE(ReadMoney("EUR", -1, 0));
  EXPECT_EQ(Problem(), "total: is negative");
  EXPECT_FALSE(ReadMoney("EUR", 0, -10'000'000));
  EXPECT_EQ(Problem(), "total: is negative");
  EXPECT_FALSE(ReadMoney("EUR", 1, -10'000'000));
  EXPECT_EQ(Problem(), "total: has units and nanos of different signs");
  EXPECT_FALSE(ReadMoney("EUR", -1, 10'000'000));
  EXPECT_EQ(Problem(), "total: has units and nanos of different signs");
  EXPECT_FALSE(ReadMoney("EUR", 1, 1'000'000'000));
  EXPECT_EQ(Problem(), "total.nanos: is outside +-999999999");
  EXPECT_FALSE(ReadMoney("EUR", 1, std::numeric_limits<std::int32_t>::min()));
  EXPECT_EQ(Problem(), "total.nanos: is outside +-999999999");
  EXPECT_TRUE(ReadMoney("EUR", 0, 0)->is_zero());
}

TEST_F(FieldReaderTest, MoneyNeedsACurrencyThatExists) {
  for (const char* code : {"XYZ", "eur", "EURO", "E", "E\0R"}) {
    EXPECT_FALSE(ReadMoney(code, 1, 0)) << code;
    EXPECT_THAT(Problem(), HasSubstr("total.currency_code: is no currency of ISO 4217")) << code;
  }
  EXPECT_FALSE(ReadMoney("", 1, 0));
  EXPECT_EQ(Problem(), "total.currency_code: is required");
}

TEST_F(FieldReaderTest, MoneyReachesItsRangeAndNoFurther) {
  // 2^53 - 1 minor units: 90,071,992,547,409.91 EUR.
  EXPECT_EQ(ReadMoney("EUR", 90'071'992'547'409, 910'000'000)->minor_units(),
            Money::kMaxMinorUnits);
  EXPECT_FALSE(ReadMoney("EUR", 90'071'992'547'409, 920'000'000));
  EXPECT_EQ(Problem(), "total: is more than 9007199254740991 minor units");
  EXPECT_FALSE(ReadMoney("CLF", std::numeric_limits<std::int64_t>::max(), 999'900'000));
  EXPECT_EQ(Problem(), "total: is more than 9007199254740991 minor units");
  EXPECT_TRUE(ReadMoney("JPY", Money::kMaxMinorUnits, 0));
  EXPECT_FALSE(ReadMoney("JPY", Money::kMaxMinorUnits + 1, 0));
  EXPECT_EQ(Problem(), "total: is more than 9007199254740991 minor units");
}

TEST_F(FieldReaderTest, InstantsAreInRangeAndCutToTheMillisecond) {
  EXPECT_EQ(FormatInstant(*ReadInstant(-62'135'596'800, 0)), "0001-01-01T00:00:00Z");
  EXPECT_EQ(FormatInstant(*ReadInstant(253'402'300'799, 999'999'999)), "9999-12-31T23:59:59.999Z");
  EXPECT_EQ(ToMillis(*ReadInstant(1, 1'999'999)), 1001);
  // Half a second before the epoch is second -1 and 500,000,000 ns.
  EXPECT_EQ(ToMillis(*ReadInstant(-1, 500'999'999)), -500);
  EXPECT_EQ(Problem(), "");
  for (const std::int64_t seconds :
       {std::int64_t{-62'135'596'801}, std::int64_t{253'402'300'800},
        std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()}) {
    EXPECT_FALSE(ReadInstant(seconds, 0));
    EXPECT_THAT(Problem(), HasSubstr("at: is outside 0001-01-01T00:00:00Z"));
  }
  for (const std::int32_t nanos : {-1, 1'000'000'000}) {
    EXPECT_FALSE(ReadInstant(0, nanos));
    EXPECT_EQ(Problem(), "at: has nanos outside 0 to 999999999");
  }
}

TEST_F(FieldReaderTest, DurationsHaveOneSign) {
  EXPECT_EQ(ReadDuration(-1, -500'999'999)->count(), -1500);
  EXPECT_EQ(ReadDuration(0, 999'999)->count(), 0);
  EXPECT_EQ(ReadDuration(315'576'000'000, 0)->count(), 315'576'000'000'000);
  EXPECT_EQ(Problem(), "");
  EXPECT_FALSE(ReadDuration(1, -1));
  EXPECT_EQ(Problem(), "wait: has seconds and nanos of different signs");
  EXPECT_FALSE(ReadDuration(315'576'000'001, 0));
  EXPECT_EQ(Problem(), "wait: is outside +-315576000000 seconds");
  EXPECT_FALSE(ReadDuration(0, 1'000'000'000));
  EXPECT_EQ(Problem(), "wait: has nanos outside +-999999999");
}

TEST_F(FieldReaderTest, WhatWasReadIsWrittenBackTheSame) {
  for (const char* code : {"EUR", "JPY", "KWD", "CLF"}) {
    const Currency currency = *Currency::FromCode(code);
    for (const std::int64_t minor : {std::int64_t{0}, std::int64_t{1}, std::int64_t{999},
                                     std::int64_t{123'456'789}, Money::kMaxMinorUnits}) {
      const Money money = *Money::FromMinorUnits(minor, currency);
      google::type::Money message;
      Write(money, message);
      EXPECT_EQ(reader_.ReadMoney(kRequest, message), money);
    }
  }
  for (const std::int64_t millis : {std::int64_t{-62'135'596'800'000}, std::int64_t{-1},
                                    std::int64_t{0}, std::int64_t{1'790'000'000'123}}) {
    google::protobuf::Timestamp message;
    Write(InstantFromMillis(millis), message);
    EXPECT_EQ(ToMillis(*reader_.ReadInstant(kRequest, message)), millis);
  }
  EXPECT_TRUE(reader_.ok());
}

}  // namespace
}  // namespace kulanz::rpc
