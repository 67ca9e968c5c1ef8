#include "service/cel/library.h"
#include "service/cel/operators.h"

namespace kulanz::cel {
namespace {

// false, 0, "", [], {}, null, the epoch, no duration: what protobuf takes for not set.
bool IsZero(const Value& value) {
  switch (value.kind()) {
    case Kind::kNull:
      return true;
    case Kind::kBool:
    case Kind::kInt:
    case Kind::kUint:
    case Kind::kDuration:
    case Kind::kDecimal:
    case Kind::kMoney:
    case Kind::kDate:
      return value.payload() == 0;
    case Kind::kDouble:
      return value.as_double() == 0;
    case Kind::kString:
    case Kind::kBytes:
    case Kind::kList:
    case Kind::kMap:
      return value.size() == 0;
    case Kind::kTimestamp:
      return value.as_timestamp() == Timestamp{};
    case Kind::kOptional:
      return !value.has_value();
    default:
      return false;
  }
}

Value OptionalOf(CallContext& context, const Value* args) { return MakeOptional(context, args[0]); }
Value OptionalOfNonZero(CallContext& context, const Value* args) {
  return IsZero(args[0]) ? Value::None() : MakeOptional(context, args[0]);
}
Value OptionalNone(CallContext&, const Value*) { return Value::None(); }
Value HasValue(CallContext&, const Value* args) { return Value::Bool(args[0].has_value()); }
Value ValueOf(CallContext&, const Value* args) {
  return args[0].has_value() ? args[0].held() : Value::Error(ErrorCode::kEmptyOptional);
}

// The values that the optionals of a list hold.
Value Unwrap(CallContext& context, const Value* args) {
  const std::span<const Value> optionals = args[0].as_list();
  Value* const held = context.arena().AllocateArray<Value>(optionals.size());
  if (held == nullptr && !optionals.empty()) {
    return Value::Error(ErrorCode::kTooMuchMemory);
  }
  if (!context.Spend(static_cast<std::int64_t>(optionals.size() / 16))) {
    return Value::Error(ErrorCode::kTooManySteps);
  }
  std::size_t count = 0;
  for (const Value& optional : optionals) {
    if (optional.kind() != Kind::kOptional) {
      return Value::Error(ErrorCode::kNoSuchOverload, "not an optional");
    }
    if (optional.has_value()) {
      held[count++] = optional.held();
    }
  }
  return Value::List({held, count});
}
// Points into the list, which lives as long as the value.
Value First(CallContext&, const Value* args) {
  const std::span<const Value> items = args[0].as_list();
  return items.empty() ? Value::None() : Value::Some(&items.front());
}
Value Last(CallContext&, const Value* args) {
  const std::span<const Value> items = args[0].as_list();
  return items.empty() ? Value::None() : Value::Some(&items.back());
}

}  // namespace

void AddOptionals(Library& library) {
  const Type t = Type::Param("T");
  const Type optional = Type::Optional(t);
  library.Add("optional.of", "optional_of", {t}, optional, &OptionalOf);
  library.Add("optional.ofNonZeroValue", "optional_ofNonZeroValue", {t}, optional,
              &OptionalOfNonZero);
  library.Add("optional.none", "optional_none", {}, optional, &OptionalNone);
  library.AddMethod("hasValue", "optional_hasValue", {optional}, Type::Bool(), &HasValue);
  library.AddMethod("value", "optional_value", {optional}, t, &ValueOf);
  library.Add("optional.unwrap", "optional_unwrap", {Type::List(optional)}, Type::List(t), &Unwrap);
  library.AddMethod("unwrapOpt", "optional_unwrapOpt", {Type::List(optional)}, Type::List(t),
                    &Unwrap);
  library.AddMethod("first", "list_first", {Type::List(t)}, optional, &First);
  library.AddMethod("last", "list_last", {Type::List(t)}, optional, &Last);
  // Evaluated lazily by the planner: the alternative only when it is needed.
  library.AddMethod("or", "optional_or_optional", {optional, optional}, optional, nullptr);
  library.AddMethod("orValue", "optional_orValue_value", {optional, t}, t, nullptr);
}

}  // namespace kulanz::cel
