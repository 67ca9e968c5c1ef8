#include "service/cel/calendar.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

namespace kulanz::cel {
namespace {

using std::chrono::days;

Status BadCalendar(std::string message) {
  return {Code::kInvalidArgument, "BAD_CALENDAR", std::move(message)};
}

}  // namespace

Result<std::shared_ptr<const Calendar>> Calendar::Make(const CalendarSpec& spec) {
  if (spec.first_year < 1 || spec.last_year > 9999 || spec.last_year < spec.first_year ||
      spec.last_year - spec.first_year >= kMaxYears) {
    return BadCalendar("a calendar covers 1 to " + std::to_string(kMaxYears) +
                       " years between 1 and 9999");
  }
  std::array<bool, 8> is_weekend{};
  for (const int weekday : spec.weekend) {
    if (weekday < 1 || weekday > 7) {
      return BadCalendar("weekdays are 1 (Monday) to 7 (Sunday), not " + std::to_string(weekday));
    }
    is_weekend[static_cast<std::size_t>(weekday)] = true;
  }
  if (std::count(is_weekend.begin() + 1, is_weekend.end(), true) == 7) {
    return BadCalendar("a week needs a working day");
  }
  const Date first{std::chrono::year{spec.first_year} / 1 / 1};
  const Date last{std::chrono::year{spec.last_year} / 12 / 31};
  std::vector<Date> holidays = spec.holidays;
  std::sort(holidays.begin(), holidays.end());
  if (!holidays.empty() && (holidays.front() < first || holidays.back() > last)) {
    const Date outside = holidays.front() < first ? holidays.front() : holidays.back();
    return BadCalendar("the holiday " + FormatDate(outside) + " is outside the calendar's years");
  }

  auto calendar = std::shared_ptr<Calendar>(new Calendar);
  calendar->first_ = first;
  calendar->last_ = last;
  std::int32_t count = 0;
  for (Date day = first; day <= last; day += days(1)) {
    calendar->before_.push_back(count);
    const unsigned weekday = std::chrono::weekday(day).iso_encoding();
    if (!is_weekend[weekday] && !std::binary_search(holidays.begin(), holidays.end(), day)) {
      calendar->business_day_.push_back(static_cast<std::int32_t>((day - first).count()));
      ++count;
    }
  }
  calendar->before_.push_back(count);
  if (spec.hours) {
    Result<OpeningHours> hours = OpeningHours::Make(*spec.hours, first, last, holidays);
    if (!hours.ok()) {
      return hours.status();
    }
    calendar->hours_ = std::move(hours).value();
  }
  return std::shared_ptr<const Calendar>(std::move(calendar));
}

std::optional<bool> Calendar::IsBusinessDay(Date date) const {
  if (!Covers(date)) {
    return std::nullopt;
  }
  const auto i = static_cast<std::size_t>((date - first_).count());
  return before_[i + 1] > before_[i];
}

std::optional<Date> Calendar::AddBusinessDays(Date date, std::int64_t count) const {
  if (!Covers(date)) {
    return std::nullopt;
  }
  if (count == 0) {
    return date;
  }
  const auto i = static_cast<std::size_t>((date - first_).count());
  // Forward, the first working day after `date` is number before_[i + 1]; backward, the last one
  // before it is number before_[i] - 1.
  const std::int64_t base = count > 0 ? before_[i + 1] - 1 : before_[i];
  std::int64_t number = 0;
  if (__builtin_add_overflow(base, count, &number) || number < 0 ||
      number >= static_cast<std::int64_t>(business_day_.size())) {
    return std::nullopt;
  }
  return first_ + days(business_day_[static_cast<std::size_t>(number)]);
}

std::optional<Date> Calendar::NextBusinessDay(Date date) const {
  if (!Covers(date)) {
    return std::nullopt;
  }
  const auto number =
      static_cast<std::size_t>(before_[static_cast<std::size_t>((date - first_).count())]);
  return number < business_day_.size() ? std::optional<Date>(first_ + days(business_day_[number]))
                                       : std::nullopt;
}

std::optional<std::int64_t> Calendar::BusinessDaysBetween(Date from, Date to) const {
  if (!Covers(from) || !Covers(to)) {
    return std::nullopt;
  }
  const auto a = static_cast<std::size_t>((from - first_).count());
  const auto b = static_cast<std::size_t>((to - first_).count());
  return std::int64_t{before_[b]} - before_[a];
}

}  // namespace kulanz::cel
