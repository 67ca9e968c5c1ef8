// TimeZone: an IANA time zone by name ("Europe/Berlin"), and what its clocks show.
//
// Rules come from the system's tz database, once per zone and process. Instants are UTC milliseconds;
// local times are fields without a zone. This header is std only; abseil does the work behind it.
//
// Thread-safety: immutable handles, usable and loadable from any thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kulanz {

// What a clock on the wall and the calendar beside it show.
struct CivilTime {
  std::chrono::sys_days day;         // the local date
  std::chrono::seconds time_of_day;  // 0 .. 86,399
  std::chrono::seconds utc_offset;   // local minus UTC
};

class TimeZone {
 public:
  using Instant = std::chrono::sys_time<std::chrono::milliseconds>;
  using Date = std::chrono::sys_days;

  TimeZone();  // UTC
  // "Europe/Berlin", "UTC"; nothing for a name that the system does not know.
  static std::optional<TimeZone> Load(std::string_view name);
  // "+02:00", "-05:30", "02:00": within a day.
  static std::optional<TimeZone> FromOffset(std::string_view offset);

  const std::string& name() const;

  // The local fields at an instant; milliseconds are cut off towards the past.
  CivilTime At(Instant instant) const;
  CivilTime AtSecond(std::int64_t unix_seconds) const;
  Date DateAt(Instant instant) const { return At(instant).day; }

  // The instant of a local time. In a gap (clocks go forward) the local time does not exist: the instant
  // at which the gap ends. In an overlap (clocks go back) it exists twice: the first one.
  Instant InstantOf(Date day, std::chrono::seconds time_of_day = std::chrono::seconds{0}) const;
  // The first instant of the local day after `day`: an exclusive end, right on days of 23 or 25 hours.
  Instant EndOfDay(Date day) const { return InstantOf(day + std::chrono::days{1}); }

  // A moment at which the clocks (or only the name of their time) are changed, and the local days that it makes shorter or longer.
  struct Change {
    std::int64_t at = 0;  // unix seconds
    Date first_day;
    Date last_day;
  };
  // The first one after `unix_seconds`; nothing when none follows.
  std::optional<Change> NextChange(std::int64_t unix_seconds) const;

  // The names of the system's tz database, sorted, for suggestions; empty when they cannot be listed.
  // Reads folders once per process.
  static const std::vector<std::string>& Names();

  friend bool operator==(const TimeZone& a, const TimeZone& b) { return a.rep_ == b.rep_; }

 private:
  struct Rep;
  explicit TimeZone(const Rep* rep) : rep_(rep) {}
  const Rep* rep_;  // lives as long as the process
};

}  // namespace kulanz
