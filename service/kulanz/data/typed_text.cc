#include "service/kulanz/data/typed_text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <type_traits>
#include <utility>

#include "service/domain/decimal.h"
#include "service/domain/money.h"
#include "service/domain/time.h"
#include "service/kulanz/data/json.h"

namespace kulanz::command {
namespace {

using policy::AttributeSpec;
using policy::AttributeType;

// 10,000 years, as much as any server takes.
constexpr std::int64_t kSecondsMax = 315'576'000'000;

struct TypeName {
  std::string_view name;
  TextType type;
  std::string_view noun;
};
constexpr std::array<TypeName, 11> kTypes = {{
    {"auto", TextType::kAuto, "a value"},
    {"bool", TextType::kBool, "true or false"},
    {"int", TextType::kInt, "a whole number"},
    {"decimal", TextType::kDecimal, "a decimal number"},
    {"money", TextType::kMoney, "an amount of money"},
    {"string", TextType::kString, "text"},
    {"timestamp", TextType::kTimestamp, "a time with its zone"},
    {"date", TextType::kDate, "a day"},
    {"seconds", TextType::kSeconds, "a number of seconds"},
    {"duration", TextType::kDuration, "a duration"},
    {"list", TextType::kList, "a list"},
}};

TextType Guess(std::string_view text) {
  if (text == "true" || text == "false") {
    return TextType::kBool;
  }
  if (ParseInteger(text)) {
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

TextType TypeOf(AttributeType type) {
  switch (type) {
    case AttributeType::kString:
    case AttributeType::kEnum:
      return TextType::kString;
    case AttributeType::kInt:
      return TextType::kInt;
    case AttributeType::kDecimal:
      return TextType::kDecimal;
    case AttributeType::kMoney:
      return TextType::kMoney;
    case AttributeType::kBool:
      return TextType::kBool;
    case AttributeType::kTimestamp:
      return TextType::kTimestamp;
    case AttributeType::kDate:
      return TextType::kDate;
    case AttributeType::kDuration:
      return TextType::kDuration;
    case AttributeType::kList:
      return TextType::kList;
  }
  return TextType::kString;
}

TextType Resolved(const TextFormat& format, const AttributeSpec* declared) {
  return format.type == TextType::kAuto && declared != nullptr ? TypeOf(declared->type)
                                                               : format.type;
}

// "1.234,50" as "1234.50". Dots stand only between groups of three.
std::optional<std::string> WithPoint(std::string_view text) {
  const std::size_t comma = std::min(text.find(','), text.size());
  std::string number;
  std::size_t group = 0;
  bool grouped = false;
  for (std::size_t i = 0; i < comma; ++i) {
    if (text[i] == '.') {
      if ((grouped && group != 3) || group == 0 || group > 3) {
        return std::nullopt;
      }
      grouped = true;
      group = 0;
      continue;
    }
    group += text[i] == '-' ? 0U : 1U;
    number += text[i];
  }
  if (grouped && group != 3) {
    return std::nullopt;
  }
  if (comma < text.size()) {
    number += '.';
    number += text.substr(comma + 1);
  }
  return number;
}

std::optional<Decimal> ToDecimal(std::string_view text, bool decimal_comma) {
  if (!decimal_comma) {
    return Decimal::Parse(text);
  }
  const std::optional<std::string> number = WithPoint(text);
  return number ? Decimal::Parse(*number) : std::nullopt;
}

std::optional<Duration> ToDuration(std::string_view text, Duration unit) {
  constexpr std::array<std::pair<std::string_view, std::int64_t>, 6> kUnits = {
      {{"ms", 1},
       {"s", 1'000},
       {"m", 60'000},
       {"h", 3'600'000},
       {"d", 86'400'000},
       {"w", 604'800'000}}};
  std::int64_t factor = unit.count();
  for (const auto& [name, millis] : kUnits) {
    if (text.size() > name.size() && text.ends_with(name)) {
      factor = millis;
      text.remove_suffix(name.size());
      break;
    }
  }
  const std::optional<Decimal> number = Decimal::Parse(text);
  const std::optional<Decimal> millis = number ? number->Times(Decimal(factor)) : std::nullopt;
  const std::optional<Decimal> whole =
      millis ? millis->RoundedTo(0, Rounding::kDown) : std::nullopt;
  const std::int64_t limit = kSecondsMax * 1000;
  return whole && whole->coefficient() <= limit && whole->coefficient() >= -limit
             ? std::optional(Duration{whole->coefficient()})
             : std::nullopt;
}

std::optional<Money> ToMoney(std::string_view text, const TextFormat& format,
                             const AttributeSpec* declared) {
  const std::size_t space = text.rfind(' ');
  if (space != std::string_view::npos) {
    return ParseAmount(text.substr(0, space), text.substr(space + 1), format.decimal_comma);
  }
  std::optional<Currency> currency = format.currency;
  if (!currency && declared != nullptr) {
    currency = declared->currency;
  }
  return currency ? ParseAmount(text, currency->code(), format.decimal_comma) : std::nullopt;
}

// An item by its JSON type; text stays text.
std::optional<AttributeValue> ByJsonType(const Json& item) {
  switch (item.kind) {
    case Json::Kind::kBool:
      return item.text == "true";
    case Json::Kind::kNumber:
      if (const std::optional<std::int64_t> number = ParseInteger(item.text)) {
        return *number;
      }
      if (const std::optional<Decimal> number = Decimal::Parse(item.text)) {
        return *number;
      }
      return std::nullopt;
    case Json::Kind::kString:
      return item.text;
    default:
      return std::nullopt;
  }
}

// Items and fields are as they are declared, else as they look in JSON.
class ListReader {
 public:
  ListReader(TextFormat format, const AttributeSpec* declared)
      : format_(std::move(format)), declared_(declared) {
    format_.type = TextType::kAuto;
  }

  std::optional<AttributeValue> Read(const std::vector<Json>& items) const {
    const bool has_records = declared_ != nullptr
                                 ? !declared_->fields.empty()
                                 : !items.empty() && items.front().kind == Json::Kind::kObject;
    return has_records ? Records(items) : Scalars(items);
  }

 private:
  std::optional<AttributeValue> Scalars(const std::vector<Json>& items) const {
    std::optional<AttributeSpec> spec;
    if (declared_ != nullptr) {
      spec = *declared_;
      spec->type = declared_->item_type;
    }
    AttributeList list;
    for (const Json& item : items) {
      std::optional<AttributeScalar> scalar = Scalar(item, spec ? &*spec : nullptr);
      if (!scalar) {
        return std::nullopt;
      }
      list.push_back(*std::move(scalar));
    }
    return list;
  }

  std::optional<AttributeValue> Records(const std::vector<Json>& items) const {
    AttributeRecordList records;
    for (const Json& item : items) {
      if (item.kind != Json::Kind::kObject) {
        return std::nullopt;
      }
      AttributeRecord& record = records.emplace_back();
      for (const auto& [name, member] : item.members) {
        if (member.kind == Json::Kind::kNull) {
          continue;
        }
        std::optional<AttributeScalar> scalar = Scalar(member, FieldOf(name));
        if (!scalar) {
          return std::nullopt;
        }
        record.emplace(name, *std::move(scalar));
      }
    }
    return records;
  }

  const AttributeSpec* FieldOf(std::string_view name) const {
    if (declared_ == nullptr) {
      return nullptr;
    }
    const auto found = std::find_if(declared_->fields.begin(), declared_->fields.end(),
                                    [name](const AttributeSpec& f) { return f.name == name; });
    return found == declared_->fields.end() ? nullptr : &*found;
  }

  std::optional<AttributeScalar> Scalar(const Json& item, const AttributeSpec* spec) const {
    if (item.kind == Json::Kind::kList || item.kind == Json::Kind::kObject) {
      return std::nullopt;
    }
    std::optional<AttributeValue> value =
        spec == nullptr ? ByJsonType(item) : ParseAttribute(item.text, format_, spec);
    if (!value) {
      return std::nullopt;
    }
    return std::visit(
        [](auto&& held) -> std::optional<AttributeScalar> {
          using Held = std::decay_t<decltype(held)>;
          if constexpr (std::is_same_v<Held, AttributeList> ||
                        std::is_same_v<Held, AttributeRecordList>) {
            return std::nullopt;
          } else {
            return AttributeScalar(std::forward<decltype(held)>(held));
          }
        },
        *std::move(value));
  }

  TextFormat format_;
  const AttributeSpec* declared_;
};

// The items of a JSON list, or of a text separated by ';'.
bool SplitList(std::string_view text, std::vector<Json>& items) {
  if (text.starts_with('[')) {
    Json list;
    std::string problem;
    const bool good = ParseJson(text, list, problem);
    items = std::move(list.items);
    return good;
  }
  while (!text.empty()) {
    const std::size_t end = text.find(';');
    Json& item = items.emplace_back();
    item.kind = Json::Kind::kString;
    item.text = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return true;
}

std::optional<AttributeValue> ToList(std::string_view text, const TextFormat& format,
                                     const AttributeSpec* declared) {
  std::vector<Json> items;
  return SplitList(text, items) ? ListReader(format, declared).Read(items) : std::nullopt;
}

template <typename T>
std::optional<AttributeValue> AsValue(std::optional<T> value) {
  return value ? std::optional<AttributeValue>(*std::move(value)) : std::nullopt;
}

}  // namespace

std::optional<TextType> ParseTextType(std::string_view name) {
  const auto* const found = std::find_if(
      kTypes.begin(), kTypes.end(), [name](const TypeName& type) { return type.name == name; });
  return found == kTypes.end() ? std::nullopt : std::optional(found->type);
}

std::string TextTypeNames() {
  std::string names;
  for (const TypeName& type : kTypes) {
    names += (names.empty() ? "" : ", ") + std::string(type.name);
  }
  return names;
}

std::string_view NameOf(const TextFormat& format, const AttributeSpec* declared) {
  return kTypes.at(static_cast<std::size_t>(Resolved(format, declared))).noun;
}

std::optional<std::int64_t> ParseInteger(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() ? std::optional(number)
                                                                  : std::nullopt;
}

std::optional<AttributeValue> ParseAttribute(std::string_view text, const TextFormat& format,
                                             const AttributeSpec* declared) {
  TextType type = Resolved(format, declared);
  if (type == TextType::kAuto) {
    type = Guess(text);
  }
  switch (type) {
    case TextType::kBool:
      if (text == "true" || text == "1") {
        return true;
      }
      return text == "false" || text == "0" ? std::optional<AttributeValue>(false) : std::nullopt;
    case TextType::kInt:
      return AsValue(ParseInteger(text));
    case TextType::kSeconds:
      return AsValue(ParseInteger(text) ? ToDuration(text, std::chrono::seconds{1}) : std::nullopt);
    case TextType::kDuration:
      return AsValue(ToDuration(text, format.unit));
    case TextType::kDecimal:
      return AsValue(ToDecimal(text, format.decimal_comma));
    case TextType::kMoney:
      return AsValue(ToMoney(text, format, declared));
    case TextType::kTimestamp:
      return AsValue(format.time.ReadInstant(text, format.zone ? &*format.zone : nullptr));
    case TextType::kDate:
      return AsValue(format.time.ReadDate(text));
    case TextType::kList:
      return ToList(text, format, declared);
    case TextType::kString:
    case TextType::kAuto:
      return std::string(text);
  }
  return std::nullopt;
}

std::optional<Money> ParseAmount(std::string_view number, std::string_view currency,
                                 bool decimal_comma) {
  const std::optional<Currency> known = Currency::FromCode(currency);
  if (!known) {
    return std::nullopt;
  }
  if (!decimal_comma) {
    return Money::Parse(number, *known);
  }
  const std::optional<std::string> with_point = WithPoint(number);
  return with_point ? Money::Parse(*with_point, *known) : std::nullopt;
}

}  // namespace kulanz::command
