#include "service/cel/time_text.h"

#include <limits>

#include "service/base/ascii.h"
#include "service/domain/time.h"

namespace kulanz::cel {
namespace {

constexpr std::int64_t kSecondsPerDay = 86'400;

// ".5" as nanoseconds, with at most nine digits; nothing for none or more.
std::optional<std::int32_t> TakeFraction(std::string_view& text) {
  std::int32_t nanos = 0;
  std::size_t digits = 0;
  for (; digits < text.size() && IsDigit(text[digits]); ++digits) {
    if (digits >= 9) {
      return std::nullopt;
    }
    nanos = nanos * 10 + (text[digits] - '0');
  }
  if (digits == 0) {
    return std::nullopt;
  }
  text.remove_prefix(digits);
  for (; digits < 9; ++digits) {
    nanos *= 10;
  }
  return nanos;
}

void AppendFraction(std::int64_t nanos, TextBuilder& out) {
  if (nanos == 0) {
    return;
  }
  std::size_t width = 9;
  while (nanos % 10 == 0) {
    nanos /= 10;
    --width;
  }
  out.Append('.');
  out.AppendPadded(nanos, width);
}

struct Unit {
  std::string_view name;
  std::int64_t nanos;
};
constexpr Unit kUnits[] = {
    {"h", 3600 * kNanosPerSecond},
    {"ms", 1'000'000},
    {"m", 60 * kNanosPerSecond},
    {"us", 1000},
    {"µs", 1000},
    {"μs", 1000},
    {"ns", 1},
    {"s", kNanosPerSecond},
};

// One "1.5h" as nanoseconds, added to `sum`; false when malformed or too large.
bool TakePart(std::string_view& text, std::uint64_t& sum) {
  std::uint64_t whole = 0;
  std::uint64_t fraction = 0;
  std::uint64_t scale = 1;
  std::size_t digits = 0;
  for (; !text.empty() && IsDigit(text.front()); ++digits, text.remove_prefix(1)) {
    if (__builtin_mul_overflow(whole, std::uint64_t{10}, &whole) ||
        __builtin_add_overflow(whole, static_cast<std::uint64_t>(text.front() - '0'), &whole)) {
      return false;
    }
  }
  if (!text.empty() && text.front() == '.') {
    text.remove_prefix(1);
    for (; !text.empty() && IsDigit(text.front()); ++digits, text.remove_prefix(1)) {
      // Digits below the femtosecond change nothing.
      if (scale < 1'000'000'000'000'000) {
        fraction = fraction * 10 + static_cast<std::uint64_t>(text.front() - '0');
        scale *= 10;
      }
    }
  }
  if (digits == 0) {
    return false;
  }
  for (const Unit& unit : kUnits) {
    if (text.substr(0, unit.name.size()) == unit.name) {
      text.remove_prefix(unit.name.size());
      const auto nanos = static_cast<std::uint64_t>(unit.nanos);
      std::uint64_t part = 0;
      __extension__ using Wide = unsigned __int128;
      const auto rest = static_cast<std::uint64_t>(Wide{fraction} * nanos / scale);
      return !__builtin_mul_overflow(whole, nanos, &part) &&
             !__builtin_add_overflow(part, rest, &part) && !__builtin_add_overflow(sum, part, &sum);
    }
  }
  return false;
}

}  // namespace

std::optional<Timestamp> ParseTimestamp(std::string_view text) {
  // The fraction has up to nine digits here, but three in the domain's reader: read it apart.
  constexpr std::size_t kFractionAt = std::string_view("2009-02-13T23:31:30").size();
  std::int32_t nanos = 0;
  if (text.size() > kFractionAt && text[kFractionAt] == '.') {
    std::string_view rest = text.substr(kFractionAt + 1);
    const std::optional<std::int32_t> fraction = TakeFraction(rest);
    if (!fraction) {
      return std::nullopt;
    }
    nanos = *fraction;
    char whole[kFractionAt + 8] = {};
    if (rest.size() > 6) {
      return std::nullopt;
    }
    text.copy(whole, kFractionAt);
    rest.copy(whole + kFractionAt, rest.size());
    const std::optional<Instant> instant =
        ParseInstant(std::string_view(whole, kFractionAt + rest.size()));
    if (!instant) {
      return std::nullopt;
    }
    return Timestamp{ToMillis(*instant) / 1000, nanos};
  }
  const std::optional<Instant> instant = ParseInstant(text);
  if (!instant) {
    return std::nullopt;
  }
  return Timestamp{ToMillis(*instant) / 1000, 0};
}

void AppendTimestamp(Timestamp timestamp, TextBuilder& out) {
  const std::int64_t day =
      timestamp.seconds / kSecondsPerDay - (timestamp.seconds % kSecondsPerDay < 0 ? 1 : 0);
  const std::int64_t second = timestamp.seconds - day * kSecondsPerDay;
  const std::chrono::year_month_day date{Date(std::chrono::days(day))};
  out.AppendPadded(static_cast<int>(date.year()), 4);
  out.Append('-');
  out.AppendPadded(static_cast<unsigned>(date.month()), 2);
  out.Append('-');
  out.AppendPadded(static_cast<unsigned>(date.day()), 2);
  out.Append('T');
  out.AppendPadded(second / 3600, 2);
  out.Append(':');
  out.AppendPadded(second / 60 % 60, 2);
  out.Append(':');
  out.AppendPadded(second % 60, 2);
  AppendFraction(timestamp.nanos, out);
  out.Append('Z');
}

std::optional<std::chrono::nanoseconds> ParseDuration(std::string_view text) {
  const bool negative = !text.empty() && text.front() == '-';
  if (negative || (!text.empty() && text.front() == '+')) {
    text.remove_prefix(1);
  }
  if (text == "0") {
    return std::chrono::nanoseconds(0);
  }
  if (text.empty()) {
    return std::nullopt;
  }
  std::uint64_t sum = 0;
  while (!text.empty()) {
    if (!TakePart(text, sum)) {
      return std::nullopt;
    }
  }
  constexpr auto kMax = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  if (sum > kMax + (negative ? 1U : 0U)) {
    return std::nullopt;
  }
  return std::chrono::nanoseconds(static_cast<std::int64_t>(negative ? 0U - sum : sum));
}

std::optional<std::chrono::seconds> ParseTimeOfDay(std::string_view text) {
  const auto digit = [text](std::size_t i) { return text[i] >= '0' && text[i] <= '9'; };
  if (text.size() != 5 || text[2] != ':' || !digit(0) || !digit(1) || !digit(3) || !digit(4)) {
    return std::nullopt;
  }
  const int hour = (text[0] - '0') * 10 + (text[1] - '0');
  const int minute = (text[3] - '0') * 10 + (text[4] - '0');
  return hour < 24 && minute < 60 ? std::optional<std::chrono::seconds>(
                                        std::chrono::hours(hour) + std::chrono::minutes(minute))
                                  : std::nullopt;
}

void AppendDuration(std::chrono::nanoseconds duration, TextBuilder& out) {
  const std::int64_t nanos = duration.count();
  if (nanos < 0) {
    out.Append('-');
  }
  // By halves: the smallest int64 has no negation, its quotient and rest have.
  const std::int64_t seconds = nanos / kNanosPerSecond;
  const std::int64_t rest = nanos % kNanosPerSecond;
  out.AppendPadded(seconds < 0 ? -seconds : seconds, 1);
  AppendFraction(rest < 0 ? -rest : rest, out);
  out.Append('s');
}

}  // namespace kulanz::cel
