#include "service/cel/macros.h"

#include <string>
#include <utility>

#include "service/cel/diagnostic_ids.h"

namespace kulanz::cel {
namespace {

// The name of cel-go's accumulator; taking it as a variable is an error there, so it is here.
constexpr std::string_view kAccumulator = "__result__";

struct Expander {
  Ast& ast;
  Expr* call;
  Diagnostics& diagnostics;

  Expr* Report(TextSpan span, std::string message) {
    diagnostics.push_back({.id = id::kBadMacro,
                           .message = std::move(message),
                           .span = span,
                           .hint = {},
                           .replacement = {}});
    return ast.Add(ExprKind::kInvalid, call->span);
  }

  // The variable that argument `index` names; reports otherwise.
  bool Variable(std::size_t index, std::string_view& name) {
    const Expr& arg = *call->args[index];
    if (arg.kind == ExprKind::kInvalid) {
      return false;
    }
    if (arg.kind != ExprKind::kName || arg.leading_dot) {
      Report(arg.span,
             "'" + std::string(call->name) + "' needs a plain name for its variable here");
      return false;
    }
    if (arg.name == kAccumulator) {
      Report(arg.span, "'__result__' cannot be the name of a variable");
      return false;
    }
    name = arg.name;
    return true;
  }

  Expr* Has();
  Expr* Comprehension(Loop loop, std::size_t variables, bool filter_first);
  Expr* Bind();
  Expr* OptionalMap(bool flat);
  Expr* Extremum(std::string_view function);
};

Expr* Expander::Has() {
  Expr* const arg = call->args[0];
  if (arg->kind == ExprKind::kInvalid) {
    return arg;
  }
  if (arg->kind != ExprKind::kSelect || arg->is_test) {
    return Report(arg->span, "has() needs a field, as in has(a.b)");
  }
  Expr* const test = ast.Add(ExprKind::kSelect, call->span, arg->args);
  test->name = arg->name;
  test->name_span = arg->name_span;
  test->optional = arg->optional;
  test->is_test = true;
  return test;
}

// range.loop(x, body), range.loop(x, y, body), or with a filter before the body.
Expr* Expander::Comprehension(Loop loop, std::size_t variables, bool filter_first) {
  std::string_view first;
  std::string_view second;
  if (!Variable(1, first) || (variables == 2 && !Variable(2, second))) {
    return ast.Add(ExprKind::kInvalid, call->span);
  }
  if (variables == 2 && first == second) {
    return Report(call->args[2]->span, "the two variables need different names");
  }
  std::vector<Expr*> args = {call->args[0], call->args.back()};
  if (filter_first) {
    args.push_back(call->args[1 + variables]);
  }
  Expr* const result = ast.Add(ExprKind::kComprehension, call->span, std::move(args));
  result->loop = loop;
  result->name_span = call->name_span;
  result->variable = first;
  result->variable2 = second;
  return result;
}

Expr* Expander::Bind() {
  std::string_view variable;
  if (!Variable(1, variable)) {
    return ast.Add(ExprKind::kInvalid, call->span);
  }
  Expr* const bind = ast.Add(ExprKind::kBind, call->span, {call->args[2], call->args[3]});
  bind->name_span = call->name_span;
  bind->variable = variable;
  return bind;
}

Expr* Expander::OptionalMap(bool flat) {
  std::string_view variable;
  if (!Variable(1, variable)) {
    return ast.Add(ExprKind::kInvalid, call->span);
  }
  Expr* const map = ast.Add(ExprKind::kOptionalMap, call->span, {call->args[0], call->args[2]});
  map->name_span = call->name_span;
  map->variable = variable;
  map->flat = flat;
  return map;
}

// math.greatest(a, b, ...): a call of the extremum of one, two or a list of numbers.
Expr* Expander::Extremum(std::string_view function) {
  std::vector<Expr*> args(call->args.begin() + 1, call->args.end());
  for (const Expr* arg : args) {
    const bool literal = arg->kind == ExprKind::kConstant || arg->kind == ExprKind::kMap;
    const Kind kind = arg->value.kind();
    const bool number = kind == Kind::kInt || kind == Kind::kUint || kind == Kind::kDouble;
    if (literal && (arg->kind == ExprKind::kMap || !number)) {
      return Report(arg->span, "math." + std::string(call->name) + "() takes numbers");
    }
    if (arg->kind == ExprKind::kList && (args.size() > 1 || arg->args.empty())) {
      return Report(arg->span, "math." + std::string(call->name) +
                                   "() takes numbers, or one list that is not empty");
    }
  }
  if (args.size() > 2) {
    Expr* const list = ast.Add(ExprKind::kList, call->span, std::move(args));
    list->optional_args.assign(list->args.size(), false);
    args = {list};
  }
  Expr* const result = ast.Add(ExprKind::kCall, call->span, std::move(args));
  result->name = function;
  result->name_span = call->name_span;
  return result;
}

// The comprehensions by name and number of arguments after the range.
struct Rule {
  std::string_view name;
  std::size_t count;
  Loop loop;
  std::size_t variables;
  bool filter_first;
};
constexpr Rule kRules[] = {
    {"all", 2, Loop::kAll, 1, false},
    {"all", 3, Loop::kAll, 2, false},
    {"exists", 2, Loop::kExists, 1, false},
    {"exists", 3, Loop::kExists, 2, false},
    {"exists_one", 2, Loop::kExistsOne, 1, false},
    {"existsOne", 2, Loop::kExistsOne, 1, false},
    {"exists_one", 3, Loop::kExistsOne, 2, false},
    {"existsOne", 3, Loop::kExistsOne, 2, false},
    {"map", 2, Loop::kMap, 1, false},
    {"map", 3, Loop::kMap, 1, true},
    {"filter", 2, Loop::kFilter, 1, false},
    {"transformList", 3, Loop::kTransformList, 2, false},
    {"transformList", 4, Loop::kTransformList, 2, true},
    {"transformMap", 3, Loop::kTransformMap, 2, false},
    {"transformMap", 4, Loop::kTransformMap, 2, true},
    {"transformMapEntry", 3, Loop::kTransformMapEntry, 2, false},
    {"transformMapEntry", 4, Loop::kTransformMapEntry, 2, true},
};

bool IsNamed(const Expr* expr, std::string_view name) {
  return expr->kind == ExprKind::kName && !expr->leading_dot && expr->name == name;
}

}  // namespace

Expr* ExpandMacro(Ast& ast, Expr* call, Diagnostics& diagnostics) {
  Expander expander{ast, call, diagnostics};
  if (!call->is_method) {
    if (call->name == "has" && call->args.size() == 1 && !call->leading_dot) {
      return expander.Has();
    }
    return ExpandLiteralMacro(ast, call, diagnostics);
  }
  const std::size_t count = call->args.size() - 1;
  if (IsNamed(call->args[0], "cel") && call->name == "bind" && count == 3) {
    return expander.Bind();
  }
  if (IsNamed(call->args[0], "math") && (call->name == "greatest" || call->name == "least")) {
    if (count == 0) {
      return expander.Report(call->span,
                             "math." + std::string(call->name) + "() needs at least one number");
    }
    return expander.Extremum(call->name == "greatest" ? "math.@max" : "math.@min");
  }
  if ((call->name == "optMap" || call->name == "optFlatMap") && count == 2) {
    return expander.OptionalMap(call->name == "optFlatMap");
  }
  for (const Rule& rule : kRules) {
    if (rule.name == call->name && rule.count == count) {
      return expander.Comprehension(rule.loop, rule.variables, rule.filter_first);
    }
  }
  return call;
}

}  // namespace kulanz::cel
