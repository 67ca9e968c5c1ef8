#include "service/engine/budget_period.h"

#include <gtest/gtest.h>

#include <string>

namespace kulanz::engine {
namespace {

using policy::Every;

std::string Start(Every every, const std::string& day) {
  return FormatDate(PeriodStart(every, *ParseDate(day)));
}

policy::Policy WithBudget(const std::string& zone, Every every) {
  policy::Policy policy;
  policy.zone = *TimeZone::Load(zone);
  policy.zone_name = zone;
  policy.budget = policy::Budget{
      .name = "b", .amount = *Money::Parse("100", *Currency::FromCode("EUR")), .every = every};
  return policy;
}

TEST(BudgetPeriodTest, PeriodsBeginOnTheirFirstDay) {
  EXPECT_EQ(Start(Every::kDay, "2026-11-21"), "2026-11-21");
  EXPECT_EQ(Start(Every::kWeek, "2026-11-21"), "2026-11-16");  // a Saturday
  EXPECT_EQ(Start(Every::kWeek, "2026-11-16"), "2026-11-16");
  EXPECT_EQ(Start(Every::kWeek, "2026-11-22"), "2026-11-16");  // a Sunday
  EXPECT_EQ(Start(Every::kMonth, "2024-02-29"), "2024-02-01");
  EXPECT_EQ(Start(Every::kQuarter, "2026-11-21"), "2026-10-01");
  EXPECT_EQ(Start(Every::kQuarter, "2026-03-31"), "2026-01-01");
  EXPECT_EQ(Start(Every::kYear, "2026-12-31"), "2026-01-01");
  EXPECT_EQ(Start(Every::kOnce, "2026-12-31"), "1970-01-01");
}

TEST(BudgetPeriodTest, TheZoneDecidesTheDay) {
  const Instant new_years_eve = *ParseInstant("2026-12-31T23:30:00Z");
  EXPECT_EQ(FormatDate(PeriodOf(WithBudget("UTC", Every::kMonth), new_years_eve).starts),
            "2026-12-01");
  EXPECT_EQ(FormatDate(PeriodOf(WithBudget("Europe/Berlin", Every::kMonth), new_years_eve).starts),
            "2027-01-01");
  EXPECT_EQ(PeriodOf(WithBudget("Europe/Berlin", Every::kMonth), new_years_eve).zone,
            "Europe/Berlin");
}

TEST(BudgetPeriodTest, AnExhaustedBudgetRefusesWhatItCannotPay) {
  const auto eur = [](const std::string& number) {
    return *Money::Parse(number, *Currency::FromCode("EUR"));
  };
  const BudgetPeriod period =
      PeriodOf(WithBudget("UTC", Every::kMonth), *ParseInstant("2026-11-21T00:00:00Z"));
  BudgetPeriod december = period;
  december.starts = *ParseDate("2026-12-01");
  const std::vector<ExhaustedBudget> exhausted = {{.budget = period, .amount = eur("10")}};
  EXPECT_TRUE(IsExhausted(exhausted, period, eur("10")));
  EXPECT_TRUE(IsExhausted(exhausted, period, eur("11")));
  EXPECT_FALSE(IsExhausted(exhausted, period, eur("9.99")));  // a smaller one may still fit
  EXPECT_FALSE(IsExhausted(exhausted, december, eur("10")));
  EXPECT_FALSE(IsExhausted({}, period, eur("100")));
  EXPECT_TRUE(IsExhausted({}, period, eur("100.01")));  // more than the whole budget
}

}  // namespace
}  // namespace kulanz::engine
