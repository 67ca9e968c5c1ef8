// The text of a field of a data file as an attribute's value. Pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "service/base/time_zone.h"
#include "service/domain/incident.h"
#include "service/kulanz/data/time_format.h"
#include "service/policy/incident_type.h"

namespace kulanz::command {

enum class TextType {
  kAuto,  // as the policies declare it; else by its looks: timestamp, date, bool, int, decimal, string
  kBool,  // true, false, 1, 0
  kInt,
  kDecimal,
  kMoney,  // "12.50 EUR", or a number in the column's currency
  kString,
  kTimestamp,
  kDate,
  kSeconds,   // a duration in whole seconds
  kDuration,  // a number of `unit`, or "90m"
  kList,      // separated by ';', or a JSON list
};

// "auto", "bool", "int", ... "list"; nothing for anything else.
std::optional<TextType> ParseTextType(std::string_view name);
std::string TextTypeNames();  // "auto, bool, ..."

// How a column writes its values.
struct TextFormat {
  TextType type = TextType::kAuto;
  TimeFormat time;
  std::optional<TimeZone> zone;  // of times without an offset
  bool decimal_comma = false;    // "1.234,50"
  Duration unit = std::chrono::seconds{1};
  std::optional<Currency> currency;
};

// Nothing when the text is no such value. `declared`: by which kAuto and lists go; may be null.
std::optional<AttributeValue> ParseAttribute(std::string_view text, const TextFormat& format,
                                             const policy::AttributeSpec* declared = nullptr);
// A value for people: "a timestamp", "a whole number".
std::string_view NameOf(const TextFormat& format, const policy::AttributeSpec* declared);

// "12.50", or with `decimal_comma` "1.234,50"; nothing when it is no amount of the currency.
std::optional<Money> ParseAmount(std::string_view number, std::string_view currency,
                                 bool decimal_comma = false);
std::optional<std::int64_t> ParseInteger(std::string_view text);

}  // namespace kulanz::command
