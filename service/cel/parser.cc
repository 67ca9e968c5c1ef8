#include "service/cel/parser.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>

#include "service/cel/diagnostic_ids.h"
#include "service/cel/lexer.h"
#include "service/cel/limits.h"
#include "service/cel/literal.h"
#include "service/cel/macros.h"

namespace kulanz::cel {
namespace {

// Names that CEL keeps for itself; they stay usable after a dot.
constexpr std::array<std::string_view, 17> kReserved = {
    "as",  "break", "const",   "continue",  "else",   "for", "function", "if",   "import",
    "let", "loop",  "package", "namespace", "return", "var", "void",     "while"};

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

class Parser {
 public:
  Parser(Ast& ast, int max_depth, Diagnostics& diagnostics)
      : ast_(ast),
        max_depth_(max_depth),
        diagnostics_(diagnostics),
        lexer_(ast.text(), diagnostics) {}

  bool Run();

 private:
  Expr* Expression();
  Expr* Binary(int min_level);
  Expr* Unary();
  // `minus`: of a negative number literal.
  Expr* Member(std::optional<TextSpan> minus = std::nullopt);
  Expr* Selector(Expr* operand);
  Expr* Index(Expr* operand);
  Expr* Primary(std::optional<TextSpan> minus);
  Expr* NameOrCall();
  Expr* Number(std::optional<TextSpan> minus);
  Expr* QuotedText(bool is_bytes);
  Expr* List();
  Expr* Map();
  Expr* Message(Expr* name);
  bool Arguments(std::vector<Expr*>& args);

  // Builds a node, within the depth limit.
  Expr* Node(ExprKind kind, TextSpan span, std::vector<Expr*> args = {});
  Expr* Call(std::string_view function, TextSpan name_span, TextSpan span, std::vector<Expr*> args);

  void Advance();
  bool Take(TokenKind kind);
  // Takes `kind` or reports what was expected.
  bool Expect(TokenKind kind, std::string_view what);
  void Report(std::string_view id, TextSpan span, std::string message, std::string hint = {});
  // A syntax error at the current token; ends parsing.
  Expr* Fail(std::string_view expected);
  void TooDeep(TextSpan span);
  Expr* Invalid() { return ast_.Add(ExprKind::kInvalid, token_.span); }

  Ast& ast_;
  int max_depth_;
  Diagnostics& diagnostics_;
  Lexer lexer_;
  Token token_;
  std::uint32_t last_end_ = 0;
  int level_ = 0;
  bool stopped_ = false;
};

bool Parser::Run() {
  Advance();
  Expr* const root = Expression();
  if (!stopped_ && token_.kind != TokenKind::kEnd) {
    Fail("the end");
  }
  ast_.set_root(root);
  return diagnostics_.empty();
}

void Parser::Advance() {
  last_end_ = token_.span.end;
  if (!stopped_) {
    token_ = lexer_.Next();
    if (token_.kind == TokenKind::kInvalid) {
      stopped_ = true;  // the lexer has said why
    }
  }
}

bool Parser::Take(TokenKind kind) {
  if (stopped_ || token_.kind != kind) {
    return false;
  }
  Advance();
  return true;
}

bool Parser::Expect(TokenKind kind, std::string_view what) {
  if (Take(kind)) {
    return true;
  }
  Fail(what);
  return false;
}

void Parser::Report(std::string_view id, TextSpan span, std::string message, std::string hint) {
  if (diagnostics_.size() < kMaxDiagnostics) {
    diagnostics_.push_back({.id = id,
                            .message = std::move(message),
                            .span = span,
                            .hint = std::move(hint),
                            .replacement = {}});
  }
}

Expr* Parser::Fail(std::string_view expected) {
  if (!stopped_) {
    std::string message = "expected " + std::string(expected);
    message += token_.kind == TokenKind::kEnd ? ", but the text ends here"
                                              : ", found '" + std::string(token_.text) + "'";
    Report(id::kSyntax, token_.span, std::move(message));
    stopped_ = true;
  }
  return Invalid();
}

void Parser::TooDeep(TextSpan span) {
  if (!stopped_) {
    Report(id::kTooDeep, span,
           "the expression is nested more than " + std::to_string(max_depth_) + " levels deep",
           "split it into variables");
    stopped_ = true;
  }
}

Expr* Parser::Node(ExprKind kind, TextSpan span, std::vector<Expr*> args) {
  Expr* const node = ast_.Add(kind, span, std::move(args));
  if (node->depth > max_depth_) {
    TooDeep(node->name_span);
  }
  return node;
}

Expr* Parser::Call(std::string_view function, TextSpan name_span, TextSpan span,
                   std::vector<Expr*> args) {
  Expr* const call = Node(ExprKind::kCall, span, std::move(args));
  call->name = function;
  call->name_span = name_span;
  return call;
}

// Expr = ConditionalOr ["?" ConditionalOr ":" Expr]
Expr* Parser::Expression() {
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
      const TextSpan span{result->span.begin, otherwise->span.end};
      result = Call(op::kConditional, question, span, {result, then, otherwise});
    }
  }
  --level_;
  return result;
}

Expr* Parser::Binary(int min_level) {
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
    const TextSpan span{left->span.begin, args.back()->span.end};
    left = Call(function, name_span, span, std::move(args));
  }
  return left;
}

// Unary = Member | "!" {"!"} Member | "-" {"-"} Member
Expr* Parser::Unary() {
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
                   {at->begin, operand->span.end}, {operand});
  }
  return operand;
}

Expr* Parser::Member(std::optional<TextSpan> minus) {
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
Expr* Parser::Selector(Expr* operand) {
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
    Expr* const call = Call(text, name.span, {operand->span.begin, last_end_}, std::move(args));
    call->is_method = true;
    return ExpandMacro(ast_, call, diagnostics_);
  }
  Expr* const select = Node(ExprKind::kSelect, {operand->span.begin, name.span.end}, {operand});
  select->name = text;
  select->name_span = name.span;
  select->optional = optional;
  return select;
}

// After "[".
Expr* Parser::Index(Expr* operand) {
  const TextSpan bracket = {last_end_ - 1, last_end_};
  const bool optional = Take(TokenKind::kQuestion);
  Expr* const index = Expression();
  Expect(TokenKind::kRightBracket, "']'");
  return Call(optional ? op::kOptionalIndex : op::kIndex, bracket,
              {operand->span.begin, last_end_}, {operand, index});
}

Expr* Parser::Primary(std::optional<TextSpan> minus) {
  const Token token = token_;
  switch (token.kind) {
    case TokenKind::kLeftParen: {
      Advance();
      Expr* const inner = Expression();
      Expect(TokenKind::kRightParen, "')'");
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

Expr* Parser::NameOrCall() {
  const std::uint32_t begin = token_.span.begin;
  const bool leading_dot = Take(TokenKind::kDot);
  const Token name = token_;
  if (!Expect(TokenKind::kIdentifier, "a name")) {
    return Invalid();
  }
  if (std::find(kReserved.begin(), kReserved.end(), name.text) != kReserved.end()) {
    Report(id::kReservedName, name.span,
           "'" + std::string(name.text) + "' is reserved by the language and cannot be a name");
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

Expr* Parser::Number(std::optional<TextSpan> minus) {
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

Expr* Parser::QuotedText(bool is_bytes) {
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
bool Parser::Arguments(std::vector<Expr*>& args) {
  if (Take(TokenKind::kRightParen)) {
    return true;
  }
  do {
    args.push_back(Expression());
  } while (Take(TokenKind::kComma));
  return Expect(TokenKind::kRightParen, "',' or ')'");
}

Expr* Parser::List() {
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

Expr* Parser::Map() {
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
Expr* Parser::Message(Expr* name) {
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

}  // namespace

bool Parse(Ast& ast, int max_depth, Diagnostics& diagnostics) {
  return Parser(ast, max_depth, diagnostics).Run();
}

}  // namespace kulanz::cel
