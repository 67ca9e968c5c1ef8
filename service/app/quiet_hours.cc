#include "service/app/quiet_hours.h"

#include "service/base/time_zone.h"

namespace kulanz::app {
namespace {

TimeZone ZoneOf(const QuietHours& quiet, const std::string& customer_zone) {
  if (const auto zone = TimeZone::Load(customer_zone)) {
    return *zone;
  }
  return TimeZone::Load(quiet.zone).value_or(TimeZone());
}

}  // namespace

std::optional<Instant> EndOfQuietHours(const QuietHours& quiet, const std::string& customer_zone,
                                       Instant now) {
  if (quiet.from == quiet.until) {
    return std::nullopt;
  }
  const TimeZone zone = ZoneOf(quiet, customer_zone);
  const CivilTime local = zone.At(now);
  const bool over_midnight = quiet.until < quiet.from;
  const bool after_from = local.time_of_day >= quiet.from;
  const bool before_until = local.time_of_day < quiet.until;
  const bool is_quiet = over_midnight ? after_from || before_until : after_from && before_until;
  if (!is_quiet) {
    return std::nullopt;
  }
  const Date day = local.day + std::chrono::days(over_midnight && after_from ? 1 : 0);
  const Instant end = zone.InstantOf(day, quiet.until);
  // The clocks went back within the quiet hours: their end comes a second time.
  return end > now ? end : now + (quiet.until - local.time_of_day);
}

}  // namespace kulanz::app
