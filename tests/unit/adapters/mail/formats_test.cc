#include "service/adapters/mail/formats.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace kulanz::adapters {
namespace {

Money Amount(std::string_view number, std::string_view currency) {
  return *Money::Parse(number, *Currency::FromCode(currency));
}

TEST(FormatsTest, AmountsAreWrittenAsInTheReadersCountry) {
  EXPECT_EQ(Formats("de-DE").Amount(Amount("1234.50", "EUR")), "1.234,50\u00A0€");
  EXPECT_EQ(Formats("de-AT").Amount(Amount("12.50", "EUR")), "€\u00A012,50");
  EXPECT_EQ(Formats("de-CH").Amount(Amount("20", "CHF")), "CHF\u00A020.00");
  EXPECT_EQ(Formats("en-GB").Amount(Amount("12.50", "GBP")), "£12.50");
  EXPECT_EQ(Formats("en").Amount(Amount("0.05", "EUR")), "€0.05");
}

TEST(FormatsTest, EachCurrencyHasItsOwnDecimals) {
  EXPECT_EQ(Formats("en").Amount(Amount("700", "JPY")), "¥700");
  EXPECT_EQ(Formats("en").Amount(Amount("1.250", "KWD")), "KWD\u00A01.250");
  EXPECT_EQ(Formats("en").Amount(
                *Money::FromMinorUnits(Money::kMaxMinorUnits, *Currency::FromCode("EUR"))),
            "€90,071,992,547,409.91");
}

TEST(FormatsTest, DatesAndTimesReadAsOneWouldSayThem) {
  const Date day = *ParseDate("2026-12-31");
  const CivilTime time{day, std::chrono::hours{14} + std::chrono::minutes{5}, {}};
  EXPECT_EQ(Formats("de").LongDate(day), "31. Dezember 2026");
  EXPECT_EQ(Formats("de").DateWithWeekday(day), "Donnerstag, 31. Dezember 2026");
  EXPECT_EQ(Formats("de").TimeOfDay(time), "14:05");
  EXPECT_EQ(Formats("en-GB").DateWithWeekday(day), "Thursday, 31 December 2026");
  EXPECT_EQ(Formats("en-US").LongDate(day), "December 31, 2026");
  EXPECT_EQ(Formats("en-US").TimeOfDay(time), "2:05\u00A0PM");
  EXPECT_EQ(Formats("th").LongDate(day).find("2569"), std::string::npos)
      << "the calendar is Gregorian";
}

TEST(FormatsTest, CountsHaveTheirPlurals) {
  EXPECT_EQ(Formats("de").Days(1), "1 Tag");
  EXPECT_EQ(Formats("de").Days(3), "3 Tage");
  EXPECT_EQ(Formats("en").Days(1), "1 day");
  EXPECT_EQ(Formats("pl").Days(5), "5 dób");
  EXPECT_EQ(Formats("de").Number(*Decimal::Parse("1234.50")), "1.234,5");
}

TEST(FormatsTest, SpansUseTheUnitThatFits) {
  const Formats en("en");
  EXPECT_EQ(en.Span(std::chrono::minutes{90}), "90 minutes");
  EXPECT_EQ(en.Span(std::chrono::hours{36}), "36 hours");
  EXPECT_EQ(en.Span(std::chrono::hours{48}), "2 days");
  EXPECT_EQ(en.Span(std::chrono::hours{100}), "4 days");
  EXPECT_EQ(en.Span(std::chrono::minutes{200}), "3 hours");
  EXPECT_EQ(en.Span(Duration{0}), "0 minutes");
}

TEST(FormatsTest, LocalesAreReducedToWhatMatters) {
  EXPECT_EQ(CanonicalLocale("de"), "de");
  EXPECT_EQ(CanonicalLocale("DE_ch"), "de-CH");
  EXPECT_EQ(CanonicalLocale("zh-hant-tw-u-ca-chinese"), "zh-Hant-TW");
  EXPECT_EQ(CanonicalLocale("en-001"), "en-001");
  EXPECT_EQ(CanonicalLocale("de-DE.UTF-8"), "de-DE");
  for (const std::string bad : {"", "-", "d", "german", "12", "../de", "d/e", "ü"}) {
    EXPECT_EQ(CanonicalLocale(bad), "") << bad;
  }
}

TEST(FormatsTest, OneObjectServesManyThreads) {
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([t] {
      for (int i = 0; i < 200; ++i) {
        const auto formats = Formats::For(t % 2 == 0 ? "de" : "en-x" + std::to_string(i));
        EXPECT_FALSE(formats->LongDate(*ParseDate("2026-12-31")).empty());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace kulanz::adapters
