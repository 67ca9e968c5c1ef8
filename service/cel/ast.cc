#include "service/cel/ast.h"

#include <algorithm>

namespace kulanz::cel {

std::string_view LoopName(Loop loop) {
  switch (loop) {
    case Loop::kAll:
      return "all";
    case Loop::kExists:
      return "exists";
    case Loop::kExistsOne:
      return "exists_one";
    case Loop::kMap:
      return "map";
    case Loop::kFilter:
      return "filter";
    case Loop::kTransformList:
      return "transformList";
    case Loop::kTransformMap:
      return "transformMap";
    case Loop::kTransformMapEntry:
      return "transformMapEntry";
  }
  return "?";
}

Expr* Ast::Add(ExprKind kind, TextSpan span, std::vector<Expr*> args) {
  Expr& expr = nodes_.emplace_back();
  expr.kind = kind;
  expr.span = span;
  expr.outer = span;
  expr.name_span = span;
  expr.args = std::move(args);
  for (const Expr* arg : expr.args) {
    expr.depth = std::max(expr.depth, arg->depth + 1);
  }
  return &expr;
}

std::string_view Ast::Keep(std::string text) { return names_.emplace_back(std::move(text)); }

namespace op {

std::string_view Symbol(std::string_view function) {
  if (function == kIn) {
    return "in";
  }
  if (function == kNot || function == kNegate) {
    return function.substr(0, 1);
  }
  if (function == kIndex || function == kOptionalIndex) {
    return "[]";
  }
  if (function == kConditional) {
    return "?:";
  }
  if (function.size() > 2 && function.front() == '_' && function.back() == '_') {
    return function.substr(1, function.size() - 2);
  }
  return function;
}

}  // namespace op

}  // namespace kulanz::cel
