#include "service/cel/names.h"

#include <algorithm>
#include <map>
#include <utility>

#include "service/cel/limits.h"

namespace kulanz::cel {
namespace {

// Names of types are values of type `type`.
const std::map<std::string, Type, std::less<>>& TypeNames() {
  static const auto* const names = new std::map<std::string, Type, std::less<>>{
      {"bool", Type::Bool()},
      {"int", Type::Int()},
      {"uint", Type::Uint()},
      {"double", Type::Double()},
      {"string", Type::String()},
      {"bytes", Type::Bytes()},
      {"null_type", Type::Null()},
      {"list", Type::List(Type::Dyn())},
      {"map", Type::Map(Type::Dyn(), Type::Dyn())},
      {"type", Type::AnyType()},
      {"optional_type", Type::Optional(Type::Dyn())},
      {"google.protobuf.Timestamp", Type::Timestamp()},
      {"google.protobuf.Duration", Type::Duration()},
      {"decimal", Type::Decimal()},
      {"money", Type::Money()},
      {"date", Type::Date()},
  };
  return *names;
}

}  // namespace

int Names::Push(std::string_view name, Type type) {
  const int index = static_cast<int>(locals_.size());
  locals_.push_back({name, std::move(type), index});
  most_locals_ = std::max(most_locals_, index + 1);
  return index < kMaxLocals ? index : -1;
}

const Local* Names::FindLocal(std::string_view name) const {
  const auto found = std::find_if(locals_.rbegin(), locals_.rend(),
                                  [&](const Local& local) { return local.name == name; });
  return found == locals_.rend() ? nullptr : &*found;
}

template <typename Look>
bool Names::EachCandidate(std::string_view name, bool leading_dot, const Look& look) const {
  std::string_view container = leading_dot ? std::string_view() : environment_.container();
  while (!container.empty()) {
    if (look(std::string(container) + "." + std::string(name))) {
      return true;
    }
    const std::size_t dot = container.rfind('.');
    container = dot == std::string_view::npos ? std::string_view() : container.substr(0, dot);
  }
  return look(name);
}

bool Names::LookUp(std::string_view name, Resolved& resolved) const {
  if (const Environment::Declaration* declaration = environment_.Find(name)) {
    resolved.declaration = declaration;
    resolved.full_name = declaration->field.name;
    resolved.type = declaration->field.type;
    resolved.kind = declaration->constant ? RefKind::kConstant : RefKind::kSlot;
    resolved.constant = declaration->constant.value_or(Value());
    return true;
  }
  if (environment_.IsStruct(name)) {
    resolved.kind = RefKind::kStruct;
    return true;
  }
  const auto type = TypeNames().find(name);
  if (type == TypeNames().end()) {
    return false;
  }
  resolved.kind = RefKind::kConstant;
  resolved.full_name = type->first;
  resolved.constant = Value::TypeNamed(type->first);
  resolved.type = Type::TypeOf(type->second);
  return true;
}

Resolved Names::Resolve(std::string_view name, bool leading_dot) const {
  Resolved resolved;
  EachCandidate(name, leading_dot,
                [&](std::string_view candidate) { return LookUp(candidate, resolved); });
  return resolved;
}

std::vector<const Overload*> Names::FindFunction(std::string_view name, bool leading_dot,
                                                 std::string* full_name) const {
  std::vector<const Overload*> overloads;
  EachCandidate(name, leading_dot, [&](std::string_view candidate) {
    const auto add = [&](const Function& function) {
      for (const Overload& overload : function.overloads) {
        overloads.push_back(&overload);
      }
    };
    if (const Function* function = Library::Standard().Find(candidate)) {
      add(*function);
    }
    const auto found = environment_.functions().find(candidate);
    if (found != environment_.functions().end()) {
      add(found->second);
    }
    if (!overloads.empty() && full_name != nullptr) {
      *full_name = candidate;
    }
    return !overloads.empty();
  });
  return overloads;
}

std::string Names::ChainOf(const Expr& expr, const Expr** root) {
  if (expr.kind == ExprKind::kName) {
    *root = &expr;
    return std::string(expr.name);
  }
  if (expr.kind != ExprKind::kSelect || expr.is_test || expr.optional) {
    return {};
  }
  std::string chain = ChainOf(expr.operand(), root);
  if (!chain.empty()) {
    chain += '.';
    chain += expr.name;
  }
  return chain;
}

}  // namespace kulanz::cel
