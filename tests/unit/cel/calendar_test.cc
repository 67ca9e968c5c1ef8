// Calendars and rate tables: what they refuse, and their edges; oracle_test.cc counts days.
#include "service/cel/calendar.h"

#include <gtest/gtest.h>

#include "service/cel/rate_table.h"
#include "tests/unit/cel/policy_environment.h"

namespace kulanz::cel {
namespace {

TEST(Calendar, RefusesWhatCannotBe) {
  EXPECT_FALSE(Calendar::Make({.weekend = {8}, .first_year = 2026, .last_year = 2026}).ok());
  EXPECT_FALSE(
      Calendar::Make({.weekend = {1, 2, 3, 4, 5, 6, 7}, .first_year = 2026, .last_year = 2026})
          .ok());
  EXPECT_FALSE(Calendar::Make({.first_year = 2027, .last_year = 2026}).ok());
  EXPECT_FALSE(Calendar::Make({.first_year = 1, .last_year = 401}).ok());
  EXPECT_TRUE(Calendar::Make({.first_year = 1, .last_year = 400}).ok());
  const auto outside =
      Calendar::Make({.holidays = {DayOf("2028-01-01")}, .first_year = 2026, .last_year = 2027});
  ASSERT_FALSE(outside.ok());
  EXPECT_EQ(outside.status().message(), "the holiday 2028-01-01 is outside the calendar's years");
}

TEST(Calendar, HasNoAnswerOutsideItsYears) {
  const auto calendar = Calendar::Make({.first_year = 2026, .last_year = 2026}).value();
  EXPECT_EQ(calendar->IsBusinessDay(DayOf("2026-12-31")), true);
  EXPECT_FALSE(calendar->IsBusinessDay(DayOf("2027-01-01")).has_value());
  EXPECT_FALSE(calendar->AddBusinessDays(DayOf("2026-12-31"), 1).has_value());
  EXPECT_EQ(calendar->AddBusinessDays(DayOf("2026-12-30"), 1), DayOf("2026-12-31"));
  EXPECT_FALSE(calendar->AddBusinessDays(DayOf("2026-12-31"), INT64_MIN).has_value());
  EXPECT_FALSE(calendar->BusinessDaysBetween(DayOf("2025-12-31"), DayOf("2026-01-02")).has_value());
}

TEST(Calendar, CountsFromADayThatIsNoWorkingDay) {
  const auto calendar = Calendar::Make({.first_year = 2026, .last_year = 2026}).value();
  const Date sunday = DayOf("2026-03-01");
  EXPECT_EQ(calendar->AddBusinessDays(sunday, 1), DayOf("2026-03-02"));
  EXPECT_EQ(calendar->AddBusinessDays(sunday, -1), DayOf("2026-02-27"));
  EXPECT_EQ(calendar->AddBusinessDays(sunday, 0), sunday);
}

TEST(RateTable, FindsTheRowThatIsInForce) {
  const auto money = [](std::string_view text) {
    return Value::Of(ExactMoney(*Decimal::Parse(text), Iso("GBP")));
  };
  const auto table = RateTable::Make({{"repair", DayOf("2026-04-01"), money("10.10")},
                                      {"repair", DayOf("2025-04-01"), money("9.76")}});
  ASSERT_TRUE(table.ok());
  EXPECT_FALSE(table.value()->Find("repair", DayOf("2025-03-31")).has_value());
  EXPECT_EQ(DebugString(*table.value()->Find("repair", DayOf("2025-04-01"))), "9.76 GBP");
  EXPECT_EQ(DebugString(*table.value()->Find("repair", DayOf("2026-03-31"))), "9.76 GBP");
  EXPECT_EQ(DebugString(*table.value()->Find("repair", DayOf("2030-01-01"))), "10.10 GBP");
  EXPECT_FALSE(table.value()->Find("other", DayOf("2026-01-01")).has_value());
  EXPECT_EQ(table.value()->currency(), Iso("GBP"));
}

TEST(RateTable, RefusesRowsThatDoNotGoTogether) {
  const Value pounds = Value::Of(ExactMoney(Decimal(1), Iso("GBP")));
  const Value euros = Value::Of(ExactMoney(Decimal(1), Iso("EUR")));
  const Date day = DayOf("2026-01-01");
  EXPECT_FALSE(RateTable::Make({}).ok());
  EXPECT_FALSE(RateTable::Make({{"a", day, pounds}, {"b", day, euros}}).ok());
  EXPECT_FALSE(RateTable::Make({{"a", day, pounds}, {"b", day, Value::Int(1)}}).ok());
  EXPECT_FALSE(RateTable::Make({{"a", day, pounds}, {"a", day, pounds}}).ok());
  EXPECT_FALSE(RateTable::Make({{"a", day, Value::String("1")}}).ok());
}

}  // namespace
}  // namespace kulanz::cel
