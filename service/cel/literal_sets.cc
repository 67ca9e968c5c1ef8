#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "service/cel/diagnostic_ids.h"
#include "service/cel/named_arguments.h"
#include "service/cel/policy_checks.h"
#include "service/cel/suggestion.h"

namespace kulanz::cel {
namespace {

using Literals = std::vector<std::string>;

// How many known values a message lists.
constexpr std::size_t kMaxShown = 8;

class LiteralChecker {
 public:
  LiteralChecker(const Environment& environment, Diagnostics& diagnostics)
      : environment_(environment), diagnostics_(diagnostics) {}

  void Walk(const Expr& expr);
  // Every constant text that `expr` may yield is one of `literals`.
  void Expect(const Expr& expr, const Literals& literals, std::string_view whose);

 private:
  // The only values that `expr` can have, or nullptr; `whose` gets the input's name.
  const Literals* SetOf(const Expr& expr, std::string_view& whose) const;

  const Environment& environment_;
  Diagnostics& diagnostics_;
};

const Literals* LiteralChecker::SetOf(const Expr& expr, std::string_view& whose) const {
  if (expr.ref == RefKind::kSlot && !expr.is_test) {
    const Environment::Declaration* const declaration = environment_.Find(expr.declared_name);
    if (declaration == nullptr || declaration->field.literals.empty()) {
      return nullptr;
    }
    whose = expr.declared_name;
    return &declaration->field.literals;
  }
  if (expr.kind == ExprKind::kCall && (expr.name == "orValue" || expr.name == "value")) {
    return SetOf(*expr.args[0], whose);
  }
  if (expr.kind == ExprKind::kCall && expr.name == op::kIndex) {
    return SetOf(*expr.args[0], whose);
  }
  return nullptr;
}

void LiteralChecker::Expect(const Expr& expr, const Literals& literals, std::string_view whose) {
  if (expr.kind == ExprKind::kCall && expr.name == op::kConditional) {
    Expect(*expr.args[1], literals, whose);
    Expect(*expr.args[2], literals, whose);
    return;
  }
  if (expr.kind == ExprKind::kList) {
    for (const Expr* item : expr.args) {
      Expect(*item, literals, whose);
    }
    return;
  }
  const std::optional<std::string_view> text = ConstantText(expr);
  if (!text || std::find(literals.begin(), literals.end(), *text) != literals.end()) {
    return;
  }
  const std::vector<std::string_view> known(literals.begin(), literals.end());
  const std::string_view suggestion = Suggest(*text, known);
  std::string hint;
  if (!suggestion.empty()) {
    hint = "did you mean \"" + std::string(suggestion) + "\"?";
  } else {
    hint = "it can be ";
    for (std::size_t i = 0; i < std::min(known.size(), kMaxShown); ++i) {
      hint += (i == 0 ? "\"" : ", \"") + std::string(known[i]) + "\"";
    }
    hint += known.size() > kMaxShown ? ", ..." : "";
  }
  diagnostics_.push_back(
      {.id = id::kUnknownLiteral,
       .message = (whose.empty() ? "the result" : "'" + std::string(whose) + "'") + " is never \"" +
                  std::string(*text) + "\"",
       .span = expr.span,
       .hint = std::move(hint),
       .replacement = suggestion.empty() ? "" : "\"" + std::string(suggestion) + "\""});
}

void LiteralChecker::Walk(const Expr& expr) {
  for (const Expr* arg : expr.args) {
    Walk(*arg);
  }
  if (expr.kind != ExprKind::kCall || expr.args.size() != 2) {
    return;
  }
  const bool compares =
      expr.name == op::kEquals || expr.name == op::kNotEquals || expr.name == op::kIn;
  if (!compares) {
    return;
  }
  std::string_view whose;
  if (const Literals* literals = SetOf(*expr.args[0], whose)) {
    Expect(*expr.args[1], *literals, whose);
  }
  if (const Literals* literals = SetOf(*expr.args[1], whose)) {
    Expect(*expr.args[0], *literals, whose);
  }
}

}  // namespace

void CheckLiteralSets(const Ast& ast, const Environment& environment, const Expected& expected,
                      Diagnostics& diagnostics) {
  LiteralChecker checker(environment, diagnostics);
  checker.Walk(*ast.root());
  if (!expected.literals.empty()) {
    checker.Expect(*ast.root(), expected.literals, {});
  }
}

}  // namespace kulanz::cel
