// TextParser: the state of one parse. Split over parser.cc (operators, selections) and
// parser_primaries.cc (names, literals, lists, maps); see parser.h for what it does.
//
// Thread-safety: none.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "service/cel/ast.h"
#include "service/cel/diagnostic.h"
#include "service/cel/lexer.h"
#include "service/cel/token.h"

namespace kulanz::cel {

class TextParser {
 public:
  TextParser(Ast& ast, int max_depth, Diagnostics& diagnostics)
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

}  // namespace kulanz::cel
