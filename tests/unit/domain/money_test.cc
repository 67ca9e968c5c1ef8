#include "service/domain/money.h"

#include <gtest/gtest.h>

#include <random>

namespace kulanz {
namespace {

const Currency kEur = *Currency::FromCode("EUR");
const Currency kJpy = *Currency::FromCode("JPY");
const Currency kKwd = *Currency::FromCode("KWD");

Money Minor(std::int64_t units, Currency currency = kEur) {
  return *Money::FromMinorUnits(units, currency);
}

TEST(CurrencyTest, ExponentsAreThoseOfIso4217) {
  EXPECT_EQ(kEur.exponent(), 2);
  EXPECT_EQ(kJpy.exponent(), 0);
  EXPECT_EQ(kKwd.exponent(), 3);
  EXPECT_EQ(Currency::FromCode("CLF")->exponent(), 4);
}

TEST(CurrencyTest, UnknownOrMisspeltCodesAreNoCurrency) {
  for (const char* code : {"", "EU", "EURO", "eur", "XXX", "XTS", "XAU", "E R"}) {
    EXPECT_FALSE(Currency::FromCode(code).has_value()) << code;
  }
}

TEST(MoneyTest, ParsesExactNumbers) {
  EXPECT_EQ(Money::Parse("12.50", kEur), Minor(1250));
  EXPECT_EQ(Money::Parse("12.5", kEur), Minor(1250));
  EXPECT_EQ(Money::Parse("12", kEur), Minor(1200));
  EXPECT_EQ(Money::Parse("-0.01", kEur), Minor(-1));
  EXPECT_EQ(Money::Parse("100", kJpy), Minor(100, kJpy));
  EXPECT_EQ(Money::Parse("0.005", kKwd), Minor(5, kKwd));
}

TEST(MoneyTest, RefusesWhatIsNotExactlyANumberOfTheCurrency) {
  for (const char* text : {"", "-", ".", "1.", ".5", "1.234", "01", "+1", " 1", "1 ", "1,5", "1e2",
                           "1.0.0", "0x1", "--1", "90071992547409.92", "99999999999999999999"}) {
    EXPECT_FALSE(Money::Parse(text, kEur).has_value()) << text;
  }
  EXPECT_FALSE(Money::Parse("1.0", kJpy).has_value());
}

TEST(MoneyTest, TheLimitIsReachedAndNotPassed) {
  EXPECT_EQ(Money::Parse("90071992547409.91", kEur), Minor(Money::kMaxMinorUnits));
  EXPECT_FALSE(Money::FromMinorUnits(Money::kMaxMinorUnits + 1, kEur).has_value());
  EXPECT_FALSE(Money::FromMinorUnits(-Money::kMaxMinorUnits - 1, kEur).has_value());
  EXPECT_FALSE(Minor(Money::kMaxMinorUnits).Plus(Minor(1)).has_value());
  EXPECT_FALSE(Minor(-Money::kMaxMinorUnits).Minus(Minor(1)).has_value());
}

TEST(MoneyTest, CurrenciesDoNotMix) {
  EXPECT_FALSE(Minor(1).Plus(Minor(1, kJpy)).has_value());
  EXPECT_EQ(Minor(1).Compare(Minor(1, kJpy)), std::partial_ordering::unordered);
}

TEST(MoneyTest, PrintsAsManyDecimalsAsTheCurrencyHas) {
  EXPECT_EQ(Minor(1250).ToString(), "12.50 EUR");
  EXPECT_EQ(Minor(-5).ToString(), "-0.05 EUR");
  EXPECT_EQ(Minor(100, kJpy).ToString(), "100 JPY");
  EXPECT_EQ(Minor(5, kKwd).ToString(), "0.005 KWD");
}

TEST(MoneyTest, NumberAndParseAreInverse) {
  std::mt19937_64 random(20261121);
  std::uniform_int_distribution<std::int64_t> any(-Money::kMaxMinorUnits, Money::kMaxMinorUnits);
  for (int i = 0; i < 2000; ++i) {
    for (const Currency currency : {kEur, kJpy, kKwd}) {
      const Money money = Minor(any(random) >> (i % 53), currency);
      EXPECT_EQ(Money::Parse(money.Number(), currency), money);
    }
  }
}

}  // namespace
}  // namespace kulanz
