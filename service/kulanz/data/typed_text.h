// The text of a field of a data file as an attribute's value. Pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "service/domain/incident.h"

namespace kulanz::command {

enum class TextType {
  kAuto,  // by its looks: timestamp, date, bool, int, decimal, and string for everything else
  kBool,
  kInt,
  kDecimal,
  kMoney,  // "12.50 EUR"
  kString,
  kTimestamp,  // RFC 3339
  kDate,
  kSeconds,  // a duration in whole seconds
  kList,     // separated by ';'
};

// "auto", "bool", "int", ... "list"; nothing for anything else.
std::optional<TextType> ParseTextType(std::string_view name);

// Nothing when the text is no such value.
std::optional<AttributeValue> ParseAttribute(std::string_view text, TextType type);
// "12.50" in the currency "EUR".
std::optional<Money> ParseAmount(std::string_view number, std::string_view currency);

}  // namespace kulanz::command
