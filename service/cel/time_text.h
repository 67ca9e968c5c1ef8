// Timestamps and durations as text (RFC 3339; "1h30m", "90s"), and their ranges.
//
// Thread-safety: pure functions.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

#include "service/cel/text_builder.h"
#include "service/cel/value.h"

namespace kulanz::cel {

// 0001-01-01T00:00:00Z and 9999-12-31T23:59:59Z, as protobuf has them.
inline constexpr std::int64_t kMinTimestampSeconds = -62'135'596'800;
inline constexpr std::int64_t kMaxTimestampSeconds = 253'402'300'799;
inline constexpr std::int64_t kNanosPerSecond = 1'000'000'000;
inline constexpr bool IsInRange(Timestamp t) {
  return t.seconds >= kMinTimestampSeconds && t.seconds <= kMaxTimestampSeconds;
}

// RFC 3339 with at most nine decimals; nothing when malformed or out of range.
std::optional<Timestamp> ParseTimestamp(std::string_view text);
// "2009-02-13T23:31:30Z", with as many decimals as needed.
void AppendTimestamp(Timestamp timestamp, TextBuilder& out);

// "-1h2m3.5s", "100ms", "5us", "7ns", "0"; nothing when malformed or beyond 64 bits of nanoseconds.
std::optional<std::chrono::nanoseconds> ParseDuration(std::string_view text);
// "21:00", "00:30": from 00:00 to 23:59.
std::optional<std::chrono::seconds> ParseTimeOfDay(std::string_view text);

// "3730s", "0.5s".
void AppendDuration(std::chrono::nanoseconds duration, TextBuilder& out);

}  // namespace kulanz::cel
