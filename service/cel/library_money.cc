#include <algorithm>
#include <bit>
#include <cstdlib>
#include <string>

#include "service/cel/bound_argument.h"
#include "service/cel/compare.h"
#include "service/cel/library.h"
#include "service/cel/limits.h"
#include "service/cel/operators.h"
#include "service/cel/text_builder.h"

namespace kulanz::cel {
namespace {

// `amount` in the currency of `like`, which stands in its size.
Value MoneyLike(const Value& like, std::optional<Decimal> amount) {
  return amount ? Value::Of(ExactMoney(*amount, std::bit_cast<Currency>(like.size())))
                : Value::Error(ErrorCode::kOverflow, "the amount needs more than 18 digits");
}
Value Mismatch() { return Value::Error(ErrorCode::kCurrencyMismatch); }
bool SameCurrency(const Value& a, const Value& b) { return a.size() == b.size(); }

Value MoneySum(CallContext&, const Value* args) {
  return SameCurrency(args[0], args[1])
             ? MoneyLike(args[0], args[0].as_decimal().Plus(args[1].as_decimal()))
             : Mismatch();
}
Value MoneyDifference(CallContext&, const Value* args) {
  return SameCurrency(args[0], args[1])
             ? MoneyLike(args[0], args[0].as_decimal().Minus(args[1].as_decimal()))
             : Mismatch();
}
Value MoneyProduct(CallContext&, const Value* args) {
  return MoneyLike(args[0], args[0].as_decimal().Times(AsDecimal(args[1])));
}
Value MoneyProductReversed(CallContext&, const Value* args) {
  return MoneyLike(args[1], args[1].as_decimal().Times(AsDecimal(args[0])));
}
Value MoneyNegative(CallContext&, const Value* args) {
  return MoneyLike(args[0], args[0].as_decimal().Negated());
}
Value MoneyQuotient(CallContext&, const Value* args) {
  const std::optional<Rounding> mode = RoundingArgument(args[3]);
  const std::int64_t places = args[2].as_int();
  if (!mode || places < 0 || places > Decimal::kMaxScale) {
    return Value::Error(ErrorCode::kInvalidArgument,
                        "div() needs 0 to 18 places and a rounding mode");
  }
  const Decimal divisor = AsDecimal(args[1]);
  return divisor.is_zero() ? Value::Error(ErrorCode::kDivisionByZero)
                           : MoneyLike(args[0], args[0].as_decimal().Div(
                                                    divisor, static_cast<int>(places), *mode));
}

// To the currency's minor unit.
Value MoneyRounded(CallContext&, const Value* args) {
  const std::optional<Rounding> mode = RoundingArgument(args[1]);
  return mode ? MoneyLike(args[0], args[0].as_decimal().RoundedTo(
                                       args[0].as_money().currency.exponent(), *mode))
              : Value::Error(ErrorCode::kInvalidArgument, "no such rounding mode");
}
Value MoneyRoundedToStep(CallContext&, const Value* args) {
  const std::optional<Rounding> mode = RoundingArgument(args[2]);
  const Decimal step = args[1].as_decimal();
  if (!SameCurrency(args[0], args[1])) {
    return Mismatch();
  }
  if (!mode || step.is_zero() || step.is_negative()) {
    return Value::Error(ErrorCode::kInvalidArgument,
                        "roundTo() needs a positive step and a rounding mode");
  }
  return MoneyLike(args[0], args[0].as_decimal().RoundedToStep(step, *mode));
}

Value CurrencyCode(CallContext& context, const Value* args) {
  // The code lives in the value itself, so the text needs a place of its own.
  return CopyText(context, args[0].as_money().currency.code());
}
Value Amount(CallContext&, const Value* args) { return Value::Of(args[0].as_decimal()); }
Value MoneyIsZero(CallContext&, const Value* args) { return Value::Bool(args[0].payload() == 0); }
Value IsNegative(CallContext&, const Value* args) { return Value::Bool(args[0].payload() < 0); }
Value FromDecimal(CallContext& context, const Value* args) {
  const std::optional<Currency> currency = Currency::FromCode(args[1].as_string());
  return currency ? Value::Of(ExactMoney(AsDecimal(args[0]), *currency))
                  : ErrorWith(context, ErrorCode::kInvalidArgument, "no such currency",
                              args[1].as_string());
}

// The smaller or greater of two values of one type.
template <bool greater>
Value Extremum(CallContext&, const Value* args) {
  if (args[0].kind() != Kind::kDouble && args[0].kind() != Kind::kUint &&
      args[0].detail() == args[1].detail() && args[0].size() == args[1].size()) {
    // Of one scale and currency, or of the same nanoseconds: the payload tells.
    return (args[0].payload() < args[1].payload()) == greater ? args[1] : args[0];
  }
  const Order order = CompareValues(args[0], args[1]);
  if (order.order == std::partial_ordering::unordered) {
    return args[0].kind() == Kind::kMoney ? Mismatch() : args[0];  // NaN
  }
  const bool second = greater ? order.order < 0 : order.order > 0;
  return second ? args[1] : args[0];
}
template <bool greater>
Value ExtremumOfList(CallContext& context, const Value* args) {
  const std::span<const Value> items = args[0].as_list();
  if (items.empty()) {
    return Value::Error(ErrorCode::kInvalidArgument, "the list is empty");
  }
  if (!context.Spend(static_cast<std::int64_t>(items.size() / 16))) {
    return Value::Error(ErrorCode::kTooManySteps);
  }
  Value best = items[0];
  for (const Value& item : items) {
    const Value pair[] = {best, item};
    best = Extremum<greater>(context, pair);
    if (best.is_error()) {
      return best;
    }
  }
  return best;
}
// Into [low, high]; low above high is an error, not a choice.
Value Clamp(CallContext& context, const Value* args) {
  const Value bounds[] = {args[1], args[2]};
  const Value disordered = GreaterThan(context, bounds);
  if (disordered.is_error()) {
    return disordered;
  }
  if (disordered.as_bool()) {
    return Value::Error(ErrorCode::kInvalidArgument, "clamp() has its bounds reversed");
  }
  const Value raised[] = {Extremum<true>(context, args), args[2]};
  return raised[0].is_error() ? raised[0] : Extremum<false>(context, raised);
}

// Into `count` parts that differ by at most one minor unit and add up to the amount; the larger ones come
// first. An amount with more digits than the currency is divided in its own smallest unit.
Value Allocate(CallContext& context, const Value* args) {
  const std::int64_t count = args[1].as_int();
  if (count < 1 || count > kMaxAllocatedParts) {
    return Value::Error(ErrorCode::kInvalidArgument, "allocate() takes 1 to 1000 parts");
  }
  const ExactMoney money = args[0].as_money();
  const int places = std::max(money.amount.scale(), money.currency.exponent());
  const std::optional<Decimal> whole = money.amount.RoundedTo(places, Rounding::kDown);
  if (!whole) {
    return MoneyLike(args[0], std::nullopt);
  }
  const auto size = static_cast<std::size_t>(count);
  Value* const parts = context.arena().AllocateArray<Value>(size);
  if (parts == nullptr) {
    return Value::Error(ErrorCode::kTooMuchMemory);
  }
  if (!context.Spend(count / 16)) {
    return Value::Error(ErrorCode::kTooManySteps);
  }
  const std::int64_t each = whole->coefficient() / count;
  const std::int64_t rest = whole->coefficient() % count;  // has the amount's sign
  for (std::int64_t i = 0; i < count; ++i) {
    const std::int64_t one_more = i < std::abs(rest) ? (rest > 0 ? 1 : -1) : 0;
    parts[i] = MoneyLike(args[0], Decimal::FromParts(each + one_more, places));
  }
  return Value::List({parts, size});
}

Value CompareTo(CallContext&, const Value* args) {
  const std::partial_ordering order = CompareValues(args[0], args[1]).order;
  if (order == std::partial_ordering::unordered) {
    return Mismatch();
  }
  return Value::Int((order > 0 ? 1 : 0) - (order < 0 ? 1 : 0));
}

void AddOrderFunctions(Library& library) {
  for (const Type& type : {Type::Int(), Type::Uint(), Type::Double(), Type::Decimal(),
                           Type::Money(), Type::Date(), Type::Timestamp(), Type::Duration()}) {
    const std::string name(type.name());
    library.Add("min", "min_" + name, {type, type}, type, &Extremum<false>);
    library.Add("max", "max_" + name, {type, type}, type, &Extremum<true>);
    library.Add("min", "min_list_" + name, {Type::List(type)}, type, &ExtremumOfList<false>);
    library.Add("max", "max_list_" + name, {Type::List(type)}, type, &ExtremumOfList<true>);
    library.AddMethod("clamp", name + "_clamp", {type, type, type}, type, &Clamp);
  }
  // The operators' twins.
  for (const Type& type : {Type::Decimal(), Type::Money(), Type::Date()}) {
    const std::string name(type.name());
    library.AddMethod("isLessThan", name + "_isLessThan", {type, type}, Type::Bool(), &LessThan);
    library.AddMethod("isGreaterThan", name + "_isGreaterThan", {type, type}, Type::Bool(),
                      &GreaterThan);
    library.AddMethod("compareTo", name + "_compareTo", {type, type}, Type::Int(), &CompareTo);
  }
}

}  // namespace

void AddMoney(Library& library) {
  const Type& m = Type::Money();
  const Type& d = Type::Decimal();
  const Type& i = Type::Int();
  const Type& mode = Type::String();
  library.Add("_+_", "add_money", {m, m}, m, &MoneySum);
  library.Add("_-_", "subtract_money", {m, m}, m, &MoneyDifference);
  library.Add("_*_", "multiply_money_decimal", {m, d}, m, &MoneyProduct);
  library.Add("_*_", "multiply_money_int", {m, i}, m, &MoneyProduct);
  library.Add("_*_", "multiply_decimal_money", {d, m}, m, &MoneyProductReversed);
  library.Add("_*_", "multiply_int_money", {i, m}, m, &MoneyProductReversed);
  library.Add("-_", "negate_money", {m}, m, &MoneyNegative);
  library.AddMethod("add", "money_add", {m, m}, m, &MoneySum);
  library.AddMethod("sub", "money_sub", {m, m}, m, &MoneyDifference);
  library.AddMethod("mul", "money_mul", {m, d}, m, &MoneyProduct);
  library.AddMethod("mul", "money_mul_int", {m, i}, m, &MoneyProduct);
  library.AddMethod("negate", "money_negate", {m}, m, &MoneyNegative);
  library.AddMethod("div", "money_div", {m, d, i, mode}, m, &MoneyQuotient);
  library.AddMethod("div", "money_div_int", {m, i, i, mode}, m, &MoneyQuotient);
  library.AddMethod("round", "money_round", {m, mode}, m, &MoneyRounded);
  library.AddMethod("roundTo", "money_roundTo", {m, m, mode}, m, &MoneyRoundedToStep);
  library.AddMethod("allocate", "money_allocate", {m, i}, Type::List(m), &Allocate);
  library.AddMethod("currency", "money_currency", {m}, Type::String(), &CurrencyCode);
  library.AddMethod("amount", "money_amount", {m}, d, &Amount);
  for (const Type& type : {m, d}) {
    const std::string name(type.name());
    library.AddMethod("isZero", name + "_isZero", {type}, Type::Bool(), &MoneyIsZero);
    library.AddMethod("isNegative", name + "_isNegative", {type}, Type::Bool(), &IsNegative);
  }
  library.Add("money", "decimal_to_money", {d, Type::String()}, m, &FromDecimal);
  library.Add("money", "int_to_money", {i, Type::String()}, m, &FromDecimal);
  AddOrderFunctions(library);
}

}  // namespace kulanz::cel
