#include <string>
#include <utility>

#include "service/cel/diagnostic_ids.h"
#include "service/cel/limits.h"
#include "service/cel/quoted.h"
#include "service/cel/type_checker.h"

namespace kulanz::cel {
namespace {

using K = Type::Kind;

}  // namespace

int TypeChecker::PushLocal(std::string_view name, const Type& type, TextSpan span) {
  const int index = names_.Push(name, type);
  if (index < 0) {
    Report(id::kTooDeep, span,
           "more than " + std::to_string(kMaxLocals) + " variables are in use at once");
  }
  return index;
}

void TypeChecker::ExpectBool(const Expr& expr, std::string_view whose) {
  if (!unifier_.Assign(Type::Bool(), expr.type)) {
    Report(id::kTypeMismatch, expr.span,
           "the condition of " + Quoted(whose) + " must be a bool, not of type " + Show(expr.type));
  }
}

Type TypeChecker::CheckComprehension(Expr& expr) {
  const Type range = unifier_.Resolve(Check(*expr.args[0]), false);
  const bool two = !expr.variable2.empty();
  Type first = Type::Dyn();
  Type second = Type::Dyn();
  if (range.is(K::kList)) {
    first = two ? Type::Int() : range.parameters()[0];
    second = range.parameters()[0];
  } else if (range.is(K::kMap)) {
    first = range.parameters()[0];
    second = range.parameters()[1];
  } else if (range.is(K::kParam)) {
    unifier_.Assign(Type::Dyn(), range);
  } else if (range.is_error()) {
    first = second = Type::Error();
  } else if (!range.is_dyn()) {
    Report(id::kTypeMismatch, expr.args[0]->span,
           Quoted(LoopName(expr.loop)) + " goes through a list or a map, not a value of type " +
               Show(range));
    first = second = Type::Error();
  }
  expr.local = PushLocal(expr.variable, first, expr.name_span);
  if (two) {
    PushLocal(expr.variable2, second, expr.name_span);
  }
  // The filter first, as it is evaluated: it may say what the variables are.
  for (std::size_t i = expr.args.size() - 1; i >= 1; --i) {
    Check(*expr.args[i]);
  }
  names_.Pop();
  if (two) {
    names_.Pop();
  }
  return LoopResult(expr, first);
}

Type TypeChecker::LoopResult(Expr& expr, const Type& first_variable) {
  const Expr& body = *expr.args[1];
  if (expr.args.size() > 2) {
    ExpectBool(*expr.args[2], LoopName(expr.loop));
  }
  switch (expr.loop) {
    case Loop::kAll:
    case Loop::kExists:
    case Loop::kExistsOne:
      ExpectBool(body, LoopName(expr.loop));
      return Type::Bool();
    case Loop::kFilter:
      ExpectBool(body, LoopName(expr.loop));
      return Type::List(first_variable);
    case Loop::kMap:
    case Loop::kTransformList:
      return Type::List(body.type);
    case Loop::kTransformMap:
      return Type::Map(first_variable, body.type);
    case Loop::kTransformMapEntry: {
      const Type entry = Type::Map(unifier_.Fresh(), unifier_.Fresh());
      if (!unifier_.Assign(entry, body.type)) {
        return Report(
            id::kTypeMismatch, body.span,
            "transformMapEntry takes a map of one entry, not a value of type " + Show(body.type));
      }
      return entry;
    }
  }
  return Type::Error();
}

Type TypeChecker::CheckBind(Expr& expr) {
  const Type bound = Check(*expr.args[0]);
  expr.local = PushLocal(expr.variable, bound, expr.name_span);
  const Type result = Check(*expr.args[1]);
  names_.Pop();
  return result;
}

Type TypeChecker::CheckOptionalMap(Expr& expr) {
  Type held = unifier_.Fresh();
  if (!unifier_.Assign(Type::Optional(held), Check(*expr.args[0]))) {
    Report(id::kTypeMismatch, expr.args[0]->span,
           Quoted(expr.flat ? "optFlatMap" : "optMap") +
               " is for optionals, not for a value of type " + Show(expr.args[0]->type));
    held = Type::Error();
  }
  expr.local = PushLocal(expr.variable, held, expr.name_span);
  const Type body = Check(*expr.args[1]);
  names_.Pop();
  if (!expr.flat) {
    return Type::Optional(body);
  }
  const Type result = Type::Optional(unifier_.Fresh());
  if (!unifier_.Assign(result, body)) {
    return Report(id::kTypeMismatch, expr.args[1]->span,
                  "optFlatMap needs an optional here, not a value of type " + Show(body),
                  "use optMap");
  }
  return result;
}

}  // namespace kulanz::cel
