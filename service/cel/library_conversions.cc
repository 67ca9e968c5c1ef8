#include <charconv>
#include <cmath>
#include <limits>

#include "service/cel/compare.h"
#include "service/cel/library.h"
#include "service/cel/number_text.h"
#include "service/cel/text_builder.h"
#include "service/cel/time_text.h"
#include "service/cel/utf8.h"
#include "service/domain/time.h"

namespace kulanz::cel {
namespace {

Value Same(CallContext&, const Value* args) { return args[0]; }

Value NotConvertible(CallContext& context, std::string_view what, const Value& text) {
  return ErrorWith(context, ErrorCode::kInvalidConversion, what, text.as_string());
}
Value NumberOutOfRange() {
  return Value::Error(ErrorCode::kOverflow, "the number is out of range");
}

// A whole number in decimal digits, with an optional sign.
template <typename Integer>
bool ParseWhole(std::string_view text, Integer& value) {
  if (text.size() > 1 && text[0] == '+' && text[1] != '-') {
    text.remove_prefix(1);
  }
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  return error == std::errc() && stop == end && !text.empty();
}

Value UintToInt(CallContext&, const Value* args) {
  constexpr auto kMax = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  return args[0].as_uint() > kMax ? NumberOutOfRange()
                                  : Value::Int(static_cast<std::int64_t>(args[0].as_uint()));
}
Value DoubleToInt(CallContext&, const Value* args) {
  // Both bounds are exclusive, as in the conformance tests.
  const double d = args[0].as_double();
  return d > -kTwoTo63 && d < kTwoTo63 ? Value::Int(static_cast<std::int64_t>(d))
                                       : NumberOutOfRange();
}
Value StringToInt(CallContext& context, const Value* args) {
  std::int64_t value = 0;
  return ParseWhole(args[0].as_string(), value) ? Value::Int(value)
                                                : NotConvertible(context, "not an int", args[0]);
}
Value TimestampToInt(CallContext&, const Value* args) {
  return Value::Int(args[0].as_timestamp().seconds);
}

Value IntToUint(CallContext&, const Value* args) {
  return args[0].as_int() < 0 ? NumberOutOfRange()
                              : Value::Uint(static_cast<std::uint64_t>(args[0].as_int()));
}
Value DoubleToUint(CallContext&, const Value* args) {
  const double d = args[0].as_double();
  return d >= 0 && d < kTwoTo64 ? Value::Uint(static_cast<std::uint64_t>(d)) : NumberOutOfRange();
}
Value StringToUint(CallContext& context, const Value* args) {
  std::uint64_t value = 0;
  return ParseWhole(args[0].as_string(), value) ? Value::Uint(value)
                                                : NotConvertible(context, "not a uint", args[0]);
}

Value IntToDouble(CallContext&, const Value* args) {
  return Value::Double(static_cast<double>(args[0].as_int()));
}
Value UintToDouble(CallContext&, const Value* args) {
  return Value::Double(static_cast<double>(args[0].as_uint()));
}
Value StringToDouble(CallContext& context, const Value* args) {
  const std::optional<double> value = ParseDouble(args[0].as_string());
  return value ? Value::Double(*value) : NotConvertible(context, "not a double", args[0]);
}

Value StringToBool(CallContext& context, const Value* args) {
  const std::string_view text = args[0].as_string();
  for (const std::string_view yes : {"true", "True", "TRUE", "t", "T", "1"}) {
    if (text == yes) {
      return Value::Bool(true);
    }
  }
  for (const std::string_view no : {"false", "False", "FALSE", "f", "F", "0"}) {
    if (text == no) {
      return Value::Bool(false);
    }
  }
  return NotConvertible(context, "not a bool", args[0]);
}

Value StringToBytes(CallContext&, const Value* args) { return Value::Bytes(args[0].as_string()); }
Value BytesToString(CallContext&, const Value* args) {
  return utf8::IsValid(args[0].as_string())
             ? Value::String(args[0].as_string())
             : Value::Error(ErrorCode::kInvalidConversion, "the bytes are not valid UTF-8");
}

Value BoolToString(CallContext&, const Value* args) {
  return Value::String(args[0].as_bool() ? "true" : "false");
}
template <typename Integer>
Value WholeToString(CallContext& context, Integer value) {
  char digits[24];
  const auto [end, error] = std::to_chars(std::begin(digits), std::end(digits), value);
  return CopyText(context, std::string_view(digits, static_cast<std::size_t>(end - digits)));
}
Value IntToString(CallContext& context, const Value* args) {
  return WholeToString(context, args[0].as_int());
}
Value UintToString(CallContext& context, const Value* args) {
  return WholeToString(context, args[0].as_uint());
}
Value DoubleToString(CallContext& context, const Value* args) {
  TextBuilder builder(context);
  AppendDouble(args[0].as_double(), builder);
  return builder.Finish();
}
Value TimestampToString(CallContext& context, const Value* args) {
  TextBuilder builder(context);
  AppendTimestamp(args[0].as_timestamp(), builder);
  return builder.Finish();
}
Value DurationToString(CallContext& context, const Value* args) {
  TextBuilder builder(context);
  AppendDuration(args[0].as_duration(), builder);
  return builder.Finish();
}

Value IntToTimestamp(CallContext&, const Value* args) {
  const Timestamp timestamp{args[0].as_int(), 0};
  return IsInRange(timestamp) ? Value::Of(timestamp)
                              : Value::Error(ErrorCode::kOverflow, "the timestamp is out of range");
}
Value StringToTimestamp(CallContext& context, const Value* args) {
  const std::optional<Timestamp> timestamp = ParseTimestamp(args[0].as_string());
  return timestamp ? Value::Of(*timestamp)
                   : NotConvertible(context, "not a timestamp of RFC 3339 in the years 1 to 9999",
                                    args[0]);
}
Value StringToDuration(CallContext& context, const Value* args) {
  const std::optional<std::chrono::nanoseconds> duration = ParseDuration(args[0].as_string());
  return duration ? Value::Of(*duration)
                  : NotConvertible(context, "not a duration such as 1h30m", args[0]);
}

}  // namespace

void AddConversions(Library& library) {
  struct Conversion {
    const Type& from;
    const Type& to;
    std::string_view function;
    Implementation implementation;
  };
  const Conversion conversions[] = {
      {Type::Int(), Type::Int(), "int", &Same},
      {Type::Uint(), Type::Int(), "int", &UintToInt},
      {Type::Double(), Type::Int(), "int", &DoubleToInt},
      {Type::String(), Type::Int(), "int", &StringToInt},
      {Type::Timestamp(), Type::Int(), "int", &TimestampToInt},
      {Type::Uint(), Type::Uint(), "uint", &Same},
      {Type::Int(), Type::Uint(), "uint", &IntToUint},
      {Type::Double(), Type::Uint(), "uint", &DoubleToUint},
      {Type::String(), Type::Uint(), "uint", &StringToUint},
      {Type::Double(), Type::Double(), "double", &Same},
      {Type::Int(), Type::Double(), "double", &IntToDouble},
      {Type::Uint(), Type::Double(), "double", &UintToDouble},
      {Type::String(), Type::Double(), "double", &StringToDouble},
      {Type::Bool(), Type::Bool(), "bool", &Same},
      {Type::String(), Type::Bool(), "bool", &StringToBool},
      {Type::Bytes(), Type::Bytes(), "bytes", &Same},
      {Type::String(), Type::Bytes(), "bytes", &StringToBytes},
      {Type::String(), Type::String(), "string", &Same},
      {Type::Bool(), Type::String(), "string", &BoolToString},
      {Type::Int(), Type::String(), "string", &IntToString},
      {Type::Uint(), Type::String(), "string", &UintToString},
      {Type::Double(), Type::String(), "string", &DoubleToString},
      {Type::Bytes(), Type::String(), "string", &BytesToString},
      {Type::Timestamp(), Type::String(), "string", &TimestampToString},
      {Type::Duration(), Type::String(), "string", &DurationToString},
      {Type::Timestamp(), Type::Timestamp(), "timestamp", &Same},
      {Type::Int(), Type::Timestamp(), "timestamp", &IntToTimestamp},
      {Type::String(), Type::Timestamp(), "timestamp", &StringToTimestamp},
      {Type::Duration(), Type::Duration(), "duration", &Same},
      {Type::String(), Type::Duration(), "duration", &StringToDuration},
  };
  for (const Conversion& c : conversions) {
    library.Add(c.function, std::string(c.from.name()) + "_to_" + std::string(c.to.name()),
                {c.from}, c.to, c.implementation);
  }
  library.Add("dyn", "to_dyn", {Type::Param("T")}, Type::Dyn(), &Same);
}

}  // namespace kulanz::cel
