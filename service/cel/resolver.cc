#include <utility>

#include "service/cel/checker.h"
#include "service/cel/names.h"

namespace kulanz::cel {
namespace {

// What an unchecked tree's names mean. Unknown ones are left for evaluation to fail on.
class Resolver {
 public:
  Resolver(Ast& ast, const Environment& environment) : ast_(ast), names_(environment) {}

  void Run() {
    Resolve(*ast_.root());
    ast_.set_local_count(names_.most_locals());
  }

 private:
  void Resolve(Expr& expr);
  void ResolveArgs(Expr& expr) {
    for (Expr* arg : expr.args) {
      Resolve(*arg);
    }
  }
  bool UseDeclared(Expr& expr, const std::string& chain, const Expr& root);
  void ResolveCall(Expr& expr);
  void ResolveScoped(Expr& expr);

  Ast& ast_;
  Names names_;
};

bool Resolver::UseDeclared(Expr& expr, const std::string& chain, const Expr& root) {
  if (chain.empty() || names_.StartsWithLocal(root)) {
    return false;
  }
  const Resolved resolved = names_.Resolve(chain, root.leading_dot);
  if (resolved.kind != RefKind::kSlot && resolved.kind != RefKind::kConstant) {
    return false;
  }
  expr.ref = resolved.kind;
  expr.slot = resolved.kind == RefKind::kSlot ? resolved.declaration->field.slot : 0;
  expr.value = resolved.constant;
  return true;
}

void Resolver::Resolve(Expr& expr) {
  expr.type = Type::Dyn();
  const Expr* root = nullptr;
  switch (expr.kind) {
    case ExprKind::kName:
      if (const Local* local = expr.leading_dot ? nullptr : names_.FindLocal(expr.name)) {
        expr.ref = RefKind::kLocal;
        expr.slot = local->index;
      } else if (!UseDeclared(expr, std::string(expr.name), expr)) {
        expr.ref = RefKind::kUnknown;
      }
      break;
    case ExprKind::kSelect: {
      const std::string chain = Names::ChainOf(expr.operand(), &root);
      if (chain.empty() || !UseDeclared(expr, chain + "." + std::string(expr.name), *root)) {
        ResolveArgs(expr);
      }
      break;
    }
    case ExprKind::kCall:
      ResolveCall(expr);
      break;
    case ExprKind::kComprehension:
    case ExprKind::kBind:
    case ExprKind::kOptionalMap:
      ResolveScoped(expr);
      break;
    default:
      ResolveArgs(expr);
  }
}

void Resolver::ResolveCall(Expr& expr) {
  const Expr* root = nullptr;
  if (expr.is_method) {
    const std::string chain = Names::ChainOf(expr.operand(), &root);
    std::string full_name;
    if (!chain.empty() && !names_.StartsWithLocal(*root)) {
      expr.overloads =
          names_.FindFunction(chain + "." + std::string(expr.name), root->leading_dot, &full_name);
    }
    if (!expr.overloads.empty()) {
      expr.name = ast_.Keep(std::move(full_name));
      expr.is_method = false;
      expr.args.erase(expr.args.begin());
    }
  }
  if (expr.overloads.empty()) {
    expr.overloads = names_.FindFunction(expr.name, expr.is_method || expr.leading_dot);
  }
  std::erase_if(expr.overloads, [&](const Overload* overload) {
    return overload->is_method != expr.is_method || overload->parameters.size() != expr.args.size();
  });
  ResolveArgs(expr);
}

void Resolver::ResolveScoped(Expr& expr) {
  Resolve(*expr.args[0]);
  expr.local = names_.Push(expr.variable, Type::Dyn());
  const bool two = !expr.variable2.empty();
  if (two) {
    names_.Push(expr.variable2, Type::Dyn());
  }
  for (std::size_t i = 1; i < expr.args.size(); ++i) {
    Resolve(*expr.args[i]);
  }
  names_.Pop();
  if (two) {
    names_.Pop();
  }
}

}  // namespace

void ResolveNames(Ast& ast, const Environment& environment) { Resolver(ast, environment).Run(); }

}  // namespace kulanz::cel
