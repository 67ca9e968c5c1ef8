#include <string>
#include <vector>

#include "service/cel/diagnostic_ids.h"
#include "service/cel/named_arguments.h"
#include "service/cel/policy_checks.h"

namespace kulanz::cel {
namespace {

using KnownCurrency = std::optional<Currency>;

class CurrencyChecker {
 public:
  CurrencyChecker(const Environment& environment, Diagnostics& diagnostics)
      : environment_(environment), diagnostics_(diagnostics) {}

  // The currency of the amounts that `expr` yields (or holds, as a list or an optional).
  KnownCurrency Walk(const Expr& expr);
  void Report(TextSpan span, Currency a, Currency b, std::string_view what);

 private:
  KnownCurrency WalkScope(const Expr& expr);
  KnownCurrency OfName(const Expr& expr) const;
  // All parts that hold amounts must agree; the result is what they agree on.
  KnownCurrency Agree(const std::vector<const Expr*>& parts,
                      const std::vector<KnownCurrency>& known, TextSpan span);

  const Environment& environment_;
  Diagnostics& diagnostics_;
  std::vector<KnownCurrency> locals_;
};

bool HoldsMoney(const Type& type) {
  return type.is(Type::Kind::kMoney) ||
         (!type.parameters().empty() && HoldsMoney(type.parameters().back()));
}

void CurrencyChecker::Report(TextSpan span, Currency a, Currency b, std::string_view what) {
  diagnostics_.push_back(
      {.id = id::kCurrencyMismatch,
       .message = std::string(what) + " " + std::string(a.code()) + " and " + std::string(b.code()),
       .span = span,
       .hint = "amounts of different currencies cannot be combined",
       .replacement = {}});
}

KnownCurrency CurrencyChecker::OfName(const Expr& expr) const {
  if (expr.ref == RefKind::kLocal) {
    const auto slot = static_cast<std::size_t>(expr.slot);
    return slot < locals_.size() ? locals_[slot] : std::nullopt;
  }
  if (expr.ref == RefKind::kConstant && expr.value.kind() == Kind::kMoney) {
    return expr.value.as_money().currency;
  }
  if (expr.ref == RefKind::kSlot) {
    return expr.declared->currency;
  }
  return std::nullopt;
}

KnownCurrency CurrencyChecker::Agree(const std::vector<const Expr*>& parts,
                                     const std::vector<KnownCurrency>& known, TextSpan span) {
  KnownCurrency agreed;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (!HoldsMoney(parts[i]->type) || !known[i]) {
      continue;
    }
    if (agreed && *agreed != *known[i]) {
      Report(span, *agreed, *known[i], "here meet");
      return std::nullopt;
    }
    agreed = known[i];
  }
  return agreed;
}

// The variable of a scope holds what its range, value or optional holds.
KnownCurrency CurrencyChecker::WalkScope(const Expr& expr) {
  const KnownCurrency range = Walk(*expr.args[0]);
  const auto first = static_cast<std::size_t>(expr.local);
  locals_.resize(std::max(locals_.size(), first + 2));
  locals_[first] = range;
  locals_[first + 1] = expr.variable2.empty() ? std::nullopt : range;
  KnownCurrency body;
  for (std::size_t i = 1; i < expr.args.size(); ++i) {
    const KnownCurrency part = Walk(*expr.args[i]);
    body = i == 1 ? part : body;
  }
  const bool keeps = expr.kind == ExprKind::kComprehension && expr.loop == Loop::kFilter;
  return keeps ? range : body;
}

KnownCurrency CurrencyChecker::Walk(const Expr& expr) {
  if (expr.ref == RefKind::kSlot || expr.ref == RefKind::kLocal || expr.ref == RefKind::kConstant) {
    return OfName(expr);
  }
  if (expr.kind == ExprKind::kConstant) {
    return expr.value.kind() == Kind::kMoney ? KnownCurrency(expr.value.as_money().currency)
                                             : std::nullopt;
  }
  if (expr.kind == ExprKind::kComprehension || expr.kind == ExprKind::kBind ||
      expr.kind == ExprKind::kOptionalMap) {
    return WalkScope(expr);
  }
  if (expr.ref == RefKind::kField) {
    Walk(expr.operand());
    return expr.declared->currency;
  }
  std::vector<const Expr*> parts(expr.args.begin(), expr.args.end());
  std::vector<KnownCurrency> known;
  for (const Expr* part : parts) {
    known.push_back(Walk(*part));
  }
  if (expr.kind == ExprKind::kCall && !expr.overloads.empty()) {
    if (IsTableLookup(*expr.overloads[0])) {
      const RateTable* const table =
          environment_.FindRateTable(ConstantText(*expr.args[0]).value_or(std::string_view()));
      return table != nullptr ? table->currency() : std::nullopt;
    }
    if (expr.name == "money" && expr.args.size() == 2) {
      return Currency::FromCode(ConstantText(*expr.args[1]).value_or(std::string_view()));
    }
  }
  return Agree(parts, known, expr.name_span);
}

}  // namespace

std::optional<Currency> CheckCurrencies(const Ast& ast, const Environment& environment,
                                        const Expected& expected, Diagnostics& diagnostics) {
  CurrencyChecker checker(environment, diagnostics);
  const KnownCurrency result = checker.Walk(*ast.root());
  if (expected.currency && result && *expected.currency != *result &&
      ast.root()->type.is(Type::Kind::kMoney)) {
    diagnostics.push_back({.id = id::kCurrencyMismatch,
                           .message = "the amount must be in " +
                                      std::string(expected.currency->code()) + ", but this is in " +
                                      std::string(result->code()),
                           .span = ast.root()->span,
                           .hint = {},
                           .replacement = {}});
  }
  return ast.root()->type.is(Type::Kind::kMoney) ? result : std::nullopt;
}

}  // namespace kulanz::cel
