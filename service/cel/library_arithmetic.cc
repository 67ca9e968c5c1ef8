#include <algorithm>
#include <cmath>
#include <limits>

#include "service/cel/library.h"
#include "service/cel/operators.h"
#include "service/cel/text_builder.h"

namespace kulanz::cel {
namespace {

Value Overflow() { return Value::Error(ErrorCode::kOverflow); }
Value ByZero() { return Value::Error(ErrorCode::kDivisionByZero); }

// -2^63 / -1 is the one quotient that does not fit.
bool QuotientOverflows(std::int64_t a, std::int64_t b) {
  return a == std::numeric_limits<std::int64_t>::min() && b == -1;
}

Value DivideInts(CallContext&, const Value* args) {
  const std::int64_t a = args[0].as_int();
  const std::int64_t b = args[1].as_int();
  return b == 0 ? ByZero() : QuotientOverflows(a, b) ? Overflow() : Value::Int(a / b);
}
Value ModuloInts(CallContext&, const Value* args) {
  const std::int64_t a = args[0].as_int();
  const std::int64_t b = args[1].as_int();
  return b == 0                    ? Value::Error(ErrorCode::kDivisionByZero, "modulus by zero")
         : QuotientOverflows(a, b) ? Overflow()
                                   : Value::Int(a % b);
}
Value NegateInt(CallContext&, const Value* args) {
  std::int64_t result = 0;
  return __builtin_sub_overflow(std::int64_t{0}, args[0].as_int(), &result) ? Overflow()
                                                                            : Value::Int(result);
}

Value AddUints(CallContext&, const Value* args) {
  std::uint64_t result = 0;
  return __builtin_add_overflow(args[0].as_uint(), args[1].as_uint(), &result)
             ? Overflow()
             : Value::Uint(result);
}
Value SubtractUints(CallContext&, const Value* args) {
  std::uint64_t result = 0;
  return __builtin_sub_overflow(args[0].as_uint(), args[1].as_uint(), &result)
             ? Overflow()
             : Value::Uint(result);
}
Value MultiplyUints(CallContext&, const Value* args) {
  std::uint64_t result = 0;
  return __builtin_mul_overflow(args[0].as_uint(), args[1].as_uint(), &result)
             ? Overflow()
             : Value::Uint(result);
}
Value DivideUints(CallContext&, const Value* args) {
  return args[1].as_uint() == 0 ? ByZero() : Value::Uint(args[0].as_uint() / args[1].as_uint());
}
Value ModuloUints(CallContext&, const Value* args) {
  return args[1].as_uint() == 0 ? Value::Error(ErrorCode::kDivisionByZero, "modulus by zero")
                                : Value::Uint(args[0].as_uint() % args[1].as_uint());
}

Value AddDoubles(CallContext&, const Value* args) {
  return Value::Double(args[0].as_double() + args[1].as_double());
}
Value SubtractDoubles(CallContext&, const Value* args) {
  return Value::Double(args[0].as_double() - args[1].as_double());
}
Value MultiplyDoubles(CallContext&, const Value* args) {
  return Value::Double(args[0].as_double() * args[1].as_double());
}
// IEEE 754: x / 0.0 is an infinity or NaN, which C++ leaves to the platform's float_divide_by_zero.
Value DivideDoubles(CallContext&, const Value* args) {
  const double a = args[0].as_double();
  const double b = args[1].as_double();
  if (b == 0) {
    const double infinity = std::numeric_limits<double>::infinity();
    return Value::Double(a == 0 || std::isnan(a) ? std::numeric_limits<double>::quiet_NaN()
                         : std::signbit(a) != std::signbit(b) ? -infinity
                                                              : infinity);
  }
  return Value::Double(a / b);
}
Value NegateDouble(CallContext&, const Value* args) { return Value::Double(-args[0].as_double()); }

Value Concatenate(CallContext& context, const Value* args) {
  const std::string_view a = args[0].as_string();
  const std::string_view b = args[1].as_string();
  TextBuilder builder(context, a.size() + b.size());
  builder.Append(a);
  builder.Append(b);
  return builder.Finish(args[0].kind());
}

Value ConcatenateLists(CallContext& context, const Value* args) {
  const std::span<const Value> a = args[0].as_list();
  const std::span<const Value> b = args[1].as_list();
  if (!context.Spend(static_cast<std::int64_t>((a.size() + b.size()) / 16))) {
    return Value::Error(ErrorCode::kTooManySteps);
  }
  Value* const items = context.arena().AllocateArray<Value>(a.size() + b.size());
  if (items == nullptr) {
    return Value::Error(ErrorCode::kTooMuchMemory);
  }
  std::copy(a.begin(), a.end(), items);
  std::copy(b.begin(), b.end(), items + a.size());
  return Value::List({items, a.size() + b.size()});
}

}  // namespace

Value AddInts(CallContext&, const Value* args) {
  std::int64_t result = 0;
  return __builtin_add_overflow(args[0].as_int(), args[1].as_int(), &result) ? Overflow()
                                                                             : Value::Int(result);
}
Value SubtractInts(CallContext&, const Value* args) {
  std::int64_t result = 0;
  return __builtin_sub_overflow(args[0].as_int(), args[1].as_int(), &result) ? Overflow()
                                                                             : Value::Int(result);
}
Value MultiplyInts(CallContext&, const Value* args) {
  std::int64_t result = 0;
  return __builtin_mul_overflow(args[0].as_int(), args[1].as_int(), &result) ? Overflow()
                                                                             : Value::Int(result);
}

void AddArithmetic(Library& library) {
  const Type& i = Type::Int();
  const Type& u = Type::Uint();
  const Type& d = Type::Double();
  const Type list = Type::List(Type::Param("T"));

  library.Add("_+_", "add_int64", {i, i}, i, &AddInts);
  library.Add("_+_", "add_uint64", {u, u}, u, &AddUints);
  library.Add("_+_", "add_double", {d, d}, d, &AddDoubles);
  library.Add("_+_", "add_string", {Type::String(), Type::String()}, Type::String(), &Concatenate);
  library.Add("_+_", "add_bytes", {Type::Bytes(), Type::Bytes()}, Type::Bytes(), &Concatenate);
  library.Add("_+_", "add_list", {list, list}, list, &ConcatenateLists);
  library.Add("_-_", "subtract_int64", {i, i}, i, &SubtractInts);
  library.Add("_-_", "subtract_uint64", {u, u}, u, &SubtractUints);
  library.Add("_-_", "subtract_double", {d, d}, d, &SubtractDoubles);
  library.Add("_*_", "multiply_int64", {i, i}, i, &MultiplyInts);
  library.Add("_*_", "multiply_uint64", {u, u}, u, &MultiplyUints);
  library.Add("_*_", "multiply_double", {d, d}, d, &MultiplyDoubles);
  library.Add("_/_", "divide_int64", {i, i}, i, &DivideInts);
  library.Add("_/_", "divide_uint64", {u, u}, u, &DivideUints);
  library.Add("_/_", "divide_double", {d, d}, d, &DivideDoubles);
  library.Add("_%_", "modulo_int64", {i, i}, i, &ModuloInts);
  library.Add("_%_", "modulo_uint64", {u, u}, u, &ModuloUints);
  library.Add("-_", "negate_int64", {i}, i, &NegateInt);
  library.Add("-_", "negate_double", {d}, d, &NegateDouble);
}

}  // namespace kulanz::cel
