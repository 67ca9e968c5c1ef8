#include "service/cel/compare.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "service/cel/map.h"

namespace kulanz::cel {
namespace {

std::partial_ordering Reversed(std::partial_ordering order) { return 0 <=> order; }

// Both are numbers.
std::partial_ordering OrderOfNumbers(const Value& a, const Value& b) {
  switch (a.kind()) {
    case Kind::kInt:
      switch (b.kind()) {
        case Kind::kInt:
          return a.as_int() <=> b.as_int();
        case Kind::kUint:
          return CompareNumbers(a.as_int(), b.as_uint());
        default:
          return CompareNumbers(a.as_int(), b.as_double());
      }
    case Kind::kUint:
      switch (b.kind()) {
        case Kind::kInt:
          return Reversed(CompareNumbers(b.as_int(), a.as_uint()));
        case Kind::kUint:
          return a.as_uint() <=> b.as_uint();
        default:
          return CompareNumbers(a.as_uint(), b.as_double());
      }
    default:
      switch (b.kind()) {
        case Kind::kInt:
          return Reversed(CompareNumbers(b.as_int(), a.as_double()));
        case Kind::kUint:
          return Reversed(CompareNumbers(b.as_uint(), a.as_double()));
        default:
          return a.as_double() <=> b.as_double();
      }
  }
}

bool EqualLists(std::span<const Value> a, std::span<const Value> b, std::int64_t& budget) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [&](const Value& x, const Value& y) {
    return --budget >= 0 && EqualWithin(x, y, budget);
  });
}

bool EqualMaps(std::span<const MapEntry> a, std::span<const MapEntry> b, std::int64_t& budget) {
  if (a.size() != b.size()) {
    return false;
  }
  for (const MapEntry& entry : a) {
    const Value* other = FindInMap(b, entry.key);
    if (other == nullptr || --budget < 0 || !EqualWithin(entry.value, *other, budget)) {
      return false;
    }
  }
  return true;
}

// Two records of one type have the same fields; what is absent equals what is absent.
bool EqualRecords(std::span<const MapEntry> a, std::span<const MapEntry> b, std::int64_t& budget) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [&](const MapEntry& x, const MapEntry& y) {
                      return --budget >= 0 && x.value.is_absent() == y.value.is_absent() &&
                             (x.value.is_absent() || EqualWithin(x.value, y.value, budget));
                    });
}

bool EqualOptionals(const Value& a, const Value& b, std::int64_t& budget) {
  return a.has_value() == b.has_value() &&
         (!a.has_value() || (--budget >= 0 && EqualWithin(a.held(), b.held(), budget)));
}

}  // namespace

std::partial_ordering CompareNumbers(std::int64_t a, double b) {
  if (std::isnan(b)) {
    return std::partial_ordering::unordered;
  }
  if (b >= kTwoTo63) {
    // The conformance tests take 2^63 for equal to the ints that are nearest to it among doubles.
    return b > kTwoTo63 ? std::partial_ordering::less : static_cast<double>(a) <=> b;
  }
  if (b < -kTwoTo63) {
    return std::partial_ordering::greater;
  }
  const auto whole = static_cast<std::int64_t>(b);  // towards zero, and in range
  if (a != whole) {
    return a <=> whole;
  }
  return 0.0 <=> (b - static_cast<double>(whole));
}

std::partial_ordering CompareNumbers(std::uint64_t a, double b) {
  if (std::isnan(b)) {
    return std::partial_ordering::unordered;
  }
  if (b >= kTwoTo64) {
    return b > kTwoTo64 ? std::partial_ordering::less : static_cast<double>(a) <=> b;
  }
  if (b < 0) {
    return std::partial_ordering::greater;
  }
  const auto whole = static_cast<std::uint64_t>(b);
  if (a != whole) {
    return a <=> whole;
  }
  return 0.0 <=> (b - static_cast<double>(whole));
}

std::strong_ordering CompareNumbers(std::int64_t a, std::uint64_t b) {
  return a < 0 ? std::strong_ordering::less : static_cast<std::uint64_t>(a) <=> b;
}

bool IsNumber(Kind kind) {
  return kind == Kind::kInt || kind == Kind::kUint || kind == Kind::kDouble;
}

Order CompareValues(const Value& a, const Value& b) {
  if (IsNumber(a.kind()) && IsNumber(b.kind())) {
    return {true, OrderOfNumbers(a, b)};
  }
  if (a.kind() != b.kind()) {
    // A decimal stands beside whole numbers, as policies write `score > 3`.
    if (a.kind() == Kind::kDecimal && b.kind() == Kind::kInt) {
      return {true, a.as_decimal() <=> Decimal(b.as_int())};
    }
    if (a.kind() == Kind::kInt && b.kind() == Kind::kDecimal) {
      return {true, Decimal(a.as_int()) <=> b.as_decimal()};
    }
    return {};
  }
  switch (a.kind()) {
    case Kind::kBool:
    case Kind::kDuration:
    case Kind::kDate:
      return {true, a.payload() <=> b.payload()};
    case Kind::kString:
    case Kind::kBytes: {
      // char_traits compares bytes as unsigned, which is the order of code points in UTF-8.
      return {true, a.as_string() <=> b.as_string()};
    }
    case Kind::kTimestamp:
      return {true, a.as_timestamp() <=> b.as_timestamp()};
    case Kind::kDecimal:
      return {true, a.as_decimal() <=> b.as_decimal()};
    case Kind::kMoney:
      if (a.size() != b.size()) {
        return {true, std::partial_ordering::unordered};
      }
      return {true, a.as_decimal() <=> b.as_decimal()};
    default:
      return {};
  }
}

bool Equal(const Value& a, const Value& b) {
  std::int64_t budget = std::numeric_limits<std::int64_t>::max();
  return EqualWithin(a, b, budget);
}

bool EqualWithin(const Value& a, const Value& b, std::int64_t& budget) {
  if (IsNumber(a.kind()) && IsNumber(b.kind())) {
    return OrderOfNumbers(a, b) == 0;
  }
  if (a.kind() != b.kind()) {
    const Order order = CompareValues(a, b);
    return order.comparable && order.order == 0;
  }
  switch (a.kind()) {
    case Kind::kNull:
      return true;
    case Kind::kType:
      return a.as_string() == b.as_string();
    case Kind::kList:
      return EqualLists(a.as_list(), b.as_list(), budget);
    case Kind::kMap:
      return EqualMaps(a.as_map(), b.as_map(), budget);
    case Kind::kRecord:
      return EqualRecords(a.as_map(), b.as_map(), budget);
    case Kind::kOptional:
      return EqualOptionals(a, b, budget);
    default:
      return CompareValues(a, b).order == 0;
  }
}

}  // namespace kulanz::cel
