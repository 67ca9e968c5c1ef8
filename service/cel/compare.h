// Comparing values as CEL does: numbers of different kinds by their exact mathematical value.
//
// Thread-safety: pure functions.
#pragma once

#include <compare>
#include <cstdint>

#include "service/cel/value.h"

namespace kulanz::cel {

// The first numbers beyond int and uint.
inline constexpr double kTwoTo63 = 9223372036854775808.0;
inline constexpr double kTwoTo64 = 18446744073709551616.0;

// Exact, also above 2^53, where converting to double would not be; unordered with NaN. Only 2^63 (for
// uint: 2^64) itself, just above the range, equals the whole numbers that round to it.
std::partial_ordering CompareNumbers(std::int64_t a, double b);
std::partial_ordering CompareNumbers(std::uint64_t a, double b);
std::strong_ordering CompareNumbers(std::int64_t a, std::uint64_t b);

// Equal() (value.h) that looks at no more than `budget` items of lists and maps, and takes those that it
// looked at from it. Below zero the answer means nothing: values share their parts, so that a small one
// may unfold without end.
bool EqualWithin(const Value& a, const Value& b, std::int64_t& budget);

// int, uint or double (decimal too, unless both are).
bool IsNumber(Kind kind);

// The order for < <= > >=. `unordered` with NaN and for money of different currencies; `comparable` is
// false when CEL defines no order for the two kinds.
struct Order {
  bool comparable = false;
  std::partial_ordering order = std::partial_ordering::unordered;
};
Order CompareValues(const Value& a, const Value& b);

}  // namespace kulanz::cel
