// Value: what an expression reads and yields, in 16 trivially copyable bytes.
//
// Small kinds are held in place; strings, bytes, lists, maps and what an optional holds are pointed at
// and owned by somebody else: the caller (inputs), the program (constants) or the arena (results).
// An error is a Value too: operators pass it on, `||`, `&&` and `exists` may absorb it.
//
// Thread-safety: a plain value. What it points at must not change while it is read.
#pragma once

#include <bit>
#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "service/cel/arena.h"
#include "service/domain/decimal.h"
#include "service/domain/money.h"
#include "service/domain/time.h"

namespace kulanz::cel {

enum class Kind : std::uint8_t {
  kAbsent,  // an optional input that was not given; only in frames, never the result of an expression
  kError,
  kNull,
  kBool,
  kInt,
  kUint,
  kDouble,
  kString,
  kBytes,
  kList,
  kMap,
  kType,
  kTimestamp,
  kDuration,
  kOptional,
  kDecimal,
  kMoney,
  kDate,
  kRecord,
};

// Why an evaluation failed. Names (ErrorName) are stable; texts (Value::error_text) are for people.
enum class ErrorCode : std::uint16_t {
  kAbsentField,  // an optional input was read without a guard (checked programs never do)
  kNoSuchKey,
  kNoSuchField,
  kNoSuchOverload,
  kUnknownName,
  kDivisionByZero,
  kOverflow,  // the result does not fit its type
  kIndexOutOfRange,
  kInvalidArgument,
  kInvalidConversion,
  kDuplicateKey,
  kCurrencyMismatch,
  kEmptyOptional,
  kBadPattern,
  kUnknownZone,
  kOutsideCalendar,  // a date that a calendar or a rate table does not cover
  kTooManySteps,
  kTooMuchMemory,
  kCustom,  // made by the host: Value::Error(code, text)
};
std::string_view ErrorName(ErrorCode code);

class Value;
struct MapEntry;

// CEL's timestamps have nanoseconds; Kulanz' own Instant has milliseconds.
struct Timestamp {
  std::int64_t seconds = 0;  // since 1970-01-01T00:00:00Z
  std::int32_t nanos = 0;    // 0..999,999,999
  friend auto operator<=>(const Timestamp&, const Timestamp&) = default;
};

class Value {
 public:
  constexpr Value() = default;  // kAbsent

  static constexpr Value Absent() { return {}; }
  static constexpr Value Null() { return Value(Kind::kNull, 0, 0, 0, 0); }
  static constexpr Value Bool(bool b) { return Value(Kind::kBool, 0, 0, 0, b ? 1 : 0); }
  static constexpr Value Int(std::int64_t i) { return Value(Kind::kInt, 0, 0, 0, i); }
  static constexpr Value Uint(std::uint64_t u) {
    return Value(Kind::kUint, 0, 0, 0, static_cast<std::int64_t>(u));
  }
  static constexpr Value Double(double d) {
    return Value(Kind::kDouble, 0, 0, 0, std::bit_cast<std::int64_t>(d));
  }
  // `text` is UTF-8, shorter than 4 GiB, and outlives the value.
  static Value String(std::string_view text) { return Text(Kind::kString, text); }
  static Value Bytes(std::string_view bytes) { return Text(Kind::kBytes, bytes); }
  // `items` outlive the value.
  static Value List(std::span<const Value> items);
  // `entries` outlive the value; keys are unique and in the order of MapKeyLess (map.h).
  static Value Map(std::span<const MapEntry> entries);
  // A record of a declared type (Environment::AddRecord): one entry per declared field, in the order of
  // their names; what is not there is Absent(). `fields` outlive the value.
  static Value Record(std::span<const MapEntry> fields);
  static constexpr Value Of(Timestamp t) {
    return Value(Kind::kTimestamp, 0, 0, static_cast<std::uint32_t>(t.nanos), t.seconds);
  }
  static Value Of(Instant instant);
  // CEL durations are int64 nanoseconds, 292 years; an error value beyond.
  static constexpr Value Of(std::chrono::nanoseconds d) {
    return Value(Kind::kDuration, 0, 0, 0, d.count());
  }
  static Value Of(Duration d);
  static constexpr Value Of(Decimal d) {
    return Value(Kind::kDecimal, static_cast<std::uint8_t>(d.scale()), 0, 0, d.coefficient());
  }
  static constexpr Value Of(const ExactMoney& money) {
    return Value(Kind::kMoney, static_cast<std::uint8_t>(money.amount.scale()), 0,
                 std::bit_cast<std::uint32_t>(money.currency), money.amount.coefficient());
  }
  static Value Of(Money money) { return Of(ExactMoney(money)); }
  static constexpr Value Of(Date date) {
    return Value(Kind::kDate, 0, 0, 0, date.time_since_epoch().count());
  }
  static constexpr Value None() { return Value(Kind::kOptional, 0, 0, 0, 0); }
  // optional.of(*held); `held` outlives the value.
  static Value Some(const Value* held) { return Pointer(Kind::kOptional, 0, held); }
  // A type as a value; `name` outlives it.
  static Value TypeNamed(std::string_view name) { return Text(Kind::kType, name); }
  // `text`, when given, outlives the value and says more than the code does.
  static Value Error(ErrorCode code, const char* text = nullptr) {
    return Pointer(Kind::kError, static_cast<std::uint16_t>(code), text);
  }

  constexpr Kind kind() const { return kind_; }
  constexpr bool is_error() const { return kind_ == Kind::kError; }
  constexpr bool is_absent() const { return kind_ == Kind::kAbsent; }
  constexpr bool is_true() const { return kind_ == Kind::kBool && payload_ != 0; }

  // Each is only for a value of its kind.
  constexpr bool as_bool() const { return payload_ != 0; }
  constexpr std::int64_t as_int() const { return payload_; }
  constexpr std::uint64_t as_uint() const { return static_cast<std::uint64_t>(payload_); }
  constexpr double as_double() const { return std::bit_cast<double>(payload_); }
  // Of a string, bytes or a type.
  std::string_view as_string() const { return {AsPointer<char>(), size_}; }
  std::span<const Value> as_list() const { return {AsPointer<Value>(), size_}; }
  std::span<const MapEntry> as_map() const;  // of a map or a record
  constexpr Timestamp as_timestamp() const { return {payload_, static_cast<std::int32_t>(size_)}; }
  // Rounded down to the millisecond.
  Instant as_instant() const;
  constexpr std::chrono::nanoseconds as_duration() const {
    return std::chrono::nanoseconds(payload_);
  }
  constexpr Decimal as_decimal() const {  // of money too: its amount
    return Decimal::FromParts(payload_, detail_).value_or(Decimal());
  }
  constexpr ExactMoney as_money() const {
    return ExactMoney(as_decimal(), std::bit_cast<Currency>(size_));
  }
  constexpr Date as_date() const { return Date(std::chrono::days(payload_)); }
  bool has_value() const { return payload_ != 0; }  // of an optional
  const Value& held() const { return *AsPointer<Value>(); }

  constexpr ErrorCode error_code() const { return static_cast<ErrorCode>(aux_); }
  // Where in the expression's text the failing part begins.
  constexpr std::uint32_t error_offset() const { return size_; }
  constexpr bool has_error_offset() const { return detail_ != 0; }
  std::string_view error_text() const;
  // The error with the place where it arose; a place that is already there stays.
  constexpr Value AtOffset(std::uint32_t offset) const {
    return detail_ != 0 ? *this : Value(Kind::kError, 1, aux_, offset, payload_);
  }

  // Raw parts, for the evaluator's fast paths.
  constexpr std::int64_t payload() const { return payload_; }
  constexpr std::uint8_t detail() const { return detail_; }
  constexpr std::uint32_t size() const { return size_; }

 private:
  constexpr Value(Kind kind, std::uint8_t detail, std::uint16_t aux, std::uint32_t size,
                  std::int64_t payload)
      : kind_(kind), detail_(detail), aux_(aux), size_(size), payload_(payload) {}
  static Value Text(Kind kind, std::string_view text) {
    return Value(kind, 0, 0, static_cast<std::uint32_t>(text.size()),
                 std::bit_cast<std::int64_t>(text.data()));
  }
  template <typename T>
  static Value Pointer(Kind kind, std::uint16_t aux, const T* pointer) {
    return Value(kind, 0, aux, 0, std::bit_cast<std::int64_t>(pointer));
  }
  template <typename T>
  const T* AsPointer() const {
    return std::bit_cast<const T*>(payload_);
  }

  Kind kind_ = Kind::kAbsent;
  std::uint8_t detail_ = 0;   // decimal, money: the scale; error: whether size_ is an offset
  std::uint16_t aux_ = 0;     // error: the code
  std::uint32_t size_ = 0;    // bytes or items; nanos; the currency; an error's offset
  std::int64_t payload_ = 0;  // the number itself, or the pointer
};
static_assert(sizeof(Value) == 16 && std::is_trivially_copyable_v<Value>);
static_assert(sizeof(void*) == 8, "pointers are kept in 8 bytes");

struct MapEntry {
  Value key;
  Value value;
};

inline Value Value::List(std::span<const Value> items) {
  Value list = Pointer(Kind::kList, 0, items.data());
  list.size_ = static_cast<std::uint32_t>(items.size());
  return list;
}
inline Value Value::Map(std::span<const MapEntry> entries) {
  Value map = Pointer(Kind::kMap, 0, entries.data());
  map.size_ = static_cast<std::uint32_t>(entries.size());
  return map;
}
inline Value Value::Record(std::span<const MapEntry> fields) {
  Value record = Pointer(Kind::kRecord, 0, fields.data());
  record.size_ = static_cast<std::uint32_t>(fields.size());
  return record;
}
inline std::span<const MapEntry> Value::as_map() const { return {AsPointer<MapEntry>(), size_}; }

// "bool", "string", "decimal", ...: the kind's name in CEL.
std::string_view KindName(Kind kind);
// The value as an expression would write it: "true", "12u", "\"x\"", "[1, 2]", "12.50 EUR",
// "2026-03-01", "error: division by zero". For explanations and test failures.
std::string DebugString(const Value& value);

// CEL's ==: numbers across kinds by their exact value, NaN unlike itself, maps and lists in depth.
bool Equal(const Value& a, const Value& b);

}  // namespace kulanz::cel
