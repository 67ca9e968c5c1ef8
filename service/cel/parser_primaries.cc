#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "service/cel/diagnostic_ids.h"
#include "service/cel/literal.h"
#include "service/cel/macros.h"
#include "service/cel/text_parser.h"

namespace kulanz::cel {
namespace {

// Names that CEL keeps for itself; they stay usable after a dot.
constexpr std::array<std::string_view, 17> kReserved = {
    "as",  "break", "const",   "continue",  "else",   "for", "function", "if",   "import",
    "let", "loop",  "package", "namespace", "return", "var", "void",     "while"};

}  // namespace

Expr* TextParser::Primary(std::optional<TextSpan> minus) {
  const Token token = token_;
  switch (token.kind) {
    case TokenKind::kLeftParen: {
      Advance();
      Expr* const inner = Expression();
      Expect(TokenKind::kRightParen, "')'");
      inner->outer = {token.span.begin, last_end_};
      return inner;
    }
    case TokenKind::kLeftBracket:
      return List();
    case TokenKind::kLeftBrace:
      return Map();
    case TokenKind::kDot:
    case TokenKind::kIdentifier:
      return NameOrCall();
    case TokenKind::kInt:
    case TokenKind::kUint:
    case TokenKind::kDouble:
      return Number(minus);
    case TokenKind::kString:
      return QuotedText(false);
    case TokenKind::kBytes:
      return QuotedText(true);
    case TokenKind::kTrue:
    case TokenKind::kFalse:
    case TokenKind::kNull: {
      Advance();
      Expr* const constant = Node(ExprKind::kConstant, token.span);
      constant->value = token.kind == TokenKind::kNull
                            ? Value::Null()
                            : Value::Bool(token.kind == TokenKind::kTrue);
      return constant;
    }
    default:
      return Fail("a value");
  }
}

Expr* TextParser::NameOrCall() {
  const std::uint32_t begin = token_.span.begin;
  const bool leading_dot = Take(TokenKind::kDot);
  const Token name = token_;
  if (!Expect(TokenKind::kIdentifier, "a name")) {
    return Invalid();
  }
  if (std::find(kReserved.begin(), kReserved.end(), name.text) != kReserved.end()) {
    Report(id::kReservedName, name.span,
           "'" + std::string(name.text) + "' is reserved by the language and cannot be a name",
           name.text == "if" ? "a choice is written condition ? this : that" : "");
    // What follows in `if a then b` is no mistake of its own.
    stopped_ = stopped_ || token_.kind == TokenKind::kIdentifier;
  }
  if (Take(TokenKind::kLeftParen)) {
    std::vector<Expr*> args;
    Arguments(args);
    if (stopped_) {
      return Invalid();
    }
    Expr* const call = Call(name.text, name.span, {begin, last_end_}, std::move(args));
    call->leading_dot = leading_dot;
    return ExpandMacro(ast_, call, diagnostics_);
  }
  Expr* const expr = Node(ExprKind::kName, {begin, name.span.end});
  expr->name = name.text;
  expr->leading_dot = leading_dot;
  return expr;
}

Expr* TextParser::Number(std::optional<TextSpan> minus) {
  const Token token = token_;
  Advance();
  const TextSpan span{minus ? minus->begin : token.span.begin, token.span.end};
  Expr* const constant = Node(ExprKind::kConstant, span);
  if (token.kind == TokenKind::kInt) {
    if (const auto value = ParseIntLiteral(token.text, minus.has_value())) {
      constant->value = Value::Int(*value);
      return constant;
    }
    Report(id::kBadLiteral, span, "the number does not fit an int (64 bits)");
  } else if (token.kind == TokenKind::kUint) {
    if (const auto value = ParseUintLiteral(token.text)) {
      constant->value = Value::Uint(*value);
      return constant;
    }
    Report(id::kBadLiteral, span, "the number does not fit a uint (64 bits)");
  } else {
    if (const auto value = ParseDoubleLiteral(token.text)) {
      constant->value = Value::Double(minus ? -*value : *value);
      return constant;
    }
    Report(id::kBadLiteral, span, "the number does not fit a double");
  }
  constant->kind = ExprKind::kInvalid;
  return constant;
}

Expr* TextParser::QuotedText(bool is_bytes) {
  const Token token = token_;
  Advance();
  Unquoted unquoted = Unquote(token.text, is_bytes);
  Expr* const constant = Node(ExprKind::kConstant, token.span);
  if (!unquoted.content) {
    const std::uint32_t at = token.span.begin + unquoted.error_begin;
    Report(id::kBadLiteral, {at, std::min(at + 2, token.span.end)}, std::string(unquoted.error),
           "a backslash itself is written '\\\\'");
    constant->kind = ExprKind::kInvalid;
    return constant;
  }
  const std::string_view content = ast_.Keep(*std::move(unquoted.content));
  constant->value = is_bytes ? Value::Bytes(content) : Value::String(content);
  return constant;
}

// After "(": arguments up to and with ")".
bool TextParser::Arguments(std::vector<Expr*>& args) {
  if (Take(TokenKind::kRightParen)) {
    return true;
  }
  do {
    args.push_back(Expression());
  } while (Take(TokenKind::kComma));
  return Expect(TokenKind::kRightParen, "',' or ')'");
}

Expr* TextParser::List() {
  const std::uint32_t begin = token_.span.begin;
  Advance();
  std::vector<Expr*> items;
  std::vector<bool> optional;
  while (!stopped_ && token_.kind != TokenKind::kRightBracket) {
    if (items.empty() && Take(TokenKind::kComma)) {
      break;
    }
    optional.push_back(Take(TokenKind::kQuestion));
    items.push_back(Expression());
    if (!Take(TokenKind::kComma)) {
      break;
    }
  }
  Expect(TokenKind::kRightBracket, "',' or ']'");
  Expr* const list = Node(ExprKind::kList, {begin, last_end_}, std::move(items));
  list->optional_args = std::move(optional);
  return list;
}

Expr* TextParser::Map() {
  const std::uint32_t begin = token_.span.begin;
  Advance();
  std::vector<Expr*> entries;
  std::vector<bool> optional;
  while (!stopped_ && token_.kind != TokenKind::kRightBrace) {
    if (entries.empty() && Take(TokenKind::kComma)) {
      break;
    }
    optional.push_back(Take(TokenKind::kQuestion));
    entries.push_back(Expression());
    Expect(TokenKind::kColon, "':' after the key");
    entries.push_back(Expression());
    if (!Take(TokenKind::kComma)) {
      break;
    }
  }
  Expect(TokenKind::kRightBrace, "',' or '}'");
  Expr* const map = Node(ExprKind::kMap, {begin, last_end_}, std::move(entries));
  map->optional_args = std::move(optional);
  return map;
}

// After "{". Only the shape is checked: no message type can be declared.
Expr* TextParser::Message(Expr* name) {
  std::vector<Expr*> args = {name};
  while (!stopped_ && token_.kind != TokenKind::kRightBrace) {
    if (args.size() == 1 && Take(TokenKind::kComma)) {
      break;
    }
    Take(TokenKind::kQuestion);
    if (!Take(TokenKind::kQuotedName) && !Expect(TokenKind::kIdentifier, "a field's name")) {
      break;
    }
    Expect(TokenKind::kColon, "':' after the field's name");
    args.push_back(Expression());
    if (!Take(TokenKind::kComma)) {
      break;
    }
  }
  Expect(TokenKind::kRightBrace, "',' or '}'");
  return Node(ExprKind::kMessage, {name->span.begin, last_end_}, std::move(args));
}

}  // namespace kulanz::cel
