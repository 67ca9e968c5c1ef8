#include "service/cel/debug_text.h"

#include <algorithm>
#include <vector>

#include "service/cel/number_text.h"
#include "service/cel/time_text.h"
#include "service/cel/utf8.h"

namespace kulanz::cel {
namespace {

// Values nest no deeper than the expressions that build them, but a host may hand in anything.
constexpr int kShownDepthMax = 64;

void AppendUint(std::uint64_t number, TextBuilder& out) {
  if (number >= 10) {
    AppendUint(number / 10, out);
  }
  out.Append(static_cast<char>('0' + number % 10));
}

// Exact, without the heap: the digits of coefficient with the dot where the scale says.
void AppendDecimal(Decimal decimal, TextBuilder& out) {
  const std::int64_t coefficient = decimal.coefficient();
  std::uint64_t magnitude = coefficient < 0 ? 0U - static_cast<std::uint64_t>(coefficient)
                                            : static_cast<std::uint64_t>(coefficient);
  char digits[48];
  char* const end = std::end(digits);
  char* begin = end;
  for (int place = 0; magnitude > 0 || place <= decimal.scale(); ++place) {
    if (place == decimal.scale() && place > 0) {
      *--begin = '.';
    }
    *--begin = static_cast<char>('0' + magnitude % 10);
    magnitude /= 10;
  }
  if (coefficient < 0) {
    *--begin = '-';
  }
  out.Append(std::string_view(begin, static_cast<std::size_t>(end - begin)));
}

void AppendDate(Date date, TextBuilder& out) {
  const std::chrono::year_month_day ymd(date);
  out.AppendPadded(static_cast<int>(ymd.year()), 4);
  out.Append('-');
  out.AppendPadded(static_cast<unsigned>(ymd.month()), 2);
  out.Append('-');
  out.AppendPadded(static_cast<unsigned>(ymd.day()), 2);
}

enum class Style { kFormat, kExpression };
bool AppendValue(const Value& value, Style style, int depth, TextBuilder& out);

bool AppendList(const Value& value, Style style, int depth, TextBuilder& out) {
  bool known = true;
  out.Append('[');
  std::string_view separator;
  for (const Value& item : value.as_list()) {
    out.Append(separator);
    known = AppendValue(item, style, depth + 1, out) && known;
    separator = ", ";
  }
  out.Append(']');
  return known;
}

// An entry's "key" and the entry, for sorting by text without the heap.
bool AppendMap(const Value& value, Style style, int depth, TextBuilder& out) {
  const std::span<const MapEntry> entries = value.as_map();
  bool known = true;
  out.Append('{');
  std::string_view separator;
  const auto append = [&](const MapEntry& entry) {
    out.Append(separator);
    known = AppendValue(entry.key, style, depth + 1, out) && known;
    out.Append(": ");
    known = AppendValue(entry.value, style, depth + 1, out) && known;
    separator = ", ";
  };
  // By text, numbers come before letters; by key, bools come first: {1: a, 2: b, true: c}.
  for (const MapEntry& entry : entries) {
    if (entry.key.kind() == Kind::kInt || entry.key.kind() == Kind::kUint) {
      append(entry);
    }
  }
  const auto is_bool = [](const MapEntry& entry) { return entry.key.kind() == Kind::kBool; };
  const auto less_than_bool = [&](const MapEntry& entry, std::string_view text) {
    return entry.key.kind() == Kind::kString && entry.key.as_string() < text;
  };
  std::size_t strings = 0;
  while (strings < entries.size() && entries[strings].key.kind() != Kind::kString) {
    ++strings;
  }
  for (const MapEntry& entry : entries) {
    if (!is_bool(entry)) {
      continue;
    }
    const std::string_view text = entry.key.as_bool() ? "true" : "false";
    while (strings < entries.size() && less_than_bool(entries[strings], text)) {
      append(entries[strings++]);
    }
    append(entry);
  }
  while (strings < entries.size()) {
    append(entries[strings++]);
  }
  out.Append('}');
  return known;
}

// {minutes: 200, since: 2026-04-01}: the fields that are there.
bool AppendRecord(const Value& value, Style style, int depth, TextBuilder& out) {
  bool known = true;
  out.Append('{');
  std::string_view separator;
  for (const MapEntry& field : value.as_map()) {
    if (!field.value.is_absent()) {
      out.Append(separator);
      out.Append(field.key.as_string());
      out.Append(": ");
      known = AppendValue(field.value, style, depth + 1, out) && known;
      separator = ", ";
    }
  }
  out.Append('}');
  return known;
}

bool AppendValue(const Value& value, Style style, int depth, TextBuilder& out) {
  if (out.failed()) {
    return true;  // shared parts may unfold without end; Finish() tells
  }
  if (depth > kShownDepthMax) {
    out.Append("...");
    return true;
  }
  const bool quoted = style == Style::kExpression;
  switch (value.kind()) {
    case Kind::kAbsent:
      out.Append("absent");
      return false;
    case Kind::kError:
      out.Append("error: ");
      out.Append(value.error_text());
      return false;
    case Kind::kNull:
      out.Append("null");
      return true;
    case Kind::kBool:
      out.Append(value.as_bool() ? "true" : "false");
      return true;
    case Kind::kInt:
      out.AppendPadded(value.as_int(), 1);
      return true;
    case Kind::kUint:
      AppendUint(value.as_uint(), out);
      out.Append(quoted ? "u" : "");
      return true;
    case Kind::kDouble:
      AppendDouble(value.as_double(), out);
      return true;
    case Kind::kString:
    case Kind::kBytes:
      if (!quoted) {
        out.Append(value.as_string());
        return value.kind() == Kind::kString || utf8::IsValid(value.as_string());
      }
      out.Append(value.kind() == Kind::kBytes ? "b" : "");
      AppendQuoted(value.as_string(), out);
      return true;
    case Kind::kList:
      return AppendList(value, style, depth, out);
    case Kind::kMap:
      return AppendMap(value, style, depth, out);
    case Kind::kRecord:
      return AppendRecord(value, style, depth, out);
    case Kind::kType:
      out.Append(value.as_string());
      return true;
    case Kind::kTimestamp:
      AppendTimestamp(value.as_timestamp(), out);
      return true;
    case Kind::kDuration:
      AppendDuration(value.as_duration(), out);
      return true;
    case Kind::kOptional:
      out.Append(value.has_value() ? "optional.of(" : "optional.none()");
      if (value.has_value()) {
        AppendValue(value.held(), style, depth + 1, out);
        out.Append(')');
      }
      return false;
    case Kind::kDecimal:
      AppendDecimal(value.as_decimal(), out);
      return true;
    case Kind::kMoney:
      AppendDecimal(value.as_decimal(), out);
      out.Append(' ');
      out.Append(value.as_money().currency.code());
      return true;
    case Kind::kDate:
      AppendDate(value.as_date(), out);
      return true;
  }
  return false;
}

}  // namespace

bool AppendFormatted(const Value& value, TextBuilder& out) {
  return AppendValue(value, Style::kFormat, 0, out);
}

void AppendQuoted(std::string_view text, TextBuilder& out) {
  static constexpr std::string_view kSpecial = "\a\b\f\n\r\t\v\\\"";
  static constexpr std::string_view kNames = "abfnrtv\\\"";
  out.Append('"');
  for (const char c : text) {
    if (const std::size_t at = kSpecial.find(c); at != std::string_view::npos) {
      out.Append('\\');
      out.Append(kNames[at]);
    } else {
      out.Append(c);
    }
  }
  out.Append('"');
}

std::string DebugString(const Value& value) {
  Arena arena;
  return std::string(DebugText(value, arena));
}

std::string_view DebugText(const Value& value, Arena& arena) {
  CallContext context(arena, INT64_MAX);
  TextBuilder builder(context, 64);
  AppendValue(value, Style::kExpression, 0, builder);
  return builder.text();
}

}  // namespace kulanz::cel
