#include <array>
#include <optional>
#include <string>

#include "service/cel/diagnostic_ids.h"
#include "service/cel/macros.h"
#include "service/domain/currency.h"
#include "service/domain/decimal.h"

namespace kulanz::cel {
namespace {

// "eur" is the macro of EUR.
std::optional<Currency> CurrencyOfMacro(std::string_view name) {
  if (name.size() != 3) {
    return std::nullopt;
  }
  std::array<char, 3> code{};
  for (std::size_t i = 0; i < code.size(); ++i) {
    if (name[i] < 'a' || name[i] > 'z') {
      return std::nullopt;
    }
    code[i] = static_cast<char>(name[i] - 'a' + 'A');
  }
  return Currency::FromCode({code.data(), code.size()});
}

bool IsNumberLiteral(const Expr& expr) {
  return expr.kind == ExprKind::kConstant &&
         (expr.value.kind() == Kind::kInt || expr.value.kind() == Kind::kDouble);
}

class LiteralExpander {
 public:
  LiteralExpander(Ast& ast, Expr* call, Diagnostics& diagnostics)
      : ast_(ast), call_(call), diagnostics_(diagnostics) {}

  Expr* Run();

 private:
  // The first argument's source text as an exact number; reports otherwise.
  std::optional<Decimal> Number();
  Expr* Amount(Currency currency);
  Expr* Constant(Value value);
  Expr* Report(TextSpan span, std::string message, std::string hint = {});

  Ast& ast_;
  Expr* call_;
  Diagnostics& diagnostics_;
};

Expr* LiteralExpander::Report(TextSpan span, std::string message, std::string hint) {
  diagnostics_.push_back({.id = id::kBadLiteral,
                          .message = std::move(message),
                          .span = span,
                          .hint = std::move(hint),
                          .replacement = {}});
  return ast_.Add(ExprKind::kInvalid, call_->span);
}

Expr* LiteralExpander::Constant(Value value) {
  Expr* const constant = ast_.Add(ExprKind::kConstant, call_->span);
  constant->value = value;
  return constant;
}

std::optional<Decimal> LiteralExpander::Number() {
  const TextSpan span = call_->args[0]->span;
  std::string text(ast_.TextOf(span));
  if (text.front() == '-') {  // "- 5" is a literal too
    text.erase(1, text.find_first_not_of(" \t\r\n\f", 1) - 1);
  }
  if (text.front() == '.') {
    text.insert(0, 1, '0');
  }
  const std::optional<Decimal> number = Decimal::Parse(text);
  if (!number) {
    Report(span, "'" + text + "' is no plain decimal number of at most 18 digits",
           "write it without exponent, as in 12.50");
  }
  return number;
}

Expr* LiteralExpander::Amount(Currency currency) {
  const std::optional<Decimal> number = Number();
  if (!number) {
    return ast_.Add(ExprKind::kInvalid, call_->span);
  }
  if (number->scale() > currency.exponent() &&
      number->RoundedTo(currency.exponent(), Rounding::kDown) != number) {
    return Report(call_->args[0]->span, "an amount of " + std::string(currency.code()) +
                                            " has at most " + std::to_string(currency.exponent()) +
                                            " decimals");
  }
  return Constant(Value::Of(ExactMoney(*number, currency)));
}

Expr* LiteralExpander::Run() {
  const std::string_view name = call_->name;
  const std::size_t count = call_->args.size();
  if (count == 0 || !IsNumberLiteral(*call_->args[0])) {
    return call_;
  }
  if (name == "money" && count == 2) {
    const Expr& code = *call_->args[1];
    if (code.kind != ExprKind::kConstant || code.value.kind() != Kind::kString) {
      return Report(code.span, "money() needs the currency as a text, as in money(25.00, \"CHF\")");
    }
    const std::optional<Currency> currency = Currency::FromCode(code.value.as_string());
    if (!currency) {
      return Report(code.span, "'" + std::string(code.value.as_string()) +
                                   "' is no currency code of ISO 4217, as \"CHF\" is");
    }
    return Amount(*currency);
  }
  if (count != 1) {
    return call_;
  }
  if (name == "decimal" || name == "percent") {
    std::optional<Decimal> number = Number();
    if (!number) {
      return ast_.Add(ExprKind::kInvalid, call_->span);
    }
    if (name == "percent") {
      number = number->Times(*Decimal::FromParts(1, 2));
      if (!number) {
        return Report(call_->args[0]->span, "a percentage has at most 16 decimals");
      }
    }
    return Constant(Value::Of(*number));
  }
  if (const std::optional<Currency> currency = CurrencyOfMacro(name)) {
    return Amount(*currency);
  }
  return call_;
}

}  // namespace

Expr* ExpandLiteralMacro(Ast& ast, Expr* call, Diagnostics& diagnostics) {
  return LiteralExpander(ast, call, diagnostics).Run();
}

bool IsLiteralMacro(std::string_view name) {
  return name == "money" || name == "decimal" || name == "percent" ||
         CurrencyOfMacro(name).has_value();
}

}  // namespace kulanz::cel
