#include "service/cel/library.h"
#include "service/cel/value.h"

namespace kulanz::cel {
namespace {

Value SumOverflow() { return Value::Error(ErrorCode::kOverflow, "the sum is out of range"); }

Value AddInts(const Value& a, const Value& b) {
  std::int64_t sum = 0;
  return __builtin_add_overflow(a.as_int(), b.as_int(), &sum) ? SumOverflow() : Value::Int(sum);
}
Value AddDecimals(const Value& a, const Value& b) {
  const std::optional<Decimal> sum = a.as_decimal().Plus(b.as_decimal());
  return sum ? Value::Of(*sum) : SumOverflow();
}
Value AddAmounts(const Value& a, const Value& b) {
  const ExactMoney left = a.as_money();
  if (left.currency != b.as_money().currency) {
    return Value::Error(ErrorCode::kCurrencyMismatch);
  }
  const std::optional<Decimal> sum = left.amount.Plus(b.as_decimal());
  return sum ? Value::Of(ExactMoney(*sum, left.currency)) : SumOverflow();
}

Value NoInts() { return Value::Int(0); }
Value NoDecimals() { return Value::Of(Decimal(0)); }
// Nothing says in which currency nothing is.
Value NoAmounts() {
  return Value::Error(ErrorCode::kInvalidArgument, "the sum of no amounts has no currency");
}

template <Value (*add)(const Value&, const Value&), Value (*of_nothing)()>
Value Sum(CallContext& context, const Value* args) {
  const std::span<const Value> items = args[0].as_list();
  if (items.empty()) {
    return of_nothing();
  }
  if (!context.Spend(static_cast<std::int64_t>(items.size() / 16))) {
    return Value::Error(ErrorCode::kTooManySteps);
  }
  Value sum = items[0];
  for (const Value& item : items.subspan(1)) {
    sum = add(sum, item);
    if (sum.is_error()) {
      break;
    }
  }
  return sum;
}

}  // namespace

void AddSums(Library& library) {
  const Type& i = Type::Int();
  const Type& d = Type::Decimal();
  const Type& m = Type::Money();
  library.Add("sum", "sum_int", {Type::List(i)}, i, &Sum<&AddInts, &NoInts>);
  library.Add("sum", "sum_decimal", {Type::List(d)}, d, &Sum<&AddDecimals, &NoDecimals>);
  library.Add("sum", "sum_money", {Type::List(m)}, m, &Sum<&AddAmounts, &NoAmounts>);
}

}  // namespace kulanz::cel
