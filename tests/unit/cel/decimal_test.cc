// Decimal and ExactMoney at their edges; oracle_test.cc has the bulk.
#include "service/domain/decimal.h"

#include <gtest/gtest.h>

#include <limits>

namespace kulanz {
namespace {

constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();

Decimal D(std::string_view text) { return Decimal::Parse(text).value(); }
Currency Iso(std::string_view code) { return Currency::FromCode(code).value(); }

TEST(Decimal, KeepsTheDigitsThatItWasGiven) {
  EXPECT_EQ(D("12.50").ToString(), "12.50");
  EXPECT_EQ(D("-0.05").ToString(), "-0.05");
  EXPECT_EQ(D("007").ToString(), "7");
  EXPECT_EQ(D("0.000000000000000001").ToString(), "0.000000000000000001");
  EXPECT_EQ(D("9223372036854775807").coefficient(), kMax);
  EXPECT_EQ(D("-9.223372036854775808").coefficient(), kMin);
  EXPECT_EQ(Decimal::FromParts(kMin, 18)->ToString(), "-9.223372036854775808");
}

TEST(Decimal, DropsOnlyZerosToFit) {
  EXPECT_EQ(D("1.0000000000000000000000").ToString(), "1.000000000000000000");
  EXPECT_EQ(D("9223372036854775807.00").ToString(), "9223372036854775807");
  EXPECT_FALSE(Decimal::Parse("9223372036854775808").has_value());
  EXPECT_FALSE(Decimal::Parse("0.0000000000000000001").has_value());
  EXPECT_FALSE(Decimal::Parse("100000000000000000000000000000000000000000000").has_value());
}

TEST(Decimal, RefusesWhatIsNoPlainNumber) {
  for (const std::string_view bad :
       {"", "-", ".", "1.", ".5", "1.2.3", "1e5", "+1", " 1", "1,5", "--1"}) {
    EXPECT_FALSE(Decimal::Parse(bad).has_value()) << bad;
  }
  EXPECT_FALSE(Decimal::FromParts(1, 19).has_value());
  EXPECT_FALSE(Decimal::FromParts(1, -1).has_value());
}

TEST(Decimal, ComparesByValueAtAnyScale) {
  EXPECT_EQ(D("1.0"), D("1.000"));
  EXPECT_LT(D("-1.001"), D("-1"));
  EXPECT_GT(*Decimal::FromParts(kMax, 0), *Decimal::FromParts(kMax, 18));
  EXPECT_EQ(D("0.00"), D("-0"));
}

TEST(Decimal, HasNoResultRatherThanARoundedOne) {
  EXPECT_FALSE(Decimal(kMax).Plus(Decimal(1)).has_value());
  EXPECT_FALSE(Decimal(kMin).Negated().has_value());
  EXPECT_FALSE(D("0.0000000001").Times(D("0.0000000001")).has_value());
  EXPECT_EQ(D("0.50000000000").Times(D("0.20000000000"))->ToString(), "0.100000000000000000");
  EXPECT_FALSE(Decimal(1).Div(Decimal(0), 2, Rounding::kUp).has_value());
  EXPECT_FALSE(Decimal(1).Div(Decimal(3), 19, Rounding::kUp).has_value());
  EXPECT_FALSE(Decimal(kMax).Div(D("0.000000000000000001"), 18, Rounding::kUp).has_value());
  EXPECT_FALSE(Decimal(1).RoundedToStep(Decimal(0), Rounding::kUp).has_value());
}

TEST(Decimal, RoundsTiesAsEachModeSays) {
  struct Case {
    Rounding mode;
    std::string_view of_2_5;
    std::string_view of_minus_2_5;
    std::string_view of_3_5;
  };
  for (const Case& c :
       {Case{Rounding::kHalfUp, "3", "-3", "4"}, Case{Rounding::kHalfEven, "2", "-2", "4"},
        Case{Rounding::kHalfDown, "2", "-2", "3"}, Case{Rounding::kUp, "3", "-3", "4"},
        Case{Rounding::kDown, "2", "-2", "3"}, Case{Rounding::kCeiling, "3", "-2", "4"},
        Case{Rounding::kFloor, "2", "-3", "3"}}) {
    EXPECT_EQ(D("2.5").RoundedTo(0, c.mode)->ToString(), c.of_2_5) << RoundingName(c.mode);
    EXPECT_EQ(D("-2.5").RoundedTo(0, c.mode)->ToString(), c.of_minus_2_5) << RoundingName(c.mode);
    EXPECT_EQ(D("3.5").RoundedTo(0, c.mode)->ToString(), c.of_3_5) << RoundingName(c.mode);
    EXPECT_EQ(ParseRounding(RoundingName(c.mode)), c.mode);
  }
  EXPECT_FALSE(ParseRounding("nearest").has_value());
}

TEST(ExactMoney, RoundsOnceToTheMinorUnit) {
  const ExactMoney tenth(D("12.345"), Iso("EUR"));
  EXPECT_EQ(tenth.ToString(), "12.345 EUR");
  EXPECT_EQ(tenth.ToMoney(Rounding::kHalfUp), Money::Parse("12.35", Iso("EUR")));
  EXPECT_EQ(tenth.ToMoney(Rounding::kHalfEven), Money::Parse("12.34", Iso("EUR")));
  EXPECT_EQ(ExactMoney(D("0.5"), Iso("JPY")).ToMoney(Rounding::kHalfUp),
            Money::Parse("1", Iso("JPY")));
  EXPECT_EQ(ExactMoney(D("1.2345"), Iso("KWD")).ToMoney(Rounding::kDown),
            Money::Parse("1.234", Iso("KWD")));
  EXPECT_FALSE(ExactMoney(Decimal(kMax), Iso("JPY")).ToMoney(Rounding::kUp).has_value());
}

}  // namespace
}  // namespace kulanz
