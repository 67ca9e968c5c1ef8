// Arguments that the planner binds at compile time: a time zone, a calendar, a rate table or a rounding
// mode that was named by a constant arrives at the implementation as a pointer or number in an int, so
// that no name is looked up during evaluation. Zones and rounding modes may also come as strings, when
// the name is computed. And arguments that come as one of two kinds.
//
// Thread-safety: immutable.
#pragma once

#include <bit>
#include <cstdint>
#include <optional>

#include "service/base/time_zone.h"
#include "service/cel/value.h"
#include "service/domain/decimal.h"

namespace kulanz::cel {

template <typename T>
Value BindPointer(const T* pointer) {
  return Value::Int(std::bit_cast<std::int64_t>(pointer));
}
template <typename T>
const T* BoundPointer(const Value& argument) {
  return std::bit_cast<const T*>(argument.as_int());
}

class ZoneArgument {
 public:
  explicit ZoneArgument(const Value& argument);
  bool ok() const { return zone_ != nullptr; }
  const TimeZone& value() const { return *zone_; }

 private:
  std::optional<TimeZone> owned_;
  const TimeZone* zone_ = nullptr;
};

inline Value BindRounding(Rounding mode) { return Value::Int(static_cast<std::int64_t>(mode)); }
inline std::optional<Rounding> RoundingArgument(const Value& argument) {
  return argument.kind() == Kind::kInt ? static_cast<Rounding>(argument.as_int())
                                       : ParseRounding(argument.as_string());
}

// A decimal, or a whole number standing for one.
inline Decimal AsDecimal(const Value& value) {
  return value.kind() == Kind::kInt ? Decimal(value.as_int()) : value.as_decimal();
}

}  // namespace kulanz::cel
