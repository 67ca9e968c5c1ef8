#include "service/cel/value.h"

#include <limits>

namespace kulanz::cel {
namespace {

struct ErrorInfo {
  ErrorCode code;
  std::string_view name;
  std::string_view text;
};
constexpr ErrorInfo kErrors[] = {
    {ErrorCode::kAbsentField, "absent_field", "the attribute was not given"},
    {ErrorCode::kNoSuchKey, "no_such_key", "no such key"},
    {ErrorCode::kNoSuchField, "no_such_field", "no such field"},
    {ErrorCode::kNoSuchOverload, "no_such_overload", "no such overload"},
    {ErrorCode::kUnknownName, "unknown_name", "undeclared reference"},
    {ErrorCode::kDivisionByZero, "division_by_zero", "division by zero"},
    {ErrorCode::kOverflow, "overflow", "the result is out of range"},
    {ErrorCode::kIndexOutOfRange, "index_out_of_range", "the index is out of range"},
    {ErrorCode::kInvalidArgument, "invalid_argument", "invalid argument"},
    {ErrorCode::kInvalidConversion, "invalid_conversion", "the value cannot be converted"},
    {ErrorCode::kDuplicateKey, "duplicate_key", "the map has a key twice"},
    {ErrorCode::kCurrencyMismatch, "currency_mismatch", "the amounts have different currencies"},
    {ErrorCode::kEmptyOptional, "empty_optional", "the optional has no value"},
    {ErrorCode::kBadPattern, "bad_pattern", "the regular expression is malformed"},
    {ErrorCode::kUnknownZone, "unknown_zone", "no such time zone"},
    {ErrorCode::kOutsideCalendar, "outside_calendar", "the date is not covered"},
    {ErrorCode::kTooManySteps, "too_many_steps", "the evaluation takes too many steps"},
    {ErrorCode::kTooMuchMemory, "too_much_memory", "the evaluation takes too much memory"},
    {ErrorCode::kCustom, "custom", "failed"},
};

const ErrorInfo& InfoOf(ErrorCode code) {
  for (const ErrorInfo& info : kErrors) {
    if (info.code == code) {
      return info;
    }
  }
  return kErrors[std::size(kErrors) - 1];
}

}  // namespace

std::string_view ErrorName(ErrorCode code) { return InfoOf(code).name; }

std::string_view KindName(Kind kind) {
  switch (kind) {
    case Kind::kAbsent:
      return "absent";
    case Kind::kError:
      return "error";
    case Kind::kNull:
      return "null_type";
    case Kind::kBool:
      return "bool";
    case Kind::kInt:
      return "int";
    case Kind::kUint:
      return "uint";
    case Kind::kDouble:
      return "double";
    case Kind::kString:
      return "string";
    case Kind::kBytes:
      return "bytes";
    case Kind::kList:
      return "list";
    case Kind::kMap:
      return "map";
    case Kind::kType:
      return "type";
    case Kind::kTimestamp:
      return "google.protobuf.Timestamp";
    case Kind::kDuration:
      return "google.protobuf.Duration";
    case Kind::kOptional:
      return "optional_type";
    case Kind::kDecimal:
      return "decimal";
    case Kind::kMoney:
      return "money";
    case Kind::kDate:
      return "date";
    case Kind::kRecord:
      return "record";
  }
  return "?";
}

Value Value::Of(Instant instant) {
  const auto second = std::chrono::floor<std::chrono::seconds>(instant);
  return Of(Timestamp{second.time_since_epoch().count(),
                      static_cast<std::int32_t>((instant - second).count() * 1'000'000)});
}

Value Value::Of(Duration d) {
  std::int64_t nanos = 0;
  if (__builtin_mul_overflow(d.count(), std::int64_t{1'000'000}, &nanos)) {
    return Error(ErrorCode::kOverflow);
  }
  return Of(std::chrono::nanoseconds(nanos));
}

Instant Value::as_instant() const {
  const Timestamp t = as_timestamp();
  return Instant(std::chrono::seconds(t.seconds)) + Duration(t.nanos / 1'000'000);
}

std::string_view Value::error_text() const {
  const char* const text = AsPointer<char>();
  return text != nullptr ? std::string_view(text) : InfoOf(error_code()).text;
}

}  // namespace kulanz::cel
