#include "service/cel/guards.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace kulanz::cel {
namespace {

bool IsSlot(const Expr& expr) {
  return expr.ref == RefKind::kSlot && !expr.is_test && !expr.optional;
}

// A constant that an index can look up.
std::optional<Value> KeyOf(const Expr& expr) {
  const bool constant = expr.kind == ExprKind::kConstant || expr.ref == RefKind::kConstant;
  const Kind kind = expr.value.kind();
  const bool key =
      kind == Kind::kString || kind == Kind::kInt || kind == Kind::kUint || kind == Kind::kBool;
  return constant && key ? std::optional<Value>(expr.value) : std::nullopt;
}

std::optional<FoundGuard> GuardOf(const Expr& conjunct) {
  if (conjunct.kind != ExprKind::kCall || conjunct.args.size() != 2) {
    return std::nullopt;
  }
  const Expr& left = *conjunct.args[0];
  const Expr& right = *conjunct.args[1];
  if (conjunct.name == op::kEquals) {
    const Expr& slot = IsSlot(left) ? left : right;
    const std::optional<Value> value = KeyOf(IsSlot(left) ? right : left);
    if (IsSlot(slot) && value) {
      return FoundGuard{slot.slot, {*value}};
    }
  } else if (conjunct.name == op::kIn && IsSlot(left) && right.kind == ExprKind::kList) {
    FoundGuard guard{left.slot, {}};
    for (const Expr* item : right.args) {
      const std::optional<Value> value = KeyOf(*item);
      if (!value) {
        return std::nullopt;
      }
      guard.values.push_back(*value);
    }
    return guard;
  }
  return std::nullopt;
}

void Collect(const Expr& expr, std::vector<FoundGuard>& guards) {
  if (expr.kind == ExprKind::kCall && expr.name == op::kAnd) {
    for (const Expr* arg : expr.args) {
      Collect(*arg, guards);
    }
  } else if (std::optional<FoundGuard> guard = GuardOf(expr)) {
    guards.push_back(*std::move(guard));
  }
}

void CollectSlots(const Expr& expr, std::vector<int>& slots) {
  if (expr.ref == RefKind::kSlot) {
    slots.push_back(expr.slot);
    return;  // its operands are parts of the name
  }
  for (const Expr* arg : expr.args) {
    CollectSlots(*arg, slots);
  }
}

}  // namespace

std::vector<FoundGuard> FindGuards(const Ast& ast) {
  std::vector<FoundGuard> guards;
  Collect(*ast.root(), guards);
  return guards;
}

std::vector<int> FindSlots(const Ast& ast) {
  std::vector<int> slots;
  CollectSlots(*ast.root(), slots);
  std::sort(slots.begin(), slots.end());
  slots.erase(std::unique(slots.begin(), slots.end()), slots.end());
  return slots;
}

}  // namespace kulanz::cel
