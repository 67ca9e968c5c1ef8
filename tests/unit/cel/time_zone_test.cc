// Local days and times at the edges that zones make.
#include "service/base/time_zone.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "service/domain/time.h"

namespace kulanz {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

TimeZone Zone(std::string_view name) { return TimeZone::Load(name).value(); }
Instant At(std::string_view text) { return ParseInstant(text).value(); }
Date Day(std::string_view text) { return ParseDate(text).value(); }

TEST(TimeZone, ShowsLocalDateTimeAndOffset) {
  const CivilTime civil = Zone("Europe/Berlin").At(At("2026-03-28T23:30:00Z"));
  EXPECT_EQ(civil.day, Day("2026-03-29"));
  EXPECT_EQ(civil.time_of_day, minutes(30));
  EXPECT_EQ(civil.utc_offset, hours(1));
}

TEST(TimeZone, ShowsTimesBefore1970) {
  const CivilTime civil = TimeZone().At(At("1969-12-31T23:59:59.999Z"));
  EXPECT_EQ(civil.day, Day("1969-12-31"));
  EXPECT_EQ(civil.time_of_day, seconds(86'399));
}

TEST(TimeZone, TakesTheEndOfAGapForATimeInIt) {
  const TimeZone berlin = Zone("Europe/Berlin");
  EXPECT_EQ(berlin.InstantOf(Day("2026-03-29"), hours(2) + minutes(30)),
            At("2026-03-29T01:00:00Z"));
  EXPECT_EQ(berlin.InstantOf(Day("2026-03-29"), hours(3)), At("2026-03-29T01:00:00Z"));
}

TEST(TimeZone, TakesTheFirstOfTwoTimesInAnOverlap) {
  EXPECT_EQ(Zone("Europe/Berlin").InstantOf(Day("2026-10-25"), hours(2) + minutes(30)),
            At("2026-10-25T00:30:00Z"));
}

TEST(TimeZone, EndsDaysOf23And25HoursWhereTheNextBegins) {
  const TimeZone berlin = Zone("Europe/Berlin");
  EXPECT_EQ(berlin.EndOfDay(Day("2026-03-29")) - berlin.InstantOf(Day("2026-03-29")), hours(23));
  EXPECT_EQ(berlin.EndOfDay(Day("2026-10-25")) - berlin.InstantOf(Day("2026-10-25")), hours(25));
}

TEST(TimeZone, BeginsADayWithoutMidnightWhenTheClocksHaveGoneForward) {
  // Sao Paulo's summer time began at midnight.
  EXPECT_EQ(Zone("America/Sao_Paulo").InstantOf(Day("2018-11-04")), At("2018-11-04T03:00:00Z"));
}

TEST(TimeZone, KnowsADayThatNeverWas) {
  // Samoa went from 29 to 31 December 2011.
  const TimeZone apia = Zone("Pacific/Apia");
  EXPECT_EQ(apia.InstantOf(Day("2011-12-30")), apia.InstantOf(Day("2011-12-31")));
  EXPECT_EQ(apia.DateAt(At("2011-12-30T09:59:59Z")), Day("2011-12-29"));
  EXPECT_EQ(apia.DateAt(At("2011-12-30T10:00:00Z")), Day("2011-12-31"));
}

TEST(TimeZone, ReadsOffsets) {
  EXPECT_EQ(TimeZone::FromOffset("-05:30")->At(At("2026-01-01T00:00:00Z")).utc_offset,
            -(hours(5) + minutes(30)));
  EXPECT_EQ(TimeZone::FromOffset("02:00")->name(), "+02:00");
  for (const std::string_view bad : {"", "+2:00", "+24:00", "+02:60", "+0200", "Z", "+02:00x"}) {
    EXPECT_FALSE(TimeZone::FromOffset(bad).has_value()) << bad;
  }
}

TEST(TimeZone, LoadsOnlyNamesOfTheDatabase) {
  for (const std::string_view bad :
       {"", "Mars/Base", "/etc/passwd", "../../etc/passwd", "localtime", "Europe/Berlin ",
        "file:/etc/localtime", "europe/berlin\n"}) {
    EXPECT_FALSE(TimeZone::Load(bad).has_value()) << bad;
  }
  EXPECT_TRUE(TimeZone::Load("US/Central").has_value());
  EXPECT_EQ(Zone("Europe/Berlin"), Zone("Europe/Berlin"));
}

TEST(TimeZone, ListsTheNamesThatItLoads) {
  const std::vector<std::string>& names = TimeZone::Names();
  if (names.empty()) {
    GTEST_SKIP() << "the tz database cannot be listed here";
  }
  EXPECT_TRUE(std::binary_search(names.begin(), names.end(), "Europe/Berlin"));
  EXPECT_TRUE(std::binary_search(names.begin(), names.end(), "UTC"));
  for (const std::string& name : names) {
    EXPECT_TRUE(TimeZone::Load(name).has_value()) << name;
  }
}

TEST(TimeZone, GoesThroughTheChangesOfEveryZone) {
  const std::int64_t end =
      std::chrono::sys_seconds(std::chrono::sys_days(std::chrono::year{2100} / 1 / 1))
          .time_since_epoch()
          .count();
  for (const std::string& name : TimeZone::Names()) {
    const TimeZone zone = *TimeZone::Load(name);
    std::int64_t last = -10'000'000'000;
    for (auto change = zone.NextChange(last); change && change->at < end;
         change = zone.NextChange(last)) {
      ASSERT_GT(change->at, last) << name;
      ASSERT_LE(change->first_day, change->last_day) << name;
      // None is missed in between.
      ASSERT_EQ(zone.AtSecond(last).utc_offset, zone.AtSecond(change->at - 1).utc_offset) << name;
      last = change->at;
    }
  }
  EXPECT_FALSE(TimeZone().NextChange(0).has_value());
}

TEST(TimeZone, NamesTheDaysThatAChangeTouches) {
  const auto day = [](std::string_view text) { return *ParseDate(text); };
  const auto change = [](std::string_view zone, std::string_view after) {
    return *TimeZone::Load(zone)->NextChange(ToMillis(*ParseInstant(after)) / 1000);
  };
  EXPECT_EQ(change("Europe/Berlin", "2026-01-01T00:00:00Z").first_day, day("2026-03-29"));
  EXPECT_EQ(change("Europe/Berlin", "2026-01-01T00:00:00Z").last_day, day("2026-03-29"));
  // A day that never was, and clocks that are put back over midnight.
  EXPECT_EQ(change("Pacific/Apia", "2011-12-01T00:00:00Z").first_day, day("2011-12-30"));
  EXPECT_EQ(change("Pacific/Apia", "2011-12-01T00:00:00Z").last_day, day("2011-12-31"));
  EXPECT_EQ(change("Africa/Cairo", "2026-09-01T00:00:00Z").first_day, day("2026-10-29"));
  EXPECT_EQ(change("Africa/Cairo", "2026-09-01T00:00:00Z").last_day, day("2026-10-30"));
}

TEST(TimeZone, LoadsFromManyThreadsAtOnce) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([] {
      for (const std::string_view name :
           {"Asia/Tokyo", "Asia/Kolkata", "America/Lima", "nowhere"}) {
        EXPECT_EQ(TimeZone::Load(name).has_value(), name != "nowhere");
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
}

TEST(Time, ReadsAndWritesInstantsAndDates) {
  EXPECT_EQ(FormatInstant(At("2026-03-01T13:00:00.120+01:00")), "2026-03-01T12:00:00.120Z");
  EXPECT_EQ(FormatInstant(kMinInstant), "0001-01-01T00:00:00Z");
  EXPECT_EQ(FormatInstant(kMaxInstant), "9999-12-31T23:59:59.999Z");
  EXPECT_EQ(FormatDate(Day("2024-02-29")), "2024-02-29");
  for (const std::string_view bad :
       {"", "2026-03-01", "2026-03-01T12:00Z", "2026-03-01T12:00:00", "2026-02-30T00:00:00Z",
        "2026-03-01T24:00:00Z", "2026-03-01T12:00:00.1234Z", "2026-03-01T12:00:00.Z",
        "0001-01-01T00:00:00+00:01", "9999-12-31T23:59:59-00:01", "2026-03-01T12:00:00Z "}) {
    EXPECT_FALSE(ParseInstant(bad).has_value()) << bad;
  }
  for (const std::string_view bad : {"", "2026-3-1", "2026-02-29", "0000-01-01", "2026-03-01x"}) {
    EXPECT_FALSE(ParseDate(bad).has_value()) << bad;
  }
}

}  // namespace
}  // namespace kulanz
