#include <algorithm>
#include <iterator>
#include <set>
#include <string>

#include "service/cel/diagnostic_ids.h"
#include "service/cel/policy_checks.h"

namespace kulanz::cel {
namespace {

// Slots that are known to hold a value at some point of the expression.
using Facts = std::set<int>;

Facts Union(const Facts& a, const Facts& b) {
  Facts both = a;
  both.insert(b.begin(), b.end());
  return both;
}
Facts Intersection(const Facts& a, const Facts& b) {
  Facts common;
  std::set_intersection(a.begin(), a.end(), b.begin(), b.end(),
                        std::inserter(common, common.begin()));
  return common;
}

// What a condition proves when it is true, and when it is false.
struct Proof {
  Facts if_true;
  Facts if_false;
};

class PresenceChecker {
 public:
  PresenceChecker(const Environment& environment, Diagnostics& diagnostics)
      : environment_(environment), diagnostics_(diagnostics) {}

  // Checks every read in `expr`, given `facts`.
  Proof Walk(const Expr& expr, const Facts& facts);

 private:
  Proof WalkCall(const Expr& expr, const Facts& facts);
  // `if_true` of && (of ||: `if_false`) gathers from left to right.
  Proof WalkLogic(const Expr& expr, Facts facts, bool conjunction);
  void CheckRead(const Expr& expr, const Facts& facts);

  const Environment& environment_;
  Diagnostics& diagnostics_;
};

void PresenceChecker::CheckRead(const Expr& expr, const Facts& facts) {
  const Environment::Declaration* const declaration = environment_.Find(expr.declared_name);
  if (declaration == nullptr || declaration->field.required || facts.contains(expr.slot)) {
    return;
  }
  const std::string name(expr.declared_name);
  const std::size_t dot = name.rfind('.');
  const std::string fallback =
      dot == std::string::npos
          ? ""
          : ", or " + name.substr(0, dot) + ".?" + name.substr(dot + 1) + ".orValue(...)";
  diagnostics_.push_back({.id = id::kUnguarded,
                          .message = "'" + name + "' is optional and may be missing here",
                          .span = expr.span,
                          .hint = "write has(" + name + ") && ... before it" + fallback,
                          .replacement = {}});
}

Proof PresenceChecker::Walk(const Expr& expr, const Facts& facts) {
  if (expr.ref == RefKind::kSlot) {
    if (expr.is_test) {
      return {{expr.slot}, {}};
    }
    if (!expr.optional) {
      CheckRead(expr, facts);
    }
    return {};
  }
  if (expr.kind == ExprKind::kCall) {
    return WalkCall(expr, facts);
  }
  for (const Expr* arg : expr.args) {
    Walk(*arg, facts);
  }
  return {};
}

Proof PresenceChecker::WalkLogic(const Expr& expr, Facts facts, bool conjunction) {
  Facts all;
  Facts common;
  for (std::size_t i = 0; i < expr.args.size(); ++i) {
    const Proof proof = Walk(*expr.args[i], facts);
    const Facts& passed = conjunction ? proof.if_true : proof.if_false;
    const Facts& failed = conjunction ? proof.if_false : proof.if_true;
    facts = Union(facts, passed);
    all = Union(all, passed);
    common = i == 0 ? failed : Intersection(common, failed);
  }
  return conjunction ? Proof{all, common} : Proof{common, all};
}

Proof PresenceChecker::WalkCall(const Expr& expr, const Facts& facts) {
  if (expr.name == op::kAnd || expr.name == op::kOr) {
    return WalkLogic(expr, facts, expr.name == op::kAnd);
  }
  if (expr.name == op::kNot) {
    const Proof proof = Walk(*expr.args[0], facts);
    return {proof.if_false, proof.if_true};
  }
  if (expr.name == op::kConditional) {
    const Proof condition = Walk(*expr.args[0], facts);
    const Proof then = Walk(*expr.args[1], Union(facts, condition.if_true));
    const Proof otherwise = Walk(*expr.args[2], Union(facts, condition.if_false));
    return {Intersection(then.if_true, otherwise.if_true),
            Intersection(then.if_false, otherwise.if_false)};
  }
  for (const Expr* arg : expr.args) {
    Walk(*arg, facts);
  }
  return {};
}

}  // namespace

void CheckPresence(const Ast& ast, const Environment& environment, Diagnostics& diagnostics) {
  PresenceChecker(environment, diagnostics).Walk(*ast.root(), {});
}

}  // namespace kulanz::cel
