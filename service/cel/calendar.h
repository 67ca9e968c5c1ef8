// Calendar: which days are working days, for a named region or business ("DE-BY").
//
// Counts are O(1): working days are numbered once at construction. A date outside the covered years has
// no answer rather than a guess.
//
// Thread-safety: immutable.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "service/base/result.h"
#include "service/cel/opening_hours.h"
#include "service/domain/time.h"

namespace kulanz::cel {

struct CalendarSpec {
  std::vector<int> weekend = {6, 7};  // ISO weekdays, 1 = Monday .. 7 = Sunday
  std::vector<Date> holidays = {};    // any order; a holiday on a weekend changes nothing
  int first_year = 0;                 // the years that the holidays are complete for
  int last_year = 0;
  // When it is open, weekday by weekday and on holidays; it needs none to count days.
  std::optional<WeeklyHours> hours = {};
};

class Calendar {
 public:
  // 400 years of days: 146,097 numbers of 4 bytes.
  static constexpr int kMaxYears = 400;

  // Errors: INVALID_ARGUMENT/BAD_CALENDAR for weekdays outside 1..7, a week without a working day, a
  // holiday outside the years, hours that OpeningHours refuses, or years outside 1..9999 or more than kMaxYears.
  static Result<std::shared_ptr<const Calendar>> Make(const CalendarSpec& spec);

  bool Covers(Date date) const { return date >= first_ && date <= last_; }
  // Each is nothing when a date involved is not covered.
  std::optional<bool> IsBusinessDay(Date date) const;
  // `days` working days after `date` (before, when negative). From a day that is no working day,
  // counting starts at it: the first working day after a Sunday is Sunday + 1.
  std::optional<Date> AddBusinessDays(Date date, std::int64_t days) const;
  // `date` when it is a working day, else the next one.
  std::optional<Date> NextBusinessDay(Date date) const;
  // Working days in [from, to): 0 on the same day, negative when `to` is earlier.
  std::optional<std::int64_t> BusinessDaysBetween(Date from, Date to) const;

  // nullptr when none were given.
  const OpeningHours* hours() const { return hours_ ? &*hours_ : nullptr; }

 private:
  Calendar() = default;
  Date first_;
  Date last_;
  std::vector<std::int32_t> before_;        // working days in [first_, first_ + i)
  std::vector<std::int32_t> business_day_;  // the i-th working day, as an offset from first_
  std::optional<OpeningHours> hours_;
};

}  // namespace kulanz::cel
