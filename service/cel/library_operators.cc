#include <algorithm>

#include "service/cel/compare.h"
#include "service/cel/library.h"
#include "service/cel/map.h"
#include "service/cel/operators.h"
#include "service/cel/utf8.h"

namespace kulanz::cel {
namespace {

template <typename Test>
Value Ordered(const Value* args, Test test) {
  const Order result = CompareValues(args[0], args[1]);
  if (!result.comparable) {
    return Value::Error(ErrorCode::kNoSuchOverload);
  }
  if (args[0].kind() == Kind::kMoney && result.order == std::partial_ordering::unordered) {
    return Value::Error(ErrorCode::kCurrencyMismatch);
  }
  return Value::Bool(test(result.order));
}

// Items of lists that comparing goes through for one step.
constexpr std::int64_t kItemsPerStep = 16;

// EqualWithin() on the evaluation's steps. False, with `equal` unset, when they are used up.
bool CompareEqual(CallContext& context, const Value& a, const Value& b, bool& equal) {
  constexpr std::int64_t kMostSteps = std::int64_t{1} << 40;  // so that the product fits
  const std::int64_t budget =
      std::clamp<std::int64_t>(context.steps_left(), 0, kMostSteps) * kItemsPerStep;
  std::int64_t rest = budget;
  equal = EqualWithin(a, b, rest);
  return rest >= 0 && context.Spend((budget - rest) / kItemsPerStep);
}

// The item at a whole number of any kind; nullptr when there is none.
const Value* FindInList(std::span<const Value> items, const Value& index) {
  std::uint64_t position = 0;
  switch (index.kind()) {
    case Kind::kInt:
      if (index.as_int() < 0) {
        return nullptr;
      }
      position = static_cast<std::uint64_t>(index.as_int());
      break;
    case Kind::kUint:
      position = index.as_uint();
      break;
    case Kind::kDouble: {
      const double number = index.as_double();
      if (!(number >= 0 && number < static_cast<double>(items.size()))) {
        return nullptr;
      }
      position = static_cast<std::uint64_t>(number);
      if (static_cast<double>(position) != number) {
        return nullptr;
      }
      break;
    }
    default:
      return nullptr;
  }
  return position < items.size() ? &items[position] : nullptr;
}

const Value* FindItem(const Value& container, const Value& key) {
  return container.kind() == Kind::kMap ? FindInMap(container.as_map(), key)
                                        : FindInList(container.as_list(), key);
}

// Whether `key` may be asked for in `container` at all.
bool IsIndexable(const Value& container, const Value& key) {
  if (container.kind() == Kind::kList) {
    return IsNumber(key.kind());
  }
  return container.kind() == Kind::kMap && (IsMapKey(key.kind()) || key.kind() == Kind::kDouble);
}

Value NoItem(const Value& container) {
  return Value::Error(container.kind() == Kind::kMap ? ErrorCode::kNoSuchKey
                                                     : ErrorCode::kIndexOutOfRange);
}

Value Size(CallContext&, const Value* args) {
  switch (args[0].kind()) {
    case Kind::kString:
      return Value::Int(static_cast<std::int64_t>(utf8::Count(args[0].as_string())));
    case Kind::kBytes:
    case Kind::kList:
    case Kind::kMap:
      return Value::Int(args[0].size());
    default:
      return Value::Error(ErrorCode::kNoSuchOverload);
  }
}

Value Not(CallContext&, const Value* args) {
  return args[0].kind() == Kind::kBool ? Value::Bool(!args[0].as_bool())
                                       : Value::Error(ErrorCode::kNoSuchOverload);
}

Value TypeOfValue(CallContext&, const Value* args) {
  return Value::TypeNamed(KindName(args[0].kind()));
}

}  // namespace

Value LessThan(CallContext&, const Value* args) {
  return Ordered(args, [](std::partial_ordering order) { return order < 0; });
}
Value LessOrEqual(CallContext&, const Value* args) {
  return Ordered(args, [](std::partial_ordering order) { return order <= 0; });
}
Value GreaterThan(CallContext&, const Value* args) {
  return Ordered(args, [](std::partial_ordering order) { return order > 0; });
}
Value GreaterOrEqual(CallContext&, const Value* args) {
  return Ordered(args, [](std::partial_ordering order) { return order >= 0; });
}
Value EqualTo(CallContext& context, const Value* args) {
  bool equal = false;
  return CompareEqual(context, args[0], args[1], equal) ? Value::Bool(equal)
                                                        : Value::Error(ErrorCode::kTooManySteps);
}
Value NotEqualTo(CallContext& context, const Value* args) {
  bool equal = false;
  return CompareEqual(context, args[0], args[1], equal) ? Value::Bool(!equal)
                                                        : Value::Error(ErrorCode::kTooManySteps);
}

Value IsIn(CallContext& context, const Value* args) {
  if (args[1].kind() == Kind::kMap) {
    return Value::Bool(FindInMap(args[1].as_map(), args[0]) != nullptr);
  }
  if (args[1].kind() != Kind::kList) {
    return Value::Error(ErrorCode::kNoSuchOverload);
  }
  const std::span<const Value> items = args[1].as_list();
  if (!context.Spend(static_cast<std::int64_t>(items.size()) / kItemsPerStep)) {
    return Value::Error(ErrorCode::kTooManySteps);
  }
  if (args[0].kind() == Kind::kString) {  // equals strings only
    return Value::Bool(std::any_of(items.begin(), items.end(), [&](const Value& item) {
      return item.kind() == Kind::kString && item.as_string() == args[0].as_string();
    }));
  }
  for (const Value& item : items) {
    bool equal = false;
    if (!CompareEqual(context, item, args[0], equal)) {
      return Value::Error(ErrorCode::kTooManySteps);
    }
    if (equal) {
      return Value::Bool(true);
    }
  }
  return Value::Bool(false);
}

Value Index(CallContext& context, const Value* args) {
  if (args[0].kind() == Kind::kOptional) {
    return OptionalIndex(context, args);
  }
  if (!IsIndexable(args[0], args[1])) {
    return Value::Error(ErrorCode::kNoSuchOverload);
  }
  const Value* const item = FindItem(args[0], args[1]);
  return item != nullptr ? *item : NoItem(args[0]);
}

Value OptionalIndex(CallContext& context, const Value* args) {
  Value container = args[0];
  if (container.kind() == Kind::kOptional) {
    if (!container.has_value()) {
      return Value::None();
    }
    container = container.held();
  }
  if (!IsIndexable(container, args[1])) {
    return Value::Error(ErrorCode::kNoSuchOverload);
  }
  const Value* const item = FindItem(container, args[1]);
  return item != nullptr ? MakeOptional(context, *item) : Value::None();
}

Value SelectField(CallContext& context, const Value& operand, std::string_view name) {
  const Value args[] = {operand, Value::String(name)};
  if (operand.kind() == Kind::kOptional) {
    return OptionalIndex(context, args);
  }
  if (operand.kind() != Kind::kMap) {
    return Value::Error(ErrorCode::kNoSuchOverload, "only maps have fields");
  }
  return Index(context, args);
}

Value MakeOptional(CallContext& context, const Value& value) {
  Value* const held = context.arena().AllocateArray<Value>(1);
  if (held == nullptr) {
    return Value::Error(ErrorCode::kTooMuchMemory);
  }
  *held = value;
  return Value::Some(held);
}

void AddOperators(Library& library) {
  const Type t = Type::Param("T");
  const Type k = Type::Param("K");
  const Type v = Type::Param("V");
  const Type list = Type::List(t);
  const Type map = Type::Map(k, v);
  const auto& Bool = Type::Bool();

  library.Add("_?_:_", "conditional", {Bool, t, t}, t, nullptr);
  library.Add("_&&_", "logical_and", {Bool, Bool}, Bool, nullptr);
  library.Add("_||_", "logical_or", {Bool, Bool}, Bool, nullptr);
  library.Add("!_", "logical_not", {Bool}, Bool, &Not);
  library.Add("_==_", "equals", {t, t}, Bool, &EqualTo);
  library.Add("_!=_", "not_equals", {t, t}, Bool, &NotEqualTo);
  library.Add("_==_", "equals_decimal_int", {Type::Decimal(), Type::Int()}, Bool, &EqualTo);
  library.Add("_==_", "equals_int_decimal", {Type::Int(), Type::Decimal()}, Bool, &EqualTo);
  library.Add("_!=_", "not_equals_decimal_int", {Type::Decimal(), Type::Int()}, Bool, &NotEqualTo);
  library.Add("_!=_", "not_equals_int_decimal", {Type::Int(), Type::Decimal()}, Bool, &NotEqualTo);
  library.Add("@in", "in_list", {t, list}, Bool, &IsIn);
  library.Add("@in", "in_map", {k, map}, Bool, &IsIn);

  struct Comparison {
    std::string_view name;
    std::string_view id;
    Implementation implementation;
  };
  const Type numbers[] = {Type::Int(), Type::Uint(), Type::Double()};
  const Type others[] = {Bool,
                         Type::String(),
                         Type::Bytes(),
                         Type::Timestamp(),
                         Type::Duration(),
                         Type::Decimal(),
                         Type::Money(),
                         Type::Date()};
  for (const auto& [name, id, implementation] :
       {Comparison{"_<_", "less_", &LessThan}, Comparison{"_<=_", "less_equals_", &LessOrEqual},
        Comparison{"_>_", "greater_", &GreaterThan},
        Comparison{"_>=_", "greater_equals_", &GreaterOrEqual}}) {
    for (const Type& type : others) {
      library.Add(name, std::string(id) + std::string(type.name()), {type, type}, Bool,
                  implementation);
    }
    for (const Type& a : numbers) {
      for (const Type& b : numbers) {
        std::string overload = std::string(id) + std::string(a.name());
        overload += a == b ? "" : "_" + std::string(b.name());
        library.Add(name, overload, {a, b}, Bool, implementation);
      }
    }
    library.Add(name, std::string(id) + "decimal_int", {Type::Decimal(), Type::Int()}, Bool,
                implementation);
    library.Add(name, std::string(id) + "int_decimal", {Type::Int(), Type::Decimal()}, Bool,
                implementation);
  }

  library.Add("_[_]", "index_list", {list, Type::Int()}, t, &Index);
  library.Add("_[_]", "index_map", {map, k}, v, &Index);
  library.Add("_[_]", "optional_list_index_int", {Type::Optional(list), Type::Int()},
              Type::Optional(t), &Index);
  library.Add("_[_]", "optional_map_index_value", {Type::Optional(map), k}, Type::Optional(v),
              &Index);
  library.Add("_[?_]", "list_optindex_optional_int", {list, Type::Int()}, Type::Optional(t),
              &OptionalIndex);
  library.Add("_[?_]", "map_optindex_optional_value", {map, k}, Type::Optional(v), &OptionalIndex);
  library.Add("_[?_]", "optional_list_optindex_optional_int", {Type::Optional(list), Type::Int()},
              Type::Optional(t), &OptionalIndex);
  library.Add("_[?_]", "optional_map_optindex_optional_value", {Type::Optional(map), k},
              Type::Optional(v), &OptionalIndex);

  for (const Type& sized : {Type::String(), Type::Bytes(), list, map}) {
    library.Add("size", "size_" + std::string(sized.name()), {sized}, Type::Int(), &Size);
    library.AddMethod("size", std::string(sized.name()) + "_size", {sized}, Type::Int(), &Size);
  }
  library.Add("type", "type", {t}, Type::TypeOf(t), &TypeOfValue);
}

}  // namespace kulanz::cel
