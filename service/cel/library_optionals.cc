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
  // Evaluated lazily by the planner: the alternative only when it is needed.
  library.AddMethod("or", "optional_or_optional", {optional, optional}, optional, nullptr);
  library.AddMethod("orValue", "optional_orValue_value", {optional, t}, t, nullptr);
}

}  // namespace kulanz::cel
