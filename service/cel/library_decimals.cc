#include <cmath>
#include <limits>

#include "service/cel/bound_argument.h"
#include "service/cel/debug_text.h"
#include "service/cel/library.h"
#include "service/cel/text_builder.h"

namespace kulanz::cel {
namespace {

Value OrOverflow(std::optional<Decimal> result) {
  return result ? Value::Of(*result)
                : Value::Error(ErrorCode::kOverflow, "the decimal needs more than 18 digits");
}

Value DecimalSum(CallContext&, const Value* args) {
  return OrOverflow(AsDecimal(args[0]).Plus(AsDecimal(args[1])));
}
Value DecimalDifference(CallContext&, const Value* args) {
  return OrOverflow(AsDecimal(args[0]).Minus(AsDecimal(args[1])));
}
Value DecimalProduct(CallContext&, const Value* args) {
  return OrOverflow(AsDecimal(args[0]).Times(AsDecimal(args[1])));
}
Value DecimalNegative(CallContext&, const Value* args) {
  return OrOverflow(args[0].as_decimal().Negated());
}

Value DecimalQuotient(CallContext&, const Value* args) {
  const std::optional<Rounding> mode = RoundingArgument(args[3]);
  const Decimal divisor = AsDecimal(args[1]);
  const std::int64_t places = args[2].as_int();
  if (!mode || places < 0 || places > Decimal::kMaxScale) {
    return Value::Error(ErrorCode::kInvalidArgument,
                        "div() needs 0 to 18 places and a rounding mode");
  }
  if (divisor.is_zero()) {
    return Value::Error(ErrorCode::kDivisionByZero);
  }
  return OrOverflow(AsDecimal(args[0]).Div(divisor, static_cast<int>(places), *mode));
}

// To whole numbers.
Value DecimalRounded(CallContext&, const Value* args) {
  const std::optional<Rounding> mode = RoundingArgument(args[1]);
  return mode ? OrOverflow(args[0].as_decimal().RoundedTo(0, *mode))
              : Value::Error(ErrorCode::kInvalidArgument, "no such rounding mode");
}
Value DecimalRoundedToStep(CallContext&, const Value* args) {
  const std::optional<Rounding> mode = RoundingArgument(args[2]);
  const Decimal step = AsDecimal(args[1]);
  if (!mode || step.is_zero() || step.is_negative()) {
    return Value::Error(ErrorCode::kInvalidArgument,
                        "roundTo() needs a positive step and a rounding mode");
  }
  return OrOverflow(args[0].as_decimal().RoundedToStep(step, *mode));
}

Value FromInt(CallContext&, const Value* args) { return Value::Of(Decimal(args[0].as_int())); }
Value FromDouble(CallContext&, const Value* args) {
  const std::optional<Rounding> mode = RoundingArgument(args[2]);
  const std::int64_t places = args[1].as_int();
  if (!mode || places < 0 || places > Decimal::kMaxScale) {
    return Value::Error(ErrorCode::kInvalidArgument,
                        "fromDouble() needs 0 to 18 places and a rounding mode");
  }
  const double number = args[0].as_double();
  if (!std::isfinite(number)) {
    return Value::Error(ErrorCode::kInvalidConversion, "the double is no finite number");
  }
  // number = digits * 2^exponent, with |digits| < 2^53.
  constexpr int kDigits = std::numeric_limits<double>::digits;
  int exponent = 0;
  const auto digits = static_cast<std::int64_t>(std::ldexp(std::frexp(number, &exponent), kDigits));
  const std::optional<Decimal> value =
      Decimal::FromBinary(digits, exponent - kDigits, static_cast<int>(places), *mode);
  return value ? Value::Of(*value)
               : Value::Error(ErrorCode::kInvalidConversion, "the double does not fit a decimal");
}
Value FromString(CallContext& context, const Value* args) {
  const std::optional<Decimal> value = Decimal::Parse(args[0].as_string());
  return value ? Value::Of(*value)
               : ErrorWith(context, ErrorCode::kInvalidConversion, "not a decimal",
                           args[0].as_string());
}
Value Percent(CallContext&, const Value* args) {
  return OrOverflow(AsDecimal(args[0]).Times(*Decimal::FromParts(1, 2)));
}
Value ToInt(CallContext&, const Value* args) {
  const Decimal value = args[0].as_decimal();
  const std::optional<Decimal> whole = value.RoundedTo(0, Rounding::kDown);
  return whole == value ? Value::Int(whole->coefficient())
                        : Value::Error(ErrorCode::kInvalidConversion,
                                       "the decimal is not a whole number; round it first");
}
Value ToDouble(CallContext&, const Value* args) {
  double divisor = 1;
  for (int i = 0; i < args[0].as_decimal().scale(); ++i) {
    divisor *= 10;  // exact up to 10^22
  }
  return Value::Double(static_cast<double>(args[0].as_decimal().coefficient()) / divisor);
}
Value ToString(CallContext& context, const Value* args) {
  TextBuilder builder(context);
  AppendFormatted(args[0], builder);
  return builder.Finish();
}

}  // namespace

void AddDecimals(Library& library) {
  const Type& d = Type::Decimal();
  const Type& i = Type::Int();
  struct Binary {
    std::string_view symbol;
    std::string_view method;
    Implementation implementation;
  };
  for (const auto& [symbol, method, implementation] :
       {Binary{"_+_", "add", &DecimalSum}, Binary{"_-_", "sub", &DecimalDifference},
        Binary{"_*_", "mul", &DecimalProduct}}) {
    const std::string id(method);
    library.Add(symbol, id + "_decimal", {d, d}, d, implementation);
    library.Add(symbol, id + "_decimal_int", {d, i}, d, implementation);
    library.Add(symbol, id + "_int_decimal", {i, d}, d, implementation);
    library.AddMethod(method, "decimal_" + id, {d, d}, d, implementation);
    library.AddMethod(method, "decimal_" + id + "_int", {d, i}, d, implementation);
  }
  library.Add("-_", "negate_decimal", {d}, d, &DecimalNegative);
  library.AddMethod("negate", "decimal_negate", {d}, d, &DecimalNegative);
  library.AddMethod("div", "decimal_div", {d, d, i, Type::String()}, d, &DecimalQuotient);
  library.AddMethod("div", "decimal_div_int", {d, i, i, Type::String()}, d, &DecimalQuotient);
  library.AddMethod("round", "decimal_round", {d, Type::String()}, d, &DecimalRounded);
  library.AddMethod("roundTo", "decimal_roundTo", {d, d, Type::String()}, d, &DecimalRoundedToStep);
  library.AddMethod("roundTo", "decimal_roundTo_int", {d, i, Type::String()}, d,
                    &DecimalRoundedToStep);
  library.Add("decimal", "int_to_decimal", {i}, d, &FromInt);
  library.Add("decimal", "string_to_decimal", {Type::String()}, d, &FromString);
  library.Add("decimal.fromDouble", "decimal_from_double", {Type::Double(), i, Type::String()}, d,
              &FromDouble);
  library.Add("percent", "percent_int", {i}, d, &Percent);
  library.Add("percent", "percent_decimal", {d}, d, &Percent);
  library.Add("int", "decimal_to_int", {d}, i, &ToInt);
  library.Add("double", "decimal_to_double", {d}, Type::Double(), &ToDouble);
  for (const Type& type : {d, Type::Money(), Type::Date()}) {
    library.Add("string", std::string(type.name()) + "_to_string", {type}, Type::String(),
                &ToString);
  }
}

}  // namespace kulanz::cel
