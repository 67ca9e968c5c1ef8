// OpeningHours: when a business is open, and how much open time lies between two instants.
//
// Hours are local times of a weekday or of a holiday; the zone comes with each question. Elapsed time is
// real time: a business open around the clock has 23 open hours on the day that the clocks go forward. A
// local time that does not exist counts as the end of the gap, one that exists twice as its first.
// Counts are cumulative per day, so that an answer takes as long for years as for hours, but for the
// clock changes in between, which are gone through one by one.
//
// Thread-safety: immutable.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "service/base/result.h"
#include "service/base/time_zone.h"
#include "service/cel/value.h"
#include "service/domain/time.h"

namespace kulanz::cel {

// From and until are times of one day; 24:00 is its end. Hours past midnight are two intervals, of two
// days.
struct OpenInterval {
  std::chrono::minutes from{0};
  std::chrono::minutes until{0};
};
struct WeeklyHours {
  std::array<std::vector<OpenInterval>, 7> weekdays = {};  // Monday first; none = closed
  std::vector<OpenInterval> holiday = {};                  // instead of the weekday's
};

class OpeningHours {
 public:
  // Of one day: no business closes more often.
  static constexpr std::size_t kMaxIntervals = 8;

  // For the days `first` to `last`; `holidays` ascending. Errors: INVALID_ARGUMENT/BAD_CALENDAR for
  // intervals that are empty, outside the day, out of order, overlapping or too many, and for hours that
  // are always closed.
  static Result<OpeningHours> Make(const WeeklyHours& hours, Date first, Date last,
                                   std::span<const Date> holidays);

  // Each is nothing when an instant's local day is not covered.
  std::optional<bool> IsOpen(Timestamp t, const TimeZone& zone) const;
  // `t` when open then, else the next opening; nothing too when no opening is covered.
  std::optional<Timestamp> NextOpening(Timestamp t, const TimeZone& zone) const;
  // The open time from `a` to `b`; negative when `b` is earlier. Above 292 years: nothing.
  std::optional<std::chrono::nanoseconds> OpenTime(Timestamp a, Timestamp b,
                                                   const TimeZone& zone) const;

 private:
  using Day = std::int32_t;  // counted from first_
  struct OpenSeconds {
    std::int64_t before = 0;  // of the day, up to an instant
    bool open = false;        // at the instant
  };

  std::optional<Day> DayOf(Timestamp t, const TimeZone& zone) const;
  std::span<const OpenInterval> IntervalsOf(Day day) const;
  std::int64_t At(Day day, std::chrono::minutes time, const TimeZone& zone) const;
  OpenSeconds OpenUntil(Day day, std::int64_t second, const TimeZone& zone) const;
  std::int64_t OpenBetween(Day from, Day to, const TimeZone& zone) const;

  Date first_;
  WeeklyHours hours_;
  std::vector<std::uint8_t> pattern_;         // per day: 0..6 of hours_.weekdays, 7 the holiday
  std::vector<std::int32_t> minutes_before_;  // on the clock, in the days before
  std::vector<Day> next_open_;  // the first day from this one on with hours, or the end
};

}  // namespace kulanz::cel
