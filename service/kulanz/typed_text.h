// The text of a CSV field as an attribute's value.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "google/type/money.pb.h"
#include "kulanz/v1/incident.pb.h"

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

// False when the text is no such value.
bool SetAttribute(std::string_view text, TextType type, v1::AttributeValue& out);
bool SetTimestamp(std::string_view text, google::protobuf::Timestamp& out);
// `number`: "12.50".
bool SetMoney(std::string_view number, std::string_view currency, google::type::Money& out);

}  // namespace kulanz::command
