#include "service/domain/time.h"

#include <array>

namespace kulanz {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using std::chrono::sys_days;
using std::chrono::year_month_day;

void AppendDigits(std::string& out, std::int64_t value, std::size_t width) {
  const std::string digits = std::to_string(value);
  out.append(width > digits.size() ? width - digits.size() : 0, '0');
  out += digits;
}

void AppendDate(std::string& out, sys_days day) {
  const year_month_day ymd(day);
  AppendDigits(out, static_cast<int>(ymd.year()), 4);
  out += '-';
  AppendDigits(out, static_cast<unsigned>(ymd.month()), 2);
  out += '-';
  AppendDigits(out, static_cast<unsigned>(ymd.day()), 2);
}

// Reads from the front of `text`; each fails without a partial result.
bool TakeChar(std::string_view& text, char wanted) {
  if (text.empty() || text.front() != wanted) {
    return false;
  }
  text.remove_prefix(1);
  return true;
}
bool TakeDigits(std::string_view& text, std::size_t count, int& value) {
  if (text.size() < count) {
    return false;
  }
  value = 0;
  for (const char c : text.substr(0, count)) {
    if (c < '0' || c > '9') {
      return false;
    }
    value = value * 10 + (c - '0');
  }
  text.remove_prefix(count);
  return true;
}
bool TakeDate(std::string_view& text, sys_days& day) {
  int y = 0;
  int m = 0;
  int d = 0;
  if (!TakeDigits(text, 4, y) || !TakeChar(text, '-') || !TakeDigits(text, 2, m) ||
      !TakeChar(text, '-') || !TakeDigits(text, 2, d)) {
    return false;
  }
  const year_month_day ymd{std::chrono::year(y), std::chrono::month(static_cast<unsigned>(m)),
                           std::chrono::day(static_cast<unsigned>(d))};
  day = sys_days(ymd);
  return y >= 1 && ymd.ok();
}
bool TakeTime(std::string_view& text, Duration& time_of_day) {
  int h = 0;
  int m = 0;
  int s = 0;
  if (!TakeDigits(text, 2, h) || !TakeChar(text, ':') || !TakeDigits(text, 2, m) ||
      !TakeChar(text, ':') || !TakeDigits(text, 2, s) || h > 23 || m > 59 || s > 59) {
    return false;
  }
  time_of_day = hours(h) + minutes(m) + seconds(s);
  if (TakeChar(text, '.')) {
    int fraction = 0;
    std::size_t digits = 0;
    while (digits < text.size() && text[digits] >= '0' && text[digits] <= '9') {
      ++digits;
    }
    constexpr std::array<int, 4> kMillisPerUnit = {0, 100, 10, 1};
    if (digits == 0 || digits > 3 || !TakeDigits(text, digits, fraction)) {
      return false;
    }
    time_of_day += Duration(fraction * kMillisPerUnit[digits]);
  }
  return true;
}
bool TakeOffset(std::string_view& text, Duration& offset) {
  offset = Duration(0);
  if (TakeChar(text, 'Z') || TakeChar(text, 'z')) {
    return true;
  }
  const bool west = !text.empty() && text.front() == '-';
  int h = 0;
  int m = 0;
  if ((!TakeChar(text, '+') && !TakeChar(text, '-')) || !TakeDigits(text, 2, h) ||
      !TakeChar(text, ':') || !TakeDigits(text, 2, m) || h > 23 || m > 59) {
    return false;
  }
  offset = hours(west ? -h : h) + minutes(west ? -m : m);
  return true;
}

}  // namespace

std::string FormatInstant(Instant instant) {
  const auto day = std::chrono::floor<days>(instant);
  const std::int64_t millis = (instant - day).count();
  std::string text;
  AppendDate(text, day);
  text += 'T';
  AppendDigits(text, millis / 3'600'000, 2);
  text += ':';
  AppendDigits(text, millis / 60'000 % 60, 2);
  text += ':';
  AppendDigits(text, millis / 1000 % 60, 2);
  if (millis % 1000 != 0) {
    text += '.';
    AppendDigits(text, millis % 1000, 3);
  }
  text += 'Z';
  return text;
}

std::optional<Instant> ParseInstant(std::string_view text) {
  sys_days day;
  Duration time_of_day{0};
  Duration offset{0};
  if (!TakeDate(text, day) || (!TakeChar(text, 'T') && !TakeChar(text, 't')) ||
      !TakeTime(text, time_of_day) || !TakeOffset(text, offset) || !text.empty()) {
    return std::nullopt;
  }
  const Instant instant = Instant(day) + time_of_day - offset;
  if (instant < kMinInstant || instant > kMaxInstant) {
    return std::nullopt;
  }
  return instant;
}

std::string FormatDate(Date date) {
  std::string text;
  AppendDate(text, date);
  return text;
}

std::optional<Date> ParseDate(std::string_view text) {
  sys_days day;
  if (!TakeDate(text, day) || !text.empty()) {
    return std::nullopt;
  }
  return day;
}

}  // namespace kulanz
