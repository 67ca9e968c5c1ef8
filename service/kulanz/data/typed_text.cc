#include "service/kulanz/data/typed_text.h"

#include <array>
#include <charconv>
#include <cstdint>
#include <utility>

#include "service/domain/decimal.h"
#include "service/domain/money.h"
#include "service/domain/time.h"

namespace kulanz::command {
namespace {

// 10,000 years, as much as any server takes.
constexpr std::int64_t kSecondsMax = 315'576'000'000;

constexpr std::array<std::pair<std::string_view, TextType>, 10> kTypes = {{
    {"auto", TextType::kAuto},
    {"bool", TextType::kBool},
    {"int", TextType::kInt},
    {"decimal", TextType::kDecimal},
    {"money", TextType::kMoney},
    {"string", TextType::kString},
    {"timestamp", TextType::kTimestamp},
    {"date", TextType::kDate},
    {"seconds", TextType::kSeconds},
    {"list", TextType::kList},
}};

std::optional<std::int64_t> ToInt(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() ? std::optional(number)
                                                                  : std::nullopt;
}

TextType Guess(std::string_view text) {
  if (text == "true" || text == "false") {
    return TextType::kBool;
  }
  if (ToInt(text)) {
    return TextType::kInt;
  }
  if (ParseInstant(text)) {
    return TextType::kTimestamp;
  }
  if (ParseDate(text)) {
    return TextType::kDate;
  }
  return Decimal::Parse(text) ? TextType::kDecimal : TextType::kString;
}

AttributeList SplitList(std::string_view text) {
  AttributeList values;
  while (!text.empty()) {
    const std::size_t end = text.find(';');
    values.emplace_back(std::string(text.substr(0, end)));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return values;
}

template <typename T>
std::optional<AttributeValue> Widened(std::optional<T> value) {
  return value ? std::optional<AttributeValue>(*std::move(value)) : std::nullopt;
}

}  // namespace

std::optional<TextType> ParseTextType(std::string_view name) {
  for (const auto& [known, type] : kTypes) {
    if (known == name) {
      return type;
    }
  }
  return std::nullopt;
}

std::optional<AttributeValue> ParseAttribute(std::string_view text, TextType type) {
  switch (type) {
    case TextType::kAuto:
      return ParseAttribute(text, Guess(text));
    case TextType::kBool:
      if (text == "true" || text == "1") {
        return true;
      }
      return text == "false" || text == "0" ? std::optional<AttributeValue>(false) : std::nullopt;
    case TextType::kInt:
      return Widened(ToInt(text));
    case TextType::kSeconds: {
      const std::optional<std::int64_t> seconds = ToInt(text);
      return seconds && *seconds >= -kSecondsMax && *seconds <= kSecondsMax
                 ? std::optional<AttributeValue>(Duration{std::chrono::seconds{*seconds}})
                 : std::nullopt;
    }
    case TextType::kDecimal:
      return Widened(Decimal::Parse(text));
    case TextType::kMoney: {
      const std::size_t space = text.find(' ');
      return space == std::string_view::npos
                 ? std::nullopt
                 : Widened(ParseAmount(text.substr(0, space), text.substr(space + 1)));
    }
    case TextType::kString:
      return std::string(text);
    case TextType::kTimestamp:
      return Widened(ParseInstant(text));
    case TextType::kDate:
      return Widened(ParseDate(text));
    case TextType::kList:
      return SplitList(text);
  }
  return std::nullopt;
}

std::optional<Money> ParseAmount(std::string_view number, std::string_view currency) {
  const std::optional<Currency> known = Currency::FromCode(currency);
  return known ? Money::Parse(number, *known) : std::nullopt;
}

}  // namespace kulanz::command
