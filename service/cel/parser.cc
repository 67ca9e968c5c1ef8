#include "service/cel/parser.h"

#include <algorithm>
#include <cctype>
#include <string>
#include <utility>

#include "service/cel/diagnostic_ids.h"
#include "service/cel/limits.h"
#include "service/cel/macros.h"
#include "service/cel/text_parser.h"
#include "service/domain/currency.h"

namespace kulanz::cel {
namespace {

struct BinaryOperator {
  int level = 0;  // 0: none; higher binds tighter
  std::string_view function;
};
BinaryOperator BinaryOperatorOf(TokenKind kind) {
  switch (kind) {
    case TokenKind::kOrOr:
      return {1, op::kOr};
    case TokenKind::kAndAnd:
      return {2, op::kAnd};
    case TokenKind::kLess:
      return {3, op::kLess};
    case TokenKind::kLessEqual:
      return {3, op::kLessEquals};
    case TokenKind::kGreater:
      return {3, op::kGreater};
    case TokenKind::kGreaterEqual:
      return {3, op::kGreaterEquals};
    case TokenKind::kEqual:
      return {3, op::kEquals};
    case TokenKind::kNotEqual:
      return {3, op::kNotEquals};
    case TokenKind::kIn:
      return {3, op::kIn};
    case TokenKind::kPlus:
      return {4, op::kAdd};
    case TokenKind::kMinus:
      return {4, op::kSubtract};
    case TokenKind::kStar:
      return {5, op::kMultiply};
    case TokenKind::kSlash:
      return {5, op::kDivide};
    case TokenKind::kPercent:
      return {5, op::kModulo};
    default:
      return {};
  }
}
constexpr int kLastLogicalLevel = 2;

// The word or sign that stands directly before `offset`.
std::string_view WordBefore(std::string_view text, std::size_t offset) {
  const std::size_t end = text.substr(0, offset).find_last_not_of(" \n") + 1;
  std::size_t begin = end;
  const auto is_word = [](char c) {
    return c == '_' || c == '.' || std::isalnum(static_cast<unsigned char>(c)) != 0;
  };
  while (begin > 0 && is_word(text[begin - 1])) {
    --begin;
  }
  return begin < end ? text.substr(begin, end - begin) : text.substr(end == 0 ? 0 : end - 1, 1);
}

bool IsWord(std::string_view text, std::string_view word) {
  return std::equal(text.begin(), text.end(), word.begin(), word.end(),
                    [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a + 32 : a) == b; });
}

// What authors mean who write as in other languages.
std::string HintForToken(const Token& found, std::string_view expected, std::string_view text) {
  const std::string_view before = WordBefore(text, found.span.begin);
  if (IsWord(found.text, "and") || IsWord(found.text, "or")) {
    return IsWord(found.text, "and") ? "write '&&'" : "write '||'";
  }
  if (IsWord(before, "not")) {
    return "write '!', as in !(a == b)";
  }
  if (before == "%") {
    return "a percentage is written percent(10)";
  }
  if (before == "<" && found.text == ">") {
    return "'not equal' is written '!='";
  }
  if (expected == "the end" && Currency::FromCode(found.text)) {
    return "an amount is written eur(25.00)";
  }
  if (expected == "')'" && found.text == ",") {
    return "a list of values is written [a, b]";
  }
  return {};
}

}  // namespace

bool TextParser::Run() {
  Advance();
  Expr* const root = Expression();
  if (!stopped_ && token_.kind != TokenKind::kEnd) {
    Fail("the end");
  }
  ast_.set_root(root);
  return diagnostics_.empty();
}

void TextParser::Advance() {
  last_end_ = token_.span.end;
  if (!stopped_) {
    token_ = lexer_.Next();
    if (token_.kind == TokenKind::kInvalid) {
      stopped_ = true;  // the lexer has said why
    }
  }
}

bool TextParser::Take(TokenKind kind) {
  if (stopped_ || token_.kind != kind) {
    return false;
  }
  Advance();
  return true;
}

bool TextParser::Expect(TokenKind kind, std::string_view what) {
  if (Take(kind)) {
    return true;
  }
  Fail(what);
  return false;
}

void TextParser::Report(std::string_view id, TextSpan span, std::string message, std::string hint) {
  if (diagnostics_.size() < kMaxDiagnostics) {
    diagnostics_.push_back({.id = id,
                            .message = std::move(message),
                            .span = span,
                            .hint = std::move(hint),
                            .replacement = {}});
  }
}

Expr* TextParser::Fail(std::string_view expected) {
  if (!stopped_) {
    std::string message = "expected " + std::string(expected);
    message += token_.kind == TokenKind::kEnd ? ", but the text ends here"
                                              : ", found '" + std::string(token_.text) + "'";
    Report(id::kSyntax, token_.span, std::move(message),
           HintForToken(token_, expected, ast_.text()));
    stopped_ = true;
  }
  return Invalid();
}

void TextParser::TooDeep(TextSpan span) {
  if (!stopped_) {
    Report(id::kTooDeep, span,
           "the expression is nested more than " + std::to_string(max_depth_) + " levels deep",
           "split it into variables");
    stopped_ = true;
  }
}

Expr* TextParser::Node(ExprKind kind, TextSpan span, std::vector<Expr*> args) {
  Expr* const node = ast_.Add(kind, span, std::move(args));
  if (node->depth > max_depth_) {
    TooDeep(node->name_span);
  }
  return node;
}

Expr* TextParser::Call(std::string_view function, TextSpan name_span, TextSpan span,
                       std::vector<Expr*> args) {
  Expr* const call = Node(ExprKind::kCall, span, std::move(args));
  call->name = function;
  call->name_span = name_span;
  return call;
}

// Expr = ConditionalOr ["?" ConditionalOr ":" Expr]
Expr* TextParser::Expression() {
  if (++level_ > max_depth_) {
    TooDeep(token_.span);
  }
  Expr* result = stopped_ ? Invalid() : Binary(1);
  const TextSpan question = token_.span;
  if (Take(TokenKind::kQuestion)) {
    Expr* const then = Binary(1);
    Expr* otherwise = nullptr;
    if (Expect(TokenKind::kColon, "':' of the conditional")) {
      otherwise = Expression();
    }
    if (otherwise != nullptr) {
      const TextSpan span{result->outer.begin, otherwise->outer.end};
      result = Call(op::kConditional, question, span, {result, then, otherwise});
    }
  }
  --level_;
  return result;
}

Expr* TextParser::Binary(int min_level) {
  Expr* left = Unary();
  while (!stopped_) {
    const auto [level, function] = BinaryOperatorOf(token_.kind);
    if (level == 0 || level < min_level) {
      break;
    }
    const TextSpan name_span = token_.span;
    const TokenKind kind = token_.kind;
    std::vector<Expr*> args = {left};
    Advance();
    args.push_back(Binary(level + 1));
    // a && b && c is one node: as deep as its parts, however long.
    while (level <= kLastLogicalLevel && Take(kind)) {
      args.push_back(Binary(level + 1));
    }
    const TextSpan span{left->outer.begin, args.back()->outer.end};
    left = Call(function, name_span, span, std::move(args));
  }
  return left;
}

// Unary = Member | "!" {"!"} Member | "-" {"-"} Member
Expr* TextParser::Unary() {
  const TokenKind kind = token_.kind;
  if (kind != TokenKind::kNot && kind != TokenKind::kMinus) {
    return Member();
  }
  std::vector<TextSpan> operators;
  while (!stopped_ && token_.kind == kind) {
    operators.push_back(token_.span);
    Advance();
    if (operators.size() > static_cast<std::size_t>(max_depth_)) {
      TooDeep(token_.span);
    }
  }
  // A minus directly before a number belongs to the literal: -9223372036854775808 is one.
  std::optional<TextSpan> minus;
  if (kind == TokenKind::kMinus &&
      (token_.kind == TokenKind::kInt || token_.kind == TokenKind::kDouble)) {
    minus = operators.back();
    operators.pop_back();
  }
  Expr* operand = Member(minus);
  for (auto at = operators.rbegin(); at != operators.rend() && !stopped_; ++at) {
    operand = Call(kind == TokenKind::kNot ? op::kNot : op::kNegate, *at,
                   {at->begin, operand->outer.end}, {operand});
  }
  return operand;
}

Expr* TextParser::Member(std::optional<TextSpan> minus) {
  const bool in_parentheses = token_.kind == TokenKind::kLeftParen;
  Expr* result = Primary(minus);
  // Only a chain of names can name a message.
  bool is_name = !in_parentheses && result->kind == ExprKind::kName;
  while (!stopped_) {
    if (Take(TokenKind::kDot)) {
      result = Selector(result);
      is_name = is_name && result->kind == ExprKind::kSelect && !result->optional;
    } else if (Take(TokenKind::kLeftBracket)) {
      result = Index(result);
      is_name = false;
    } else if (is_name && Take(TokenKind::kLeftBrace)) {
      result = Message(result);
      is_name = false;
    } else {
      break;
    }
  }
  return result;
}

// After a dot: a field, an optional field, or a method.
Expr* TextParser::Selector(Expr* operand) {
  const bool optional = Take(TokenKind::kQuestion);
  const Token name = token_;
  const bool quoted = name.kind == TokenKind::kQuotedName;
  if (!quoted && name.kind != TokenKind::kIdentifier) {
    return Fail("a name after the dot");
  }
  Advance();
  const std::string_view text = quoted ? name.text.substr(1, name.text.size() - 2) : name.text;
  if (!quoted && !optional && Take(TokenKind::kLeftParen)) {
    std::vector<Expr*> args = {operand};
    Arguments(args);
    if (stopped_) {
      return Invalid();
    }
    Expr* const call = Call(text, name.span, {operand->outer.begin, last_end_}, std::move(args));
    call->is_method = true;
    return ExpandMacro(ast_, call, diagnostics_);
  }
  Expr* const select = Node(ExprKind::kSelect, {operand->outer.begin, name.span.end}, {operand});
  select->name = text;
  select->name_span = name.span;
  select->optional = optional;
  return select;
}

// After "[".
Expr* TextParser::Index(Expr* operand) {
  const TextSpan bracket = {last_end_ - 1, last_end_};
  const bool optional = Take(TokenKind::kQuestion);
  Expr* const index = Expression();
  Expect(TokenKind::kRightBracket, "']'");
  return Call(optional ? op::kOptionalIndex : op::kIndex, bracket,
              {operand->outer.begin, last_end_}, {operand, index});
}

bool Parse(Ast& ast, int max_depth, Diagnostics& diagnostics) {
  return TextParser(ast, max_depth, diagnostics).Run();
}

}  // namespace kulanz::cel
