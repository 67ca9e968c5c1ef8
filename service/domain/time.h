// Time as Kulanz knows it: instants to the millisecond, durations, and local dates.
//
// Instants are absolute (UTC). A Date has no zone; turning one into the other needs a zone
// (base/time_zone.h). Nothing here reads a clock: "now" is always handed in.
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace kulanz {

using Duration = std::chrono::milliseconds;
using Instant = std::chrono::sys_time<Duration>;
// When to give up: on the process' own monotonic clock, never sent to another host.
using Deadline = std::chrono::steady_clock::time_point;

// The range that every API accepts: 0001-01-01T00:00:00Z to 9999-12-31T23:59:59.999Z, as protobuf's.
inline constexpr Instant kMinInstant{std::chrono::sys_days{std::chrono::year{1} / 1 / 1}};
inline constexpr Instant kMaxInstant{
    Instant{std::chrono::sys_days{std::chrono::year{10000} / 1 / 1}} - Duration{1}};

constexpr Instant InstantFromMillis(std::int64_t millis) { return Instant{Duration{millis}}; }
constexpr std::int64_t ToMillis(Instant instant) { return instant.time_since_epoch().count(); }

// A day of the calendar (proleptic Gregorian), years 1 to 9999.
using Date = std::chrono::sys_days;

// "2026-03-01T12:00:00Z", with ".123" only when there are milliseconds.
std::string FormatInstant(Instant instant);
// RFC 3339 with 'Z' or an offset, at most milliseconds; nothing when malformed or out of range.
std::optional<Instant> ParseInstant(std::string_view text);
// "2026-03-01".
std::string FormatDate(Date date);
std::optional<Date> ParseDate(std::string_view text);

}  // namespace kulanz
