#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "service/cel/diagnostic_ids.h"
#include "service/cel/named_arguments.h"
#include "service/cel/policy_checks.h"
#include "service/cel/rate_table.h"
#include "service/cel/suggestion.h"

namespace kulanz::cel {
namespace {

using Literals = std::vector<std::string>;

// How many known values a message lists.
constexpr std::size_t kMembersShownMax = 8;

// The only texts that a part can be, or hold as a list or an optional; and whose they are.
struct KnownTexts {
  const Literals* literals = nullptr;  // null: any text
  std::string_view whose;
};

class LiteralChecker {
 public:
  LiteralChecker(const Environment& environment, Diagnostics& diagnostics)
      : environment_(environment), diagnostics_(diagnostics) {}

  // Checks every comparison in `expr`; what is known of its own value.
  KnownTexts Walk(const Expr& expr);
  // Every constant text that `expr` may yield is one of `known`.
  void Expect(const Expr& expr, const KnownTexts& known);

 private:
  KnownTexts WalkScope(const Expr& expr);
  // table("name", key): the table has a rate for every text that the key can be.
  void CheckKey(const Expr& call, const KnownTexts& key);

  const Environment& environment_;
  Diagnostics& diagnostics_;
  std::vector<KnownTexts> locals_;
};

void LiteralChecker::Expect(const Expr& expr, const KnownTexts& known_texts) {
  const Literals& literals = *known_texts.literals;
  const std::string_view whose = known_texts.whose;
  if (expr.kind == ExprKind::kCall && expr.name == op::kConditional) {
    Expect(*expr.args[1], known_texts);
    Expect(*expr.args[2], known_texts);
    return;
  }
  if (expr.kind == ExprKind::kList) {
    for (const Expr* item : expr.args) {
      Expect(*item, known_texts);
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
    for (std::size_t i = 0; i < std::min(known.size(), kMembersShownMax); ++i) {
      hint += (i == 0 ? "\"" : ", \"") + std::string(known[i]) + "\"";
    }
    hint += known.size() > kMembersShownMax ? ", ..." : "";
  }
  diagnostics_.push_back(
      {.id = id::kUnknownLiteral,
       .message = (whose.empty() ? "the result" : "'" + std::string(whose) + "'") + " is never \"" +
                  std::string(*text) + "\"",
       .span = expr.span,
       .hint = std::move(hint),
       .replacement = suggestion.empty() ? "" : "\"" + std::string(suggestion) + "\""});
}

void LiteralChecker::CheckKey(const Expr& call, const KnownTexts& key) {
  const std::optional<std::string_view> name = ConstantText(*call.args[0]);
  const RateTable* const table = name ? environment_.FindRateTable(*name) : nullptr;
  if (table == nullptr || key.literals == nullptr) {
    return;
  }
  for (const std::string& literal : *key.literals) {
    if (!table->HasKey(literal)) {
      diagnostics_.push_back({.id = id::kUnknownTable,
                              .message = "'" + std::string(key.whose) + "' can be \"" + literal +
                                         "\", for which table '" + std::string(*name) +
                                         "' has no rate",
                              .span = call.args[1]->span,
                              .hint = "add it to the table",
                              .replacement = {}});
    }
  }
}

// The variable of a scope holds what its range, value or optional holds.
KnownTexts LiteralChecker::WalkScope(const Expr& expr) {
  const KnownTexts range = Walk(*expr.args[0]);
  const bool is_map = expr.args[0]->type.is(Type::Kind::kMap);
  const auto first = static_cast<std::size_t>(expr.local);
  locals_.resize(std::max(locals_.size(), first + 2));
  locals_[first] = is_map ? KnownTexts() : range;
  locals_[first + 1] = expr.variable2.empty() || is_map ? KnownTexts() : range;
  KnownTexts body;
  for (std::size_t i = 1; i < expr.args.size(); ++i) {
    const KnownTexts part = Walk(*expr.args[i]);
    body = i == 1 ? part : body;
  }
  const bool keeps = expr.kind == ExprKind::kComprehension && expr.loop == Loop::kFilter;
  return keeps ? range : body;
}

KnownTexts LiteralChecker::Walk(const Expr& expr) {
  if (expr.kind == ExprKind::kComprehension || expr.kind == ExprKind::kBind ||
      expr.kind == ExprKind::kOptionalMap) {
    return WalkScope(expr);
  }
  if (expr.ref == RefKind::kSlot) {
    return expr.is_test || expr.declared->literals.empty()
               ? KnownTexts()
               : KnownTexts{&expr.declared->literals, expr.declared_name};
  }
  if (expr.ref == RefKind::kLocal) {
    const auto slot = static_cast<std::size_t>(expr.slot);
    return slot < locals_.size() ? locals_[slot] : KnownTexts();
  }
  std::vector<KnownTexts> known;
  for (const Expr* arg : expr.args) {
    known.push_back(Walk(*arg));
  }
  if (expr.ref == RefKind::kField && !expr.is_test && !expr.declared->literals.empty()) {
    return {&expr.declared->literals, expr.declared_name};
  }
  if (expr.kind != ExprKind::kCall) {
    return {};
  }
  if (!expr.overloads.empty() && IsTableLookup(*expr.overloads[0])) {
    CheckKey(expr, known[1]);
  }
  const bool compares =
      expr.name == op::kEquals || expr.name == op::kNotEquals || expr.name == op::kIn;
  if (compares && known.size() == 2) {
    if (known[0].literals != nullptr) {
      Expect(*expr.args[1], known[0]);
    }
    if (known[1].literals != nullptr) {
      Expect(*expr.args[0], known[1]);
    }
  }
  const bool passes_on = expr.name == "orValue" || expr.name == "value" ||
                         expr.name == op::kIndex || expr.name == op::kOptionalIndex;
  return passes_on && !known.empty() ? known[0] : KnownTexts();
}

}  // namespace

void CheckLiteralSets(const Ast& ast, const Environment& environment, const Expected& expected,
                      Diagnostics& diagnostics) {
  LiteralChecker checker(environment, diagnostics);
  checker.Walk(*ast.root());
  if (!expected.literals.empty()) {
    checker.Expect(*ast.root(), {&expected.literals, {}});
  }
}

}  // namespace kulanz::cel
