#include <charconv>
#include <limits>

#include "service/base/time_zone.h"
#include "service/cel/bound_argument.h"
#include "service/cel/library.h"
#include "service/cel/text_builder.h"
#include "service/cel/time_text.h"

namespace kulanz::cel {
namespace {

Value TimestampOutOfRange() {
  return Value::Error(ErrorCode::kOverflow, "the timestamp is out of range");
}
Value DurationOutOfRange() {
  return Value::Error(ErrorCode::kOverflow, "the duration is out of range");
}

// timestamp + sign * nanos. Seconds of any int64 duration are far from overflowing a timestamp's.
Value Shifted(Timestamp timestamp, std::int64_t nanos, int sign) {
  std::int64_t seconds = timestamp.seconds + sign * (nanos / kNanosPerSecond);
  std::int64_t rest = timestamp.nanos + sign * (nanos % kNanosPerSecond);
  if (rest < 0) {
    rest += kNanosPerSecond;
    --seconds;
  } else if (rest >= kNanosPerSecond) {
    rest -= kNanosPerSecond;
    ++seconds;
  }
  const Timestamp result{seconds, static_cast<std::int32_t>(rest)};
  return IsInRange(result) ? Value::Of(result) : TimestampOutOfRange();
}

Value AddTimestampDuration(CallContext&, const Value* args) {
  return Shifted(args[0].as_timestamp(), args[1].payload(), 1);
}
Value AddDurationTimestamp(CallContext&, const Value* args) {
  return Shifted(args[1].as_timestamp(), args[0].payload(), 1);
}
Value SubtractTimestampDuration(CallContext&, const Value* args) {
  return Shifted(args[0].as_timestamp(), args[1].payload(), -1);
}
Value SubtractTimestamps(CallContext&, const Value* args) {
  const Timestamp a = args[0].as_timestamp();
  const Timestamp b = args[1].as_timestamp();
  std::int64_t nanos = 0;
  if (__builtin_mul_overflow(a.seconds - b.seconds, kNanosPerSecond, &nanos) ||
      __builtin_add_overflow(nanos, std::int64_t{a.nanos} - b.nanos, &nanos)) {
    return DurationOutOfRange();
  }
  return Value::Of(std::chrono::nanoseconds(nanos));
}
Value AddDurations(CallContext&, const Value* args) {
  std::int64_t nanos = 0;
  return __builtin_add_overflow(args[0].payload(), args[1].payload(), &nanos)
             ? DurationOutOfRange()
             : Value::Of(std::chrono::nanoseconds(nanos));
}
Value SubtractDurations(CallContext&, const Value* args) {
  std::int64_t nanos = 0;
  return __builtin_sub_overflow(args[0].payload(), args[1].payload(), &nanos)
             ? DurationOutOfRange()
             : Value::Of(std::chrono::nanoseconds(nanos));
}
Value NegateDuration(CallContext&, const Value* args) {
  std::int64_t nanos = 0;
  return __builtin_sub_overflow(std::int64_t{0}, args[0].payload(), &nanos)
             ? DurationOutOfRange()
             : Value::Of(std::chrono::nanoseconds(nanos));
}

// What an accessor reads of the local time.
struct LocalParts {
  CivilTime civil;
  std::chrono::year_month_day date;
  std::int32_t nanos;
};
using Accessor = std::int64_t (*)(const LocalParts&);

Value Access(Accessor accessor, Timestamp timestamp, const TimeZone& zone) {
  const CivilTime civil = zone.AtSecond(timestamp.seconds);
  return Value::Int(accessor({civil, std::chrono::year_month_day(civil.day), timestamp.nanos}));
}
template <Accessor accessor>
Value AccessUtc(CallContext&, const Value* args) {
  static const TimeZone utc;
  return Access(accessor, args[0].as_timestamp(), utc);
}
template <Accessor accessor>
Value AccessZone(CallContext& context, const Value* args) {
  const ZoneArgument zone(args[1]);
  if (!zone.ok()) {
    return ErrorWith(context, ErrorCode::kUnknownZone, "no such time zone", args[1].as_string());
  }
  return Access(accessor, args[0].as_timestamp(), zone.value());
}

std::int64_t FullYear(const LocalParts& l) { return static_cast<int>(l.date.year()); }
std::int64_t Month(const LocalParts& l) { return static_cast<unsigned>(l.date.month()) - 1; }
std::int64_t Date1(const LocalParts& l) { return static_cast<unsigned>(l.date.day()); }
std::int64_t DayOfMonth(const LocalParts& l) { return static_cast<unsigned>(l.date.day()) - 1; }
std::int64_t DayOfYear(const LocalParts& l) {
  return (l.civil.day - std::chrono::sys_days(l.date.year() / 1 / 1)).count();
}
std::int64_t DayOfWeek(const LocalParts& l) {
  return std::chrono::weekday(l.civil.day).c_encoding();
}
std::int64_t Hours(const LocalParts& l) { return l.civil.time_of_day.count() / 3600; }
std::int64_t Minutes(const LocalParts& l) { return l.civil.time_of_day.count() / 60 % 60; }
std::int64_t Seconds(const LocalParts& l) { return l.civil.time_of_day.count() % 60; }
std::int64_t Milliseconds(const LocalParts& l) { return l.nanos / 1'000'000; }

template <Accessor accessor>
void AddAccessor(Library& library, std::string_view name, std::string_view id) {
  library.AddMethod(name, "timestamp_to_" + std::string(id), {Type::Timestamp()}, Type::Int(),
                    &AccessUtc<accessor>);
  library.AddMethod(name, "timestamp_to_" + std::string(id) + "_with_tz",
                    {Type::Timestamp(), Type::String()}, Type::Int(), &AccessZone<accessor>);
}

template <std::int64_t unit_nanos>
Value WholeUnits(CallContext&, const Value* args) {
  return Value::Int(args[0].payload() / unit_nanos);
}
// Of the part below a second, as the conformance tests have it.
Value MillisecondsOfSecond(CallContext&, const Value* args) {
  return Value::Int(args[0].payload() % kNanosPerSecond / 1'000'000);
}

// days(n), hours(n), ...: n units as a duration.
template <std::int64_t unit_nanos>
Value DurationOf(CallContext&, const Value* args) {
  std::int64_t nanos = 0;
  return __builtin_mul_overflow(args[0].as_int(), unit_nanos, &nanos)
             ? DurationOutOfRange()
             : Value::Of(std::chrono::nanoseconds(nanos));
}

// d.completed(step), d.begun(step): how many times the step fits, the last one whole or only begun. Before
// the start, in a negative duration, there is none.
template <bool begun>
Value Steps(CallContext&, const Value* args) {
  const std::int64_t span = args[0].payload();
  const std::int64_t step = args[1].payload();
  if (step <= 0) {
    return Value::Error(ErrorCode::kInvalidArgument, "the step must be longer than nothing");
  }
  if (span <= 0) {
    return Value::Int(0);
  }
  return Value::Int(span / step + (begun && span % step != 0 ? 1 : 0));
}

}  // namespace

ZoneArgument::ZoneArgument(const Value& argument) {
  if (argument.kind() == Kind::kInt) {
    zone_ = BoundPointer<TimeZone>(argument);
    return;
  }
  const std::string_view name = argument.as_string();
  owned_ = TimeZone::FromOffset(name);
  if (!owned_) {
    owned_ = TimeZone::Load(name);
  }
  zone_ = owned_ ? &*owned_ : nullptr;
}

void AddTime(Library& library) {
  const Type& t = Type::Timestamp();
  const Type& d = Type::Duration();
  library.Add("_+_", "add_timestamp_duration", {t, d}, t, &AddTimestampDuration);
  library.Add("_+_", "add_duration_timestamp", {d, t}, t, &AddDurationTimestamp);
  library.Add("_+_", "add_duration_duration", {d, d}, d, &AddDurations);
  library.Add("_-_", "subtract_timestamp_timestamp", {t, t}, d, &SubtractTimestamps);
  library.Add("_-_", "subtract_timestamp_duration", {t, d}, t, &SubtractTimestampDuration);
  library.Add("_-_", "subtract_duration_duration", {d, d}, d, &SubtractDurations);
  library.Add("-_", "negate_duration", {d}, d, &NegateDuration);

  AddAccessor<&FullYear>(library, "getFullYear", "year");
  AddAccessor<&Month>(library, "getMonth", "month");
  AddAccessor<&DayOfYear>(library, "getDayOfYear", "day_of_year");
  AddAccessor<&DayOfMonth>(library, "getDayOfMonth", "day_of_month");
  AddAccessor<&Date1>(library, "getDate", "day_of_month_1_based");
  AddAccessor<&DayOfWeek>(library, "getDayOfWeek", "day_of_week");
  AddAccessor<&Hours>(library, "getHours", "hours");
  AddAccessor<&Minutes>(library, "getMinutes", "minutes");
  AddAccessor<&Seconds>(library, "getSeconds", "seconds");
  AddAccessor<&Milliseconds>(library, "getMilliseconds", "milliseconds");
  library.AddMethod("getHours", "duration_to_hours", {d}, Type::Int(),
                    &WholeUnits<3600 * kNanosPerSecond>);
  library.AddMethod("getMinutes", "duration_to_minutes", {d}, Type::Int(),
                    &WholeUnits<60 * kNanosPerSecond>);
  library.AddMethod("getSeconds", "duration_to_seconds", {d}, Type::Int(),
                    &WholeUnits<kNanosPerSecond>);
  library.AddMethod("getMilliseconds", "duration_to_milliseconds", {d}, Type::Int(),
                    &MillisecondsOfSecond);

  library.AddMethod("completed", "duration_completed", {d, d}, Type::Int(), &Steps<false>);
  library.AddMethod("begun", "duration_begun", {d, d}, Type::Int(), &Steps<true>);

  library.Add("days", "days_to_duration", {Type::Int()}, d, &DurationOf<86'400 * kNanosPerSecond>);
  library.Add("hours", "hours_to_duration", {Type::Int()}, d, &DurationOf<3600 * kNanosPerSecond>);
  library.Add("minutes", "minutes_to_duration", {Type::Int()}, d,
              &DurationOf<60 * kNanosPerSecond>);
  library.Add("seconds", "seconds_to_duration", {Type::Int()}, d, &DurationOf<kNanosPerSecond>);
}

}  // namespace kulanz::cel
