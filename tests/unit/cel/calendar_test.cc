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

TEST(Calendar, RefusesHoursThatCannotBe) {
  using std::chrono::hours;
  const auto problem = [](const WeeklyHours& weekly) {
    const auto made = Calendar::Make({.first_year = 2026, .last_year = 2026, .hours = weekly});
    return made.ok() ? std::string() : std::string(made.status().message());
  };
  const auto monday = [](std::vector<OpenInterval> intervals) {
    WeeklyHours weekly;
    weekly.weekdays[0] = std::move(intervals);
    return weekly;
  };
  EXPECT_EQ(problem(monday({{hours(8), hours(12)}, {hours(12), hours(24)}})), "");
  EXPECT_EQ(problem({}), "the opening hours are always closed");
  EXPECT_EQ(problem(monday({{hours(18), hours(8)}})),
            "the opening hours of monday end before they begin");
  EXPECT_EQ(problem(monday({{hours(8), hours(8)}})),
            "the opening hours of monday end before they begin");
  EXPECT_EQ(problem(monday({{hours(8), hours(25)}})),
            "the opening hours of monday are not between 00:00 and 24:00");
  EXPECT_EQ(problem(monday({{hours(-1), hours(5)}})),
            "the opening hours of monday are not between 00:00 and 24:00");
  EXPECT_EQ(problem(monday({{hours(8), hours(12)}, {hours(11), hours(18)}})),
            "the opening hours of monday overlap, or are out of order");
  std::vector<OpenInterval> many;
  for (int i = 0; i < 9; ++i) {
    many.push_back({hours(i * 2), hours(i * 2 + 1)});
  }
  EXPECT_EQ(problem(monday(many)), "the opening hours of monday have more than 8 intervals");
  many.pop_back();
  EXPECT_EQ(problem(monday(many)), "");
  WeeklyHours holidays = monday({{hours(8), hours(12)}});
  holidays.holiday = {{hours(3), hours(2)}};
  EXPECT_EQ(problem(holidays), "the opening hours of holidays end before they begin");
}

TEST(Calendar, CountsOpenTimeOverItsWholeRange) {
  WeeklyHours always;
  always.weekdays.fill({{std::chrono::hours(0), std::chrono::hours(24)}});
  const auto calendar =
      Calendar::Make({.first_year = 1800, .last_year = 2199, .hours = always}).value();
  const auto at = [](std::string_view text) {
    return Value::Of(*ParseInstant(text)).as_timestamp();
  };
  const Timestamp first = at("1900-01-02T00:00:00Z");
  const Timestamp last = at("2190-12-30T12:00:00Z");
  // Open around the clock, the open time is the time, whatever the clocks have been through.
  for (const char* const name : {"UTC", "Europe/Berlin", "Africa/Casablanca", "Pacific/Apia"}) {
    EXPECT_EQ(calendar->hours()->OpenTime(first, last, *TimeZone::Load(name)),
              std::chrono::seconds(last.seconds - first.seconds))
        << name;
  }
  // 400 years of nanoseconds are no duration.
  EXPECT_FALSE(
      calendar->hours()->OpenTime(at("1800-01-02T00:00:00Z"), last, TimeZone()).has_value());
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
