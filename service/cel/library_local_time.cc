#include "service/base/time_zone.h"
#include "service/cel/bound_argument.h"
#include "service/cel/library.h"
#include "service/cel/text_builder.h"
#include "service/cel/time_text.h"

namespace kulanz::cel {
namespace {

// date.at(time, zone): when the clocks there show that time on that day. The planner adds the
// environment's zone where none is given.
Value At(CallContext& context, const Value* args) {
  const std::optional<std::chrono::seconds> time = ParseTimeOfDay(args[1].as_string());
  if (!time) {
    return ErrorWith(context, ErrorCode::kInvalidConversion, "not a time of day such as 21:00",
                     args[1].as_string());
  }
  const ZoneArgument zone(args[2]);
  if (!zone.ok()) {
    return ErrorWith(context, ErrorCode::kUnknownZone, "no such time zone", args[2].as_string());
  }
  const Instant instant = zone.value().InstantOf(args[0].as_date(), *time);
  return instant >= kMinInstant && instant <= kMaxInstant
             ? Value::Of(instant)
             : Value::Error(ErrorCode::kOverflow, "the time is outside the years 1 to 9999");
}

}  // namespace

void AddLocalTime(Library& library) {
  const Type& d = Type::Date();
  const Type& s = Type::String();
  library.AddMethod("at", "date_at", {d, s}, Type::Timestamp(), &At);
  library.AddMethod("at", "date_at_with_tz", {d, s, s}, Type::Timestamp(), &At);
}

}  // namespace kulanz::cel
