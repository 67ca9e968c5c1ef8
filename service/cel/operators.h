// The operators' implementations, shared by the library (calls by kind) and the planner (direct calls).
//
// Thread-safety: pure functions. Errors are values.
#pragma once

#include "service/cel/function.h"
#include "service/cel/value.h"

namespace kulanz::cel {

Value LessThan(CallContext& context, const Value* args);
Value LessOrEqual(CallContext& context, const Value* args);
Value GreaterThan(CallContext& context, const Value* args);
Value GreaterOrEqual(CallContext& context, const Value* args);
Value EqualTo(CallContext& context, const Value* args);
Value NotEqualTo(CallContext& context, const Value* args);
// element in list, key in map.
Value IsIn(CallContext& context, const Value* args);
// list[index], map[key]; of an optional, the optional of the element.
Value Index(CallContext& context, const Value* args);
// list[?index], map[?key]: an optional.
Value OptionalIndex(CallContext& context, const Value* args);
// map.name, given as map[name].
Value SelectField(CallContext& context, const Value& operand, std::string_view name);
// optional.of(value), with a copy of the value in the arena.
Value MakeOptional(CallContext& context, const Value& value);

Value AddInts(CallContext& context, const Value* args);
Value SubtractInts(CallContext& context, const Value* args);
Value MultiplyInts(CallContext& context, const Value* args);

}  // namespace kulanz::cel
