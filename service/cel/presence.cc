#include <algorithm>
#include <iterator>
#include <set>
#include <string>

#include "service/cel/diagnostic_ids.h"
#include "service/cel/policy_checks.h"

namespace kulanz::cel {
namespace {

// What may be absent, as far as a guard can be told to speak of it: an input, or the field of a record
// that a variable holds. Reads of other records' fields are never proved.
struct Place {
  enum class Of : std::uint8_t { kUnknown, kSlot, kFieldOfSlot, kFieldOfLocal };
  Of of = Of::kUnknown;
  int slot = 0;
  int field = 0;
  friend auto operator<=>(const Place&, const Place&) = default;
};

Place PlaceOf(const Expr& expr) {
  if (expr.ref == RefKind::kSlot) {
    return {Place::Of::kSlot, expr.slot, 0};
  }
  const Expr& record = expr.operand();
  if (record.ref == RefKind::kLocal) {
    return {Place::Of::kFieldOfLocal, record.slot, expr.slot};
  }
  return record.ref == RefKind::kSlot && !record.optional
             ? Place{Place::Of::kFieldOfSlot, record.slot, expr.slot}
             : Place{};
}

// Places that are known to hold a value at some point of the expression. A variable's slot may be taken
// by another one later; facts about it do not leave its scope.
using Facts = std::set<Place>;

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
  explicit PresenceChecker(Diagnostics& diagnostics) : diagnostics_(diagnostics) {}

  // Checks every read in `expr`, given `facts`.
  Proof Walk(const Expr& expr, const Facts& facts);

 private:
  Proof WalkCall(const Expr& expr, const Facts& facts);
  // `if_true` of && (of ||: `if_false`) gathers from left to right.
  Proof WalkLogic(const Expr& expr, Facts facts, bool conjunction);
  void CheckRead(const Expr& expr, const Facts& facts);

  Diagnostics& diagnostics_;
};

void PresenceChecker::CheckRead(const Expr& expr, const Facts& facts) {
  const Place place = PlaceOf(expr);
  if (expr.declared->required || (place.of != Place::Of::kUnknown && facts.contains(place))) {
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
                          .hint = place.of == Place::Of::kUnknown
                                      ? "write " + fallback.substr(5)
                                      : "write has(" + name + ") && ... before it" + fallback,
                          .replacement = {}});
}

Proof PresenceChecker::Walk(const Expr& expr, const Facts& facts) {
  if (expr.ref == RefKind::kField) {
    Walk(expr.operand(), facts);
  }
  if (expr.ref == RefKind::kSlot || expr.ref == RefKind::kField) {
    if (expr.is_test) {
      return {{PlaceOf(expr)}, {}};
    }
    const bool yields_optional =
        expr.ref == RefKind::kField && expr.operand().type.is(Type::Kind::kOptional);
    if (!expr.optional && !yields_optional) {
      CheckRead(expr, facts);
    }
    return {};
  }
  if (expr.kind == ExprKind::kComprehension && expr.args.size() > 2) {  // the filter comes first
    Walk(*expr.args[0], facts);
    Walk(*expr.args[1], Union(facts, Walk(*expr.args[2], facts).if_true));
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

void CheckPresence(const Ast& ast, Diagnostics& diagnostics) {
  PresenceChecker(diagnostics).Walk(*ast.root(), {});
}

}  // namespace kulanz::cel
