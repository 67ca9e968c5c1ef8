// TimeFormat: how a data file writes instants and days.
//
// Without one: RFC 3339 ("2026-03-01T12:00:00Z"), and with a zone also without an offset and with a blank
// for the 'T'. With one: a pattern of %Y %y %m %d %e %b %H %I %M %S %f %p %z and literal text, or "unix"
// (seconds) and "unix_ms". Thread-safety: immutable.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "service/base/time_zone.h"
#include "service/domain/time.h"

namespace kulanz::command {

class TimeFormat {
 public:
  TimeFormat() = default;
  // Nothing for a pattern that it does not know; `problem` says why.
  static std::optional<TimeFormat> Parse(std::string_view pattern, std::string& problem);

  // Nothing when the text is no such instant, or has no offset and there is no `zone`.
  std::optional<Instant> ReadInstant(std::string_view text, const TimeZone* zone) const;
  std::optional<Date> ReadDate(std::string_view text) const;

 private:
  enum class Kind { kRfc3339, kUnix, kUnixMillis, kPattern };
  Kind kind_ = Kind::kRfc3339;
  std::string pattern_;
};

}  // namespace kulanz::command
