#include "service/kulanz/data/time_format.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>

namespace kulanz::command {
namespace {

constexpr std::array<std::string_view, 12> kMonths = {"jan", "feb", "mar", "apr", "may", "jun",
                                                      "jul", "aug", "sep", "oct", "nov", "dec"};

// The fields of a time that was read so far.
struct TimeFields {
  int year = 1970;
  int month = 1;
  int day = 1;
  int hour = 0;
  int minute = 0;
  int second = 0;
  int millis = 0;
  std::optional<bool> afternoon;
  std::optional<std::chrono::seconds> offset;
};

class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  bool AtEnd() const { return text_.empty(); }
  bool Take(char c) {
    if (text_.empty() || text_.front() != c) {
      return false;
    }
    text_.remove_prefix(1);
    return true;
  }
  // Between `least` and `most` digits.
  bool Number(std::size_t least, std::size_t most, int& out) {
    std::size_t length = 0;
    while (length < std::min(most, text_.size()) && text_[length] >= '0' && text_[length] <= '9') {
      ++length;
    }
    if (length < least) {
      return false;
    }
    std::from_chars(text_.data(), text_.data() + length, out);
    text_.remove_prefix(length);
    return true;
  }
  bool Fraction(int& millis) {
    const std::size_t before = text_.size();
    std::int64_t micros = 0;
    std::int64_t weight = 100'000;
    while (!text_.empty() && text_.front() >= '0' && text_.front() <= '9' &&
           before - text_.size() < 9) {
      micros += (text_.front() - '0') * weight;
      weight /= 10;
      text_.remove_prefix(1);
    }
    millis = static_cast<int>(micros / 1000);
    return text_.size() < before;
  }
  bool MonthName(int& month) {
    if (text_.size() < 3) {
      return false;
    }
    std::string name(text_.substr(0, 3));
    std::transform(name.begin(), name.end(), name.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    const auto* const found = std::find(kMonths.begin(), kMonths.end(), name);
    month = static_cast<int>(found - kMonths.begin()) + 1;
    text_.remove_prefix(3);
    return found != kMonths.end();
  }
  bool HalfOfDay(std::optional<bool>& afternoon) {
    if (text_.size() < 2 || (text_[1] != 'M' && text_[1] != 'm')) {
      return false;
    }
    const char half = text_.front();
    afternoon = half == 'P' || half == 'p';
    text_.remove_prefix(2);
    return *afternoon || half == 'A' || half == 'a';
  }
  // "Z", "+02:00", "+0200".
  bool Offset(std::optional<std::chrono::seconds>& offset) {
    if (Take('Z')) {
      offset = std::chrono::seconds{0};
      return true;
    }
    const bool west = !text_.empty() && text_.front() == '-';
    int hours = 0;
    int minutes = 0;
    if ((!Take('+') && !Take('-')) || !Number(2, 2, hours)) {
      return false;
    }
    Take(':');
    if (!Number(2, 2, minutes) || hours > 23 || minutes > 59) {
      return false;
    }
    offset = std::chrono::seconds{(hours * 3600 + minutes * 60) * (west ? -1 : 1)};
    return true;
  }

 private:
  std::string_view text_;
};

bool ReadDirective(char directive, Scanner& scanner, TimeFields& fields) {
  switch (directive) {
    case 'Y':
      return scanner.Number(4, 4, fields.year);
    case 'y': {
      const bool good = scanner.Number(2, 2, fields.year);
      fields.year += fields.year < 70 ? 2000 : 1900;
      return good;
    }
    case 'm':
      return scanner.Number(1, 2, fields.month);
    case 'd':
    case 'e':
      return scanner.Number(1, 2, fields.day);
    case 'b':
      return scanner.MonthName(fields.month);
    case 'H':
    case 'I':
      return scanner.Number(1, 2, fields.hour);
    case 'M':
      return scanner.Number(2, 2, fields.minute);
    case 'S':
      return scanner.Number(2, 2, fields.second);
    case 'f':
      return scanner.Fraction(fields.millis);
    case 'p':
      return scanner.HalfOfDay(fields.afternoon);
    case 'z':
      return scanner.Offset(fields.offset);
    default:
      return scanner.Take(directive);  // %%
  }
}

std::optional<TimeFields> Match(std::string_view pattern, std::string_view text) {
  Scanner scanner(text);
  TimeFields fields;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const bool good =
        pattern[i] == '%' ? ReadDirective(pattern[++i], scanner, fields) : scanner.Take(pattern[i]);
    if (!good) {
      return std::nullopt;
    }
  }
  if (fields.afternoon) {
    if (fields.hour < 1 || fields.hour > 12) {
      return std::nullopt;
    }
    fields.hour = fields.hour % 12 + (*fields.afternoon ? 12 : 0);
  }
  return scanner.AtEnd() && fields.hour < 24 && fields.minute < 60 && fields.second < 60
             ? std::optional(fields)
             : std::nullopt;
}

std::optional<Date> DayOf(const TimeFields& fields) {
  const std::chrono::year_month_day day = std::chrono::year{fields.year} /
                                          std::chrono::month{static_cast<unsigned>(fields.month)} /
                                          std::chrono::day{static_cast<unsigned>(fields.day)};
  return day.ok() && fields.year >= 1 ? std::optional(Date(day)) : std::nullopt;
}

std::optional<Instant> InstantOf(const TimeFields& fields, const TimeZone* zone) {
  const std::optional<Date> day = DayOf(fields);
  if (!day || (!fields.offset && zone == nullptr)) {
    return std::nullopt;
  }
  const std::chrono::seconds time{fields.hour * 3600 + fields.minute * 60 + fields.second};
  const Duration millis{fields.millis};
  const Instant instant =
      fields.offset ? Instant(*day) + time - *fields.offset : zone->InstantOf(*day, time);
  return instant >= kMinInstant && instant <= kMaxInstant ? std::optional(instant + millis)
                                                          : std::nullopt;
}

std::optional<Instant> FromUnix(std::string_view text, bool millis) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  constexpr std::int64_t kSecondsMax = 253'402'300'799;  // the end of the year 9999
  const std::int64_t limit = millis ? kSecondsMax * 1000 : kSecondsMax;
  if (error != std::errc() || end != text.data() + text.size() || number > limit ||
      number < -limit) {
    return std::nullopt;
  }
  const Instant instant = InstantFromMillis(millis ? number : number * 1000);
  return instant >= kMinInstant ? std::optional(instant) : std::nullopt;
}

}  // namespace

std::optional<TimeFormat> TimeFormat::Parse(std::string_view pattern, std::string& problem) {
  TimeFormat format;
  format.pattern_ = pattern;
  if (pattern == "unix" || pattern == "unix_ms") {
    format.kind_ = pattern == "unix" ? Kind::kUnix : Kind::kUnixMillis;
    return format;
  }
  format.kind_ = Kind::kPattern;
  constexpr std::string_view kDirectives = "YymdebHIMSfpz%";
  bool has_year = false;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] != '%') {
      continue;
    }
    ++i;
    if (i >= pattern.size() || kDirectives.find(pattern[i]) == std::string_view::npos) {
      problem =
          "a pattern is made of %Y %y %m %d %e %b %H %I %M %S %f %p %z and other characters, or "
          "is 'unix' or 'unix_ms'";
      return std::nullopt;
    }
    has_year = has_year || pattern[i] == 'Y' || pattern[i] == 'y';
  }
  if (!has_year) {
    problem = "the pattern says nothing about the year; begin with '%Y-%m-%d' or the like";
    return std::nullopt;
  }
  return format;
}

std::optional<Instant> TimeFormat::ReadInstant(std::string_view text, const TimeZone* zone) const {
  switch (kind_) {
    case Kind::kUnix:
    case Kind::kUnixMillis:
      return FromUnix(text, kind_ == Kind::kUnixMillis);
    case Kind::kPattern: {
      const std::optional<TimeFields> fields = Match(pattern_, text);
      return fields ? InstantOf(*fields, zone) : std::nullopt;
    }
    case Kind::kRfc3339:
      break;
  }
  if (const std::optional<Instant> instant = ParseInstant(text); instant || zone == nullptr) {
    return instant;
  }
  for (const char* const pattern :
       {"%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M",
        "%Y-%m-%dT%H:%M:%S.%f", "%Y-%m-%d %H:%M:%S.%f"}) {
    if (const std::optional<TimeFields> fields = Match(pattern, text)) {
      return InstantOf(*fields, zone);
    }
  }
  return std::nullopt;
}

std::optional<Date> TimeFormat::ReadDate(std::string_view text) const {
  if (kind_ != Kind::kPattern) {
    return ParseDate(text);
  }
  const std::optional<TimeFields> fields = Match(pattern_, text);
  return fields ? DayOf(*fields) : std::nullopt;
}

}  // namespace kulanz::command
