#include <cstdlib>

#include "service/base/time_zone.h"
#include "service/cel/bound_argument.h"
#include "service/cel/calendar.h"
#include "service/cel/library.h"
#include "service/cel/rate_table.h"
#include "service/cel/text_builder.h"

namespace kulanz::cel {
namespace {

Value OutsideCalendar() {
  return Value::Error(ErrorCode::kOutsideCalendar, "the calendar does not cover the date");
}
// A name that the planner has not bound: not a literal, in an unchecked expression.
Value NotBound() {
  return Value::Error(ErrorCode::kInvalidArgument,
                      "the name of a calendar or rate table must be a literal text");
}
bool IsBound(const Value& argument) { return argument.kind() == Kind::kInt; }

Value IsBusinessDay(CallContext&, const Value* args) {
  if (!IsBound(args[1])) {
    return NotBound();
  }
  const auto answer = BoundPointer<Calendar>(args[1])->IsBusinessDay(args[0].as_date());
  return answer ? Value::Bool(*answer) : OutsideCalendar();
}
Value NextBusinessDay(CallContext&, const Value* args) {
  if (!IsBound(args[1])) {
    return NotBound();
  }
  const auto answer = BoundPointer<Calendar>(args[1])->NextBusinessDay(args[0].as_date());
  return answer ? Value::Of(*answer) : OutsideCalendar();
}
Value AddBusinessDays(CallContext&, const Value* args) {
  if (!IsBound(args[2])) {
    return NotBound();
  }
  const auto answer =
      BoundPointer<Calendar>(args[2])->AddBusinessDays(args[0].as_date(), args[1].as_int());
  return answer ? Value::Of(*answer) : OutsideCalendar();
}
Value BusinessDaysBetween(CallContext&, const Value* args) {
  if (!IsBound(args[2])) {
    return NotBound();
  }
  const auto answer =
      BoundPointer<Calendar>(args[2])->BusinessDaysBetween(args[0].as_date(), args[1].as_date());
  return answer ? Value::Int(*answer) : OutsideCalendar();
}

// What the functions of opening hours take last: a calendar with hours, and a zone, which the planner
// adds where the expression gives none.
class OpenCalendar {
 public:
  OpenCalendar(CallContext& context, const Value* calendar_and_zone) : zone_(calendar_and_zone[1]) {
    if (!IsBound(calendar_and_zone[0])) {
      error_ = NotBound();
    } else if (!zone_.ok()) {
      error_ = ErrorWith(context, ErrorCode::kUnknownZone, "no such time zone",
                         calendar_and_zone[1].as_string());
    } else {
      hours_ = BoundPointer<Calendar>(calendar_and_zone[0])->hours();
    }
  }
  bool ok() const { return hours_ != nullptr; }
  const Value& error() const { return error_; }
  const OpeningHours& hours() const { return *hours_; }
  const TimeZone& zone() const { return zone_.value(); }

 private:
  ZoneArgument zone_;
  const OpeningHours* hours_ = nullptr;
  Value error_;
};

Value IsOpen(CallContext& context, const Value* args) {
  const OpenCalendar calendar(context, args + 1);
  if (!calendar.ok()) {
    return calendar.error();
  }
  const auto open = calendar.hours().IsOpen(args[0].as_timestamp(), calendar.zone());
  return open ? Value::Bool(*open) : OutsideCalendar();
}
Value NextOpening(CallContext& context, const Value* args) {
  const OpenCalendar calendar(context, args + 1);
  if (!calendar.ok()) {
    return calendar.error();
  }
  const auto opening = calendar.hours().NextOpening(args[0].as_timestamp(), calendar.zone());
  return opening ? Value::Of(*opening) : OutsideCalendar();
}
Value BusinessDuration(CallContext& context, const Value* args) {
  const OpenCalendar calendar(context, args + 2);
  if (!calendar.ok()) {
    return calendar.error();
  }
  // A step per year, whose clock changes are gone through.
  constexpr std::int64_t kSecondsPerYear = std::int64_t{366} * 86'400;
  if (!context.Spend(std::abs(args[1].as_timestamp().seconds - args[0].as_timestamp().seconds) /
                     kSecondsPerYear)) {
    return Value::Error(ErrorCode::kTooManySteps);
  }
  const auto open =
      calendar.hours().OpenTime(args[0].as_timestamp(), args[1].as_timestamp(), calendar.zone());
  return open ? Value::Of(*open) : OutsideCalendar();
}

// table(name, key, date), table(name, key): the planner binds the table.
Value LookUp(CallContext& context, const Value* args) {
  if (!IsBound(args[0])) {
    return NotBound();
  }
  const auto rate = BoundPointer<RateTable>(args[0])->Find(args[1].as_string(), args[2].as_date());
  return rate ? *rate
              : ErrorWith(context, ErrorCode::kOutsideCalendar,
                          "the rate table has no row at that date", args[1].as_string());
}
Value LookUpUndated(CallContext& context, const Value* args) {
  if (!IsBound(args[0])) {
    return NotBound();
  }
  const auto rate = BoundPointer<RateTable>(args[0])->Find(args[1].as_string(), Date::max());
  return rate ? *rate
              : ErrorWith(context, ErrorCode::kOutsideCalendar, "the rate table has no row named",
                          args[1].as_string());
}

}  // namespace

void AddCalendars(Library& library) {
  const Type& d = Type::Date();
  const Type& t = Type::Timestamp();
  const Type& i = Type::Int();
  const Type& s = Type::String();
  const Type& b = Type::Bool();
  library.AddMethod("isBusinessDay", "date_isBusinessDay", {d, s}, b, &IsBusinessDay);
  library.AddMethod("nextBusinessDay", "date_nextBusinessDay", {d, s}, d, &NextBusinessDay);
  library.AddMethod("addBusinessDays", "date_addBusinessDays", {d, i, s}, d, &AddBusinessDays);
  library.Add("businessDaysBetween", "businessDaysBetween", {d, d, s}, i, &BusinessDaysBetween);
  library.AddMethod("isOpen", "timestamp_isOpen", {t, s}, b, &IsOpen);
  library.AddMethod("isOpen", "timestamp_isOpen_with_tz", {t, s, s}, b, &IsOpen);
  library.AddMethod("nextOpening", "timestamp_nextOpening", {t, s}, t, &NextOpening);
  library.AddMethod("nextOpening", "timestamp_nextOpening_with_tz", {t, s, s}, t, &NextOpening);
  library.Add("businessDuration", "businessDuration", {t, t, s}, Type::Duration(),
              &BusinessDuration);
  library.Add("businessDuration", "businessDuration_with_tz", {t, t, s, s}, Type::Duration(),
              &BusinessDuration);
  // The result's type is the named table's; the checker narrows it.
  library.Add("table", "table_lookup", {s, s, d}, Type::Dyn(), &LookUp);
  library.Add("table", "table_lookup_undated", {s, s}, Type::Dyn(), &LookUpUndated);
}

}  // namespace kulanz::cel
