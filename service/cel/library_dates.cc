#include <chrono>

#include "service/base/time_zone.h"
#include "service/cel/bound_argument.h"
#include "service/cel/library.h"
#include "service/cel/text_builder.h"
#include "service/domain/time.h"

namespace kulanz::cel {
namespace {

using std::chrono::days;
using std::chrono::year_month_day;

constexpr Date kFirstDate{std::chrono::year{1} / 1 / 1};
constexpr Date kLastDate{std::chrono::year{9999} / 12 / 31};
// More than the days of 9,999 years: beyond, every sum is out of range.
constexpr std::int64_t kMaxShiftDays = 4'000'000;
constexpr std::int64_t kMaxShiftMonths = 120'000;

Value DateOutOfRange() {
  return Value::Error(ErrorCode::kOverflow, "the date is outside the years 1 to 9999");
}
Value InRange(Date date) {
  return date >= kFirstDate && date <= kLastDate ? Value::Of(date) : DateOutOfRange();
}
year_month_day Fields(const Value& value) { return year_month_day(value.as_date()); }

Value Parse(CallContext& context, const Value* args) {
  const std::optional<Date> date = ParseDate(args[0].as_string());
  return date ? Value::Of(*date)
              : ErrorWith(context, ErrorCode::kInvalidConversion, "not a date such as 2026-12-01",
                          args[0].as_string());
}
Value FromFields(CallContext&, const Value* args) {
  const std::int64_t y = args[0].as_int();
  const std::int64_t m = args[1].as_int();
  const std::int64_t d = args[2].as_int();
  if (y < 1 || y > 9999 || m < 1 || m > 12 || d < 1 || d > 31) {
    return DateOutOfRange();
  }
  const year_month_day ymd{std::chrono::year(static_cast<int>(y)),
                           std::chrono::month(static_cast<unsigned>(m)),
                           std::chrono::day(static_cast<unsigned>(d))};
  return ymd.ok() ? Value::Of(Date(ymd))
                  : Value::Error(ErrorCode::kInvalidArgument, "the month has no such day");
}

// timestamp.date(zone); the planner adds the environment's zone where none is given.
Value DateOf(CallContext& context, const Value* args) {
  const ZoneArgument zone(args[1]);
  return zone.ok() ? InRange(zone.value().AtSecond(args[0].as_timestamp().seconds).day)
                   : ErrorWith(context, ErrorCode::kUnknownZone, "no such time zone",
                               args[1].as_string());
}
// date.timestamp(zone): the first instant of the day there.
Value StartOf(CallContext& context, const Value* args) {
  const ZoneArgument zone(args[1]);
  if (!zone.ok()) {
    return ErrorWith(context, ErrorCode::kUnknownZone, "no such time zone", args[1].as_string());
  }
  const Instant instant = zone.value().InstantOf(args[0].as_date());
  return instant >= kMinInstant && instant <= kMaxInstant ? Value::Of(instant) : DateOutOfRange();
}

Value AddDays(CallContext&, const Value* args) {
  const std::int64_t count = args[1].as_int();
  return count > kMaxShiftDays || count < -kMaxShiftDays ? DateOutOfRange()
                                                         : InRange(args[0].as_date() + days(count));
}
// To the same day of another month, or its last day where it is shorter.
Value ShiftMonths(const Value& date, std::int64_t months) {
  if (months > kMaxShiftMonths || months < -kMaxShiftMonths) {
    return DateOutOfRange();
  }
  const year_month_day from = Fields(date);
  const auto target =
      from.year() / from.month() + std::chrono::months(static_cast<std::int32_t>(months));
  const int year = static_cast<int>(target.year());
  if (year < 1 || year > 9999) {
    return DateOutOfRange();
  }
  const std::chrono::day last = (target / std::chrono::last).day();
  return Value::Of(Date(target / (from.day() < last ? from.day() : last)));
}
Value AddMonths(CallContext&, const Value* args) { return ShiftMonths(args[0], args[1].as_int()); }
Value AddYears(CallContext&, const Value* args) {
  const std::int64_t years = args[1].as_int();
  return years > 10'000 || years < -10'000 ? DateOutOfRange() : ShiftMonths(args[0], years * 12);
}

Value DaysBetween(CallContext&, const Value* args) {
  return Value::Int((args[1].as_date() - args[0].as_date()).count());
}
Value SubtractDates(CallContext&, const Value* args) {
  return Value::Int((args[0].as_date() - args[1].as_date()).count());
}
// Whole months from `a` to `b`: how often a month can be added to the earlier one.
std::int64_t WholeMonths(const Value& a, const Value& b) {
  if (b.as_date() < a.as_date()) {
    return -WholeMonths(b, a);
  }
  const year_month_day from = Fields(a);
  const year_month_day to = Fields(b);
  std::int64_t months = (static_cast<int>(to.year()) - static_cast<int>(from.year())) * 12 +
                        (static_cast<int>(static_cast<unsigned>(to.month())) -
                         static_cast<int>(static_cast<unsigned>(from.month())));
  const Value reached = ShiftMonths(a, months);
  return reached.is_error() || reached.as_date() > b.as_date() ? months - 1 : months;
}
Value MonthsBetween(CallContext&, const Value* args) {
  return Value::Int(WholeMonths(args[0], args[1]));
}
Value YearsBetween(CallContext&, const Value* args) {
  return Value::Int(WholeMonths(args[0], args[1]) / 12);
}

Value YearOf(CallContext&, const Value* args) {
  return Value::Int(static_cast<int>(Fields(args[0]).year()));
}
Value MonthOf(CallContext&, const Value* args) {
  return Value::Int(static_cast<unsigned>(Fields(args[0]).month()));
}
Value DayOf(CallContext&, const Value* args) {
  return Value::Int(static_cast<unsigned>(Fields(args[0]).day()));
}
std::int64_t WeekdayOf(const Value& date) {
  return std::chrono::weekday(date.as_date()).iso_encoding();
}
Value IsoWeekday(CallContext&, const Value* args) { return Value::Int(WeekdayOf(args[0])); }
Value IsWeekend(CallContext&, const Value* args) { return Value::Bool(WeekdayOf(args[0]) >= 6); }
Value StartOfMonth(CallContext&, const Value* args) {
  const year_month_day ymd = Fields(args[0]);
  return Value::Of(Date(ymd.year() / ymd.month() / 1));
}
Value EndOfMonth(CallContext&, const Value* args) {
  const year_month_day ymd = Fields(args[0]);
  return Value::Of(Date(ymd.year() / ymd.month() / std::chrono::last));
}

}  // namespace

void AddDates(Library& library) {
  const Type& d = Type::Date();
  const Type& t = Type::Timestamp();
  const Type& i = Type::Int();
  const Type& s = Type::String();
  library.Add("date", "string_to_date", {s}, d, &Parse);
  library.Add("date", "date_of_fields", {i, i, i}, d, &FromFields);
  library.AddMethod("date", "timestamp_to_date", {t}, d, &DateOf);
  library.AddMethod("date", "timestamp_to_date_with_tz", {t, s}, d, &DateOf);
  library.AddMethod("timestamp", "date_to_timestamp", {d}, t, &StartOf);
  library.AddMethod("timestamp", "date_to_timestamp_with_tz", {d, s}, t, &StartOf);
  library.AddMethod("addDays", "date_addDays", {d, i}, d, &AddDays);
  library.AddMethod("addMonths", "date_addMonths", {d, i}, d, &AddMonths);
  library.AddMethod("addYears", "date_addYears", {d, i}, d, &AddYears);
  library.Add("daysBetween", "daysBetween", {d, d}, i, &DaysBetween);
  library.Add("monthsBetween", "monthsBetween", {d, d}, i, &MonthsBetween);
  library.Add("yearsBetween", "yearsBetween", {d, d}, i, &YearsBetween);
  library.Add("_-_", "subtract_date_date", {d, d}, i, &SubtractDates);
  library.AddMethod("year", "date_year", {d}, i, &YearOf);
  library.AddMethod("month", "date_month", {d}, i, &MonthOf);
  library.AddMethod("day", "date_day", {d}, i, &DayOf);
  library.AddMethod("isoWeekday", "date_isoWeekday", {d}, i, &IsoWeekday);
  library.AddMethod("isWeekend", "date_isWeekend", {d}, Type::Bool(), &IsWeekend);
  library.AddMethod("startOfMonth", "date_startOfMonth", {d}, d, &StartOfMonth);
  library.AddMethod("endOfMonth", "date_endOfMonth", {d}, d, &EndOfMonth);
}

}  // namespace kulanz::cel
