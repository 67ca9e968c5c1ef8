#include <cmath>
#include <cstdlib>
#include <limits>

#include "service/cel/compare.h"
#include "service/cel/library.h"

namespace kulanz::cel {
namespace {

template <double (*function)(double)>
Value OnDouble(CallContext&, const Value* args) {
  return Value::Double(function(args[0].as_double()));
}
template <bool (*test)(double)>
Value TestDouble(CallContext&, const Value* args) {
  return Value::Bool(test(args[0].as_double()));
}

double Ceil(double d) { return std::ceil(d); }
double Floor(double d) { return std::floor(d); }
double Trunc(double d) { return std::trunc(d); }
double RoundDouble(double d) { return std::round(d); }  // ties away from zero
double Sqrt(double d) { return std::sqrt(d); }
double AbsDouble(double d) { return std::fabs(d); }
double SignDouble(double d) { return std::isnan(d) || d == 0 ? d : d < 0 ? -1.0 : 1.0; }
bool IsNan(double d) { return std::isnan(d); }
bool IsInf(double d) { return std::isinf(d); }
bool IsFinite(double d) { return std::isfinite(d); }

Value AbsInt(CallContext&, const Value* args) {
  const std::int64_t i = args[0].as_int();
  return i == std::numeric_limits<std::int64_t>::min() ? Value::Error(ErrorCode::kOverflow)
                                                       : Value::Int(i < 0 ? -i : i);
}
Value AbsUint(CallContext&, const Value* args) { return args[0]; }
Value SignInt(CallContext&, const Value* args) {
  const std::int64_t i = args[0].as_int();
  return Value::Int((i > 0 ? 1 : 0) - (i < 0 ? 1 : 0));
}
Value SignUint(CallContext&, const Value* args) {
  return Value::Uint(args[0].as_uint() > 0 ? 1 : 0);
}
Value SqrtOfInt(CallContext&, const Value* args) {
  return Value::Double(std::sqrt(static_cast<double>(args[0].as_int())));
}
Value SqrtOfUint(CallContext&, const Value* args) {
  return Value::Double(std::sqrt(static_cast<double>(args[0].as_uint())));
}

Value OfBits(Kind kind, std::uint64_t bits) {
  return kind == Kind::kInt ? Value::Int(static_cast<std::int64_t>(bits)) : Value::Uint(bits);
}
Value BitAnd(CallContext&, const Value* args) {
  return OfBits(args[0].kind(), args[0].as_uint() & args[1].as_uint());
}
Value BitOr(CallContext&, const Value* args) {
  return OfBits(args[0].kind(), args[0].as_uint() | args[1].as_uint());
}
Value BitXor(CallContext&, const Value* args) {
  return OfBits(args[0].kind(), args[0].as_uint() ^ args[1].as_uint());
}
Value BitNot(CallContext&, const Value* args) { return OfBits(args[0].kind(), ~args[0].as_uint()); }
// Logical shifts, also of negative ints; by 64 and more there is nothing left.
template <bool left>
Value BitShift(CallContext&, const Value* args) {
  const std::int64_t by = args[1].as_int();
  if (by < 0) {
    return Value::Error(ErrorCode::kInvalidArgument, "a shift by a negative number of bits");
  }
  const std::uint64_t bits = args[0].as_uint();
  const std::uint64_t shifted = by > 63 ? 0 : left ? bits << by : bits >> by;
  return OfBits(args[0].kind(), shifted);
}

bool IsBetter(const Value& candidate, const Value& best, bool greatest) {
  const Order order = CompareValues(candidate, best);
  return greatest ? order.order > 0 : order.order < 0;
}

// math.@max and math.@min of one number, two numbers or a list.
template <bool greatest>
Value ExtremumOfNumbers(CallContext& context, const Value* args) {
  if (args[0].kind() != Kind::kList) {
    return IsNumber(args[0].kind()) ? args[0] : Value::Error(ErrorCode::kNoSuchOverload);
  }
  const std::span<const Value> items = args[0].as_list();
  if (items.empty()) {
    return Value::Error(ErrorCode::kInvalidArgument, "the list is empty");
  }
  if (!context.Spend(static_cast<std::int64_t>(items.size() / 16))) {
    return Value::Error(ErrorCode::kTooManySteps);
  }
  const Value* best = &items[0];
  for (const Value& item : items) {
    if (!IsNumber(item.kind())) {
      return Value::Error(ErrorCode::kNoSuchOverload);
    }
    best = IsBetter(item, *best, greatest) ? &item : best;
  }
  return *best;
}
template <bool greatest>
Value ExtremumOfTwo(CallContext&, const Value* args) {
  if (!IsNumber(args[0].kind()) || !IsNumber(args[1].kind())) {
    return Value::Error(ErrorCode::kNoSuchOverload);
  }
  return IsBetter(args[1], args[0], greatest) ? args[1] : args[0];
}

void AddExtremum(Library& library, const std::string& name, Implementation of_one,
                 Implementation of_two) {
  const Type numbers[] = {Type::Int(), Type::Uint(), Type::Double()};
  const std::string id = name.substr(0, 4) + "_" + name.substr(5);
  for (const Type& a : numbers) {
    const std::string with_a = id + "_" + std::string(a.name());
    library.Add(name, with_a, {a}, a, of_one);
    library.Add(name, with_a + "_list", {Type::List(a)}, a, of_one);
    for (const Type& b : numbers) {
      library.Add(name, with_a + "_" + std::string(b.name()), {a, b}, a == b ? a : Type::Dyn(),
                  of_two);
    }
  }
}

}  // namespace

void AddMath(Library& library) {
  const Type& i = Type::Int();
  const Type& u = Type::Uint();
  const Type& d = Type::Double();
  AddExtremum(library, "math.@max", &ExtremumOfNumbers<true>, &ExtremumOfTwo<true>);
  AddExtremum(library, "math.@min", &ExtremumOfNumbers<false>, &ExtremumOfTwo<false>);
  library.Add("math.ceil", "math_ceil_double", {d}, d, &OnDouble<&Ceil>);
  library.Add("math.floor", "math_floor_double", {d}, d, &OnDouble<&Floor>);
  library.Add("math.round", "math_round_double", {d}, d, &OnDouble<&RoundDouble>);
  library.Add("math.trunc", "math_trunc_double", {d}, d, &OnDouble<&Trunc>);
  library.Add("math.sqrt", "math_sqrt_double", {d}, d, &OnDouble<&Sqrt>);
  library.Add("math.sqrt", "math_sqrt_int", {i}, d, &SqrtOfInt);
  library.Add("math.sqrt", "math_sqrt_uint", {u}, d, &SqrtOfUint);
  library.Add("math.isNaN", "math_isNaN_double", {d}, Type::Bool(), &TestDouble<&IsNan>);
  library.Add("math.isInf", "math_isInf_double", {d}, Type::Bool(), &TestDouble<&IsInf>);
  library.Add("math.isFinite", "math_isFinite_double", {d}, Type::Bool(), &TestDouble<&IsFinite>);
  library.Add("math.abs", "math_abs_int", {i}, i, &AbsInt);
  library.Add("math.abs", "math_abs_uint", {u}, u, &AbsUint);
  library.Add("math.abs", "math_abs_double", {d}, d, &OnDouble<&AbsDouble>);
  library.Add("math.sign", "math_sign_int", {i}, i, &SignInt);
  library.Add("math.sign", "math_sign_uint", {u}, u, &SignUint);
  library.Add("math.sign", "math_sign_double", {d}, d, &OnDouble<&SignDouble>);
  for (const Type& type : {i, u}) {
    const std::string name(type.name());
    library.Add("math.bitAnd", "math_bitAnd_" + name, {type, type}, type, &BitAnd);
    library.Add("math.bitOr", "math_bitOr_" + name, {type, type}, type, &BitOr);
    library.Add("math.bitXor", "math_bitXor_" + name, {type, type}, type, &BitXor);
    library.Add("math.bitNot", "math_bitNot_" + name, {type}, type, &BitNot);
    library.Add("math.bitShiftLeft", "math_bitShiftLeft_" + name, {type, i}, type, &BitShift<true>);
    library.Add("math.bitShiftRight", "math_bitShiftRight_" + name, {type, i}, type,
                &BitShift<false>);
  }
}

}  // namespace kulanz::cel
