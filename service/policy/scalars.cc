#include "service/policy/scalars.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <vector>

#include "service/base/ascii.h"
#include "service/policy/diagnostic_ids.h"
#include "service/policy/suggest.h"

namespace kulanz::policy {
namespace {

bool IsUpper(char c) { return c >= 'A' && c <= 'Z'; }

std::string Quoted(std::string_view text) { return "'" + std::string(text) + "'"; }

// -?(0|[1-9][0-9]*)
bool LooksLikeInteger(std::string_view text) {
  if (text.starts_with('-')) {
    text.remove_prefix(1);
  }
  return !text.empty() && std::all_of(text.begin(), text.end(), IsDigit) &&
         (text.size() == 1 || text.front() != '0');
}

// What YAML 1.1 or 1.2 readers take for something else than text when it stands without quotes.
bool IsAmbiguous(std::string_view text) {
  static constexpr std::array<std::string_view, 8> kWords = {"true", "false", "yes", "no",
                                                             "on",   "off",   "y",   "n"};
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return IsUpper(c) ? static_cast<char>(c - 'A' + 'a') : c; });
  if (std::find(kWords.begin(), kWords.end(), lower) != kWords.end()) {
    return true;
  }
  const bool numeric = std::all_of(text.begin(), text.end(), [](char c) {
    return IsDigit(c) || c == '.' || c == '-' || c == '+' || c == 'e' || c == 'E' || c == '_' ||
           c == ':';
  });
  return numeric && std::any_of(text.begin(), text.end(), IsDigit);
}

bool CheckScalar(const FileContext& context, const Node& node, std::string_view wanted) {
  if (node.is_scalar()) {
    return true;
  }
  context.Error(node, diagnostic_id::kWrongShape,
                "expected " + std::string(wanted) + ", not " + std::string(ShapeName(node)));
  return false;
}

struct Unit {
  std::string_view suffix;
  Duration length;
};
constexpr std::array<Unit, 6> kUnits = {{{"w", std::chrono::hours(7 * 24)},
                                         {"d", std::chrono::hours(24)},
                                         {"h", std::chrono::hours(1)},
                                         {"m", std::chrono::minutes(1)},
                                         {"s", std::chrono::seconds(1)},
                                         {"ms", Duration(1)}}};

std::optional<Duration> ParseDuration(std::string_view text) {
  const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
  // 9 digits of weeks are 6 * 10^17 milliseconds, which fit 64 bits.
  if (digits == 0 || digits > 9 || (digits > 1 && text.front() == '0')) {
    return std::nullopt;
  }
  std::int64_t count = 0;
  std::from_chars(text.data(), text.data() + digits, count);
  for (const Unit& unit : kUnits) {
    if (text.substr(digits) == unit.suffix) {
      return unit.length * count;
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> ReadRaw(const FileContext& context, const Node& node) {
  if (!CheckScalar(context, node, "an expression")) {
    return std::nullopt;
  }
  return node.text;
}

std::optional<std::string> ReadText(const FileContext& context, const Node& node,
                                    std::size_t bytes_max) {
  if (!CheckScalar(context, node, "text")) {
    return std::nullopt;
  }
  if (node.plain && IsAmbiguous(node.text)) {
    context.Error(node, diagnostic_id::kAmbiguousText,
                  Quoted(node.text) + " could be read as a number or a boolean",
                  "put it in quotes: \"" + node.text + "\"");
    return std::nullopt;
  }
  const bool one_line = std::none_of(node.text.begin(), node.text.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20U || c == 0x7F;
  });
  if (node.text.empty() || node.text.size() > bytes_max || !one_line) {
    context.Error(node, diagnostic_id::kBadText,
                  node.text.empty() ? "the text is empty"
                  : one_line        ? "the text has " + std::to_string(node.text.size()) +
                                   " bytes; at most " + std::to_string(bytes_max) + " are allowed"
                             : "the text must be a single line without control characters");
    return std::nullopt;
  }
  return node.text;
}

bool IsName(std::string_view text, char separator) {
  return !text.empty() && text.size() <= kNameLengthMax && IsLower(text.front()) &&
         std::all_of(text.begin(), text.end(),
                     [separator](char c) { return IsLower(c) || IsDigit(c) || c == separator; });
}

std::optional<std::string> ReadName(const FileContext& context, const Node& node, char separator) {
  std::optional<std::string> text = ReadText(context, node, 1024);
  if (text && !IsName(*text, separator)) {
    context.Error(node, diagnostic_id::kBadName, Quoted(*text) + " is not a name",
                  "a name is a lower-case letter, then lower-case letters, digits and '" +
                      std::string(1, separator) + "', at most " + std::to_string(kNameLengthMax));
    return std::nullopt;
  }
  return text;
}

std::optional<std::string> ReadReason(const FileContext& context, const Node& node) {
  std::optional<std::string> text = ReadText(context, node, 1024);
  if (!text) {
    return std::nullopt;
  }
  const bool good = text->size() <= 63 && IsUpper(text->front()) &&
                    std::all_of(text->begin(), text->end(),
                                [](char c) { return IsUpper(c) || IsDigit(c) || c == '_'; });
  if (!good) {
    context.Error(
        node, diagnostic_id::kBadName, Quoted(*text) + " is not a reason",
        "a reason is written in capitals, digits and '_', e.g. NOT_OUR_FAULT, at most 63");
    return std::nullopt;
  }
  return text;
}

std::optional<std::int64_t> ReadInteger(const FileContext& context, const Node& node,
                                        std::int64_t min, std::int64_t max) {
  if (!CheckScalar(context, node, "a whole number")) {
    return std::nullopt;
  }
  const std::string_view text = node.text;
  if (!node.plain || !LooksLikeInteger(text)) {
    context.Error(node, diagnostic_id::kBadInteger, Quoted(text) + " is not a whole number",
                  "write digits only, without leading zeros, separators or quotes");
    return std::nullopt;
  }
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || value < min || value > max) {
    context.Error(node, diagnostic_id::kOutOfRange, std::string(text) + " is out of range",
                  "allowed are " + std::to_string(min) + " to " + std::to_string(max));
    return std::nullopt;
  }
  return value;
}

std::optional<bool> ReadBoolean(const FileContext& context, const Node& node) {
  if (!CheckScalar(context, node, "true or false")) {
    return std::nullopt;
  }
  if (node.plain && (node.text == "true" || node.text == "false")) {
    return node.text == "true";
  }
  context.Error(node, diagnostic_id::kBadBoolean, Quoted(node.text) + " is not a boolean",
                "write true or false, without quotes");
  return std::nullopt;
}

std::optional<Date> ReadDate(const FileContext& context, const Node& node) {
  if (!CheckScalar(context, node, "a date")) {
    return std::nullopt;
  }
  std::optional<Date> date = ParseDate(node.text);
  if (!date) {
    context.Error(node, diagnostic_id::kBadDate, Quoted(node.text) + " is not a date",
                  "write year-month-day, e.g. 2026-03-01");
  }
  return date;
}

std::optional<Duration> ReadDuration(const FileContext& context, const Node& node,
                                     DurationRange range) {
  if (!CheckScalar(context, node, "a duration")) {
    return std::nullopt;
  }
  const std::optional<Duration> duration = ParseDuration(node.text);
  if (!duration) {
    context.Error(node, diagnostic_id::kBadDuration, Quoted(node.text) + " is not a duration",
                  "write a number and a unit: 90d, 72h, 10m, 30s, 2w");
    return std::nullopt;
  }
  if (*duration < range.min || *duration > range.max) {
    context.Error(node, diagnostic_id::kOutOfRange, node.text + " is out of range",
                  "allowed are " + DurationText(range.min) + " to " + DurationText(range.max));
    return std::nullopt;
  }
  return duration;
}

std::optional<int> ReadDays(const FileContext& context, const Node& node, int max) {
  const std::optional<Duration> duration =
      ReadDuration(context, node, {.min = kOneDay, .max = kOneDay * max});
  if (!duration) {
    return std::nullopt;
  }
  if (!node.text.ends_with('d') && !node.text.ends_with('w')) {
    context.Error(node, diagnostic_id::kBadDuration,
                  Quoted(node.text) + " does not count days of the calendar",
                  "write days or weeks, e.g. 180d or 26w");
    return std::nullopt;
  }
  return static_cast<int>(*duration / kOneDay);
}

std::string DurationText(Duration duration) {
  for (const Unit& unit : kUnits) {
    const bool is_weeks = unit.suffix == "w";
    if (!is_weeks && duration % unit.length == Duration(0) && duration != Duration(0)) {
      return std::to_string(duration / unit.length) + std::string(unit.suffix);
    }
  }
  return "0s";
}

std::optional<Currency> ReadCurrency(const FileContext& context, const Node& node) {
  const std::optional<std::string> text = ReadText(context, node, 1024);
  if (!text) {
    return std::nullopt;
  }
  const std::optional<Currency> currency = Currency::FromCode(*text);
  if (!currency) {
    context.Error(node, diagnostic_id::kUnknownCurrency, Quoted(*text) + " is not a currency",
                  "write its ISO 4217 code, e.g. EUR");
  }
  return currency;
}

std::optional<std::size_t> ReadWord(const FileContext& context, const Node& node,
                                    std::span<const std::string_view> words) {
  if (!CheckScalar(context, node, "a word")) {
    return std::nullopt;
  }
  // `off` is a word here although it looks like a boolean: no field takes both.
  const auto word = std::find(words.begin(), words.end(), node.text);
  if (word != words.end()) {
    return static_cast<std::size_t>(word - words.begin());
  }
  context.Error(node, diagnostic_id::kUnknownWord, "unknown word " + Quoted(node.text),
                DidYouMean(node.text, words, "allowed are"));
  return std::nullopt;
}

}  // namespace kulanz::policy
