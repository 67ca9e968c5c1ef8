#include "service/cel/opening_hours.h"

#include <algorithm>
#include <limits>
#include <string>

namespace kulanz::cel {
namespace {

using std::chrono::days;
using std::chrono::minutes;

constexpr minutes kEndOfDay{24 * 60};
constexpr std::size_t kHoliday = 7;
constexpr std::array<std::string_view, 8> kDayNames = {
    "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "holidays"};

Status BadOpeningHours(std::string_view day, std::string_view why) {
  return {Code::kInvalidArgument, "BAD_CALENDAR",
          "the opening hours of " + std::string(day) + " " + std::string(why)};
}

Status Check(std::string_view day, std::span<const OpenInterval> intervals) {
  if (intervals.size() > OpeningHours::kMaxIntervals) {
    return BadOpeningHours(
        day, "have more than " + std::to_string(OpeningHours::kMaxIntervals) + " intervals");
  }
  minutes end{0};
  for (const OpenInterval& interval : intervals) {
    if (interval.from < minutes(0) || interval.until > kEndOfDay) {
      return BadOpeningHours(day, "are not between 00:00 and 24:00");
    }
    if (interval.from >= interval.until) {
      return BadOpeningHours(day, "end before they begin");
    }
    if (interval.from < end) {
      return BadOpeningHours(day, "overlap, or are out of order");
    }
    end = interval.until;
  }
  return Status::Ok();
}

std::int64_t SecondsOf(TimeZone::Instant instant) {
  return std::chrono::floor<std::chrono::seconds>(instant).time_since_epoch().count();
}

}  // namespace

Result<OpeningHours> OpeningHours::Make(const WeeklyHours& hours, Date first, Date last,
                                        std::span<const Date> holidays) {
  for (std::size_t i = 0; i < kHoliday; ++i) {
    if (Status status = Check(kDayNames[i], hours.weekdays[i]); !status.ok()) {
      return status;
    }
  }
  if (Status status = Check(kDayNames[kHoliday], hours.holiday); !status.ok()) {
    return status;
  }
  OpeningHours result;
  result.first_ = first;
  result.hours_ = hours;
  std::int32_t open_minutes = 0;
  for (Date date = first; date <= last; date += days(1)) {
    const bool holiday = std::binary_search(holidays.begin(), holidays.end(), date);
    const std::size_t pattern =
        holiday ? kHoliday : std::chrono::weekday(date).iso_encoding() - std::size_t{1};
    const auto day = static_cast<Day>(result.pattern_.size());
    result.pattern_.push_back(static_cast<std::uint8_t>(pattern));
    result.minutes_before_.push_back(open_minutes);
    for (const OpenInterval& interval : result.IntervalsOf(day)) {
      open_minutes += static_cast<std::int32_t>((interval.until - interval.from).count());
    }
  }
  if (open_minutes == 0) {
    return Status(Code::kInvalidArgument, "BAD_CALENDAR", "the opening hours are always closed");
  }
  result.minutes_before_.push_back(open_minutes);
  auto next = static_cast<Day>(result.pattern_.size());
  result.next_open_.assign(result.pattern_.size() + 1, next);
  for (Day day = next - 1; day >= 0; --day) {
    next = result.IntervalsOf(day).empty() ? next : day;
    result.next_open_[static_cast<std::size_t>(day)] = next;
  }
  return result;
}

std::span<const OpenInterval> OpeningHours::IntervalsOf(Day day) const {
  const std::size_t pattern = pattern_[static_cast<std::size_t>(day)];
  return pattern == kHoliday ? hours_.holiday : hours_.weekdays[pattern];
}

// The second at which clocks show `time` of the day.
std::int64_t OpeningHours::At(Day day, minutes time, const TimeZone& zone) const {
  return time == kEndOfDay ? SecondsOf(zone.EndOfDay(first_ + days(day)))
                           : SecondsOf(zone.InstantOf(first_ + days(day), time));
}

// The day from whose first instant to the next one's `t` lies: nearly always what the calendar on the
// wall shows, but for clocks that are put back over midnight.
std::optional<OpeningHours::Day> OpeningHours::DayOf(Timestamp t, const TimeZone& zone) const {
  const std::int64_t local = (zone.AtSecond(t.seconds).day - first_).count();
  const auto size = static_cast<std::int64_t>(pattern_.size());
  if (local < -1 || local > size) {
    return std::nullopt;
  }
  auto day = static_cast<Day>(local);
  if (t.seconds < At(day, minutes(0), zone)) {
    --day;
  } else if (t.seconds >= At(day, kEndOfDay, zone)) {
    ++day;
  }
  return day >= 0 && day < size ? std::optional<Day>(day) : std::nullopt;
}

OpeningHours::OpenSeconds OpeningHours::OpenUntil(Day day, std::int64_t second,
                                                  const TimeZone& zone) const {
  OpenSeconds result;
  for (const OpenInterval& interval : IntervalsOf(day)) {
    const std::int64_t from = At(day, interval.from, zone);
    if (second < from) {
      break;
    }
    const std::int64_t until = At(day, interval.until, zone);
    result.before += std::min(second, until) - from;
    result.open = result.open || second < until;
  }
  return result;
}

// Of whole days: what the clocks show, put right on the days on which they change.
std::int64_t OpeningHours::OpenBetween(Day from, Day to, const TimeZone& zone) const {
  const auto on_clocks = [this](Day a, Day b) {
    return std::int64_t{60} * (minutes_before_[static_cast<std::size_t>(b)] -
                               minutes_before_[static_cast<std::size_t>(a)]);
  };
  std::int64_t seconds = on_clocks(from, to);
  const std::int64_t end =
      At(to, minutes(0), zone);  // a change at it may have skipped the day before
  std::int64_t next = from;      // days before it are right
  auto change = zone.NextChange(At(from, minutes(0), zone) - 1);
  while (change && change->at <= end) {
    const std::int64_t last = std::min<std::int64_t>((change->last_day - first_).count(), to - 1);
    next = std::max<std::int64_t>(next, (change->first_day - first_).count());
    for (; next <= last; ++next) {
      const auto day = static_cast<Day>(next);
      seconds += OpenUntil(day, std::numeric_limits<std::int64_t>::max(), zone).before -
                 on_clocks(day, day + 1);
    }
    change = zone.NextChange(change->at);
  }
  return seconds;
}

std::optional<bool> OpeningHours::IsOpen(Timestamp t, const TimeZone& zone) const {
  const std::optional<Day> day = DayOf(t, zone);
  return day ? std::optional<bool>(OpenUntil(*day, t.seconds, zone).open) : std::nullopt;
}

std::optional<Timestamp> OpeningHours::NextOpening(Timestamp t, const TimeZone& zone) const {
  const std::optional<Day> today = DayOf(t, zone);
  if (!today) {
    return std::nullopt;
  }
  const auto end = static_cast<Day>(pattern_.size());
  for (Day day = next_open_[static_cast<std::size_t>(*today)]; day < end;
       day = next_open_[static_cast<std::size_t>(day) + 1]) {
    for (const OpenInterval& interval : IntervalsOf(day)) {
      const std::int64_t from = At(day, interval.from, zone);
      const std::int64_t until = At(day, interval.until, zone);
      if (from < until && t.seconds < until) {  // from == until: in a gap
        return t.seconds >= from ? t : Timestamp{from, 0};
      }
    }
  }
  return std::nullopt;
}

std::optional<std::chrono::nanoseconds> OpeningHours::OpenTime(Timestamp a, Timestamp b,
                                                               const TimeZone& zone) const {
  if (b < a) {
    const auto reversed = OpenTime(b, a, zone);
    return reversed ? std::optional(-*reversed) : std::nullopt;
  }
  const std::optional<Day> first = DayOf(a, zone);
  const std::optional<Day> last = DayOf(b, zone);
  if (!first || !last) {
    return std::nullopt;
  }
  const OpenSeconds skipped = OpenUntil(*first, a.seconds, zone);
  const OpenSeconds rest = OpenUntil(*last, b.seconds, zone);
  const std::int64_t seconds = OpenBetween(*first, *last, zone) + rest.before - skipped.before;
  std::int64_t nanos = 0;
  if (__builtin_mul_overflow(seconds, std::int64_t{1'000'000'000}, &nanos) ||
      __builtin_add_overflow(nanos, (rest.open ? b.nanos : 0) - (skipped.open ? a.nanos : 0),
                             &nanos)) {
    return std::nullopt;
  }
  return std::chrono::nanoseconds(nanos);
}

}  // namespace kulanz::cel
