#include "service/kulanz/typed_text.h"

#include <array>
#include <charconv>
#include <cstdint>
#include <utility>

#include "service/domain/decimal.h"
#include "service/domain/money.h"
#include "service/domain/time.h"

namespace kulanz::command {
namespace {

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

void SetList(std::string_view text, v1::StringList& out) {
  while (!text.empty()) {
    const std::size_t end = text.find(';');
    out.add_values(std::string(text.substr(0, end)));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
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

bool SetAttribute(std::string_view text, TextType type, v1::AttributeValue& out) {
  switch (type) {
    case TextType::kAuto:
      return SetAttribute(text, Guess(text), out);
    case TextType::kBool:
      out.set_bool_value(text == "true" || text == "1");
      return text == "true" || text == "false" || text == "1" || text == "0";
    case TextType::kInt:
    case TextType::kSeconds: {
      const std::optional<std::int64_t> number = ToInt(text);
      if (!number) {
        return false;
      }
      if (type == TextType::kInt) {
        out.set_int_value(*number);
      } else {
        out.mutable_duration_value()->set_seconds(*number);
      }
      return true;
    }
    case TextType::kDecimal:
      out.set_decimal_value(std::string(text));
      return Decimal::Parse(text).has_value();
    case TextType::kMoney: {
      const std::size_t space = text.find(' ');
      return space != std::string_view::npos &&
             SetMoney(text.substr(0, space), text.substr(space + 1), *out.mutable_money_value());
    }
    case TextType::kString:
      out.set_string_value(std::string(text));
      return true;
    case TextType::kTimestamp:
      return SetTimestamp(text, *out.mutable_timestamp_value());
    case TextType::kDate:
      out.set_date_value(std::string(text));
      return ParseDate(text).has_value();
    case TextType::kList:
      SetList(text, *out.mutable_list_value());
      return true;
  }
  return false;
}

bool SetTimestamp(std::string_view text, google::protobuf::Timestamp& out) {
  const std::optional<Instant> instant = ParseInstant(text);
  if (!instant) {
    return false;
  }
  const auto seconds = std::chrono::floor<std::chrono::seconds>(*instant);
  out.set_seconds(seconds.time_since_epoch().count());
  out.set_nanos(static_cast<std::int32_t>((*instant - seconds).count()) * 1'000'000);
  return true;
}

bool SetMoney(std::string_view number, std::string_view currency, google::type::Money& out) {
  const std::optional<Currency> known = Currency::FromCode(currency);
  if (!known) {
    return false;
  }
  const std::optional<Money> money = Money::Parse(number, *known);
  if (!money) {
    return false;
  }
  std::int64_t per_unit = 1;
  for (int i = 0; i < known->exponent(); ++i) {
    per_unit *= 10;
  }
  out.set_currency_code(std::string(currency));
  out.set_units(money->minor_units() / per_unit);
  out.set_nanos(
      static_cast<std::int32_t>(money->minor_units() % per_unit * (1'000'000'000 / per_unit)));
  return true;
}

}  // namespace kulanz::command
