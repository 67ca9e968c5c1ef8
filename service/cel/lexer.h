// Lexer: splits an expression's text into tokens, following the grammar of the CEL specification.
//
// Thread-safety: none. Failures: text that is no token gives kInvalid and a diagnostic; never stops.
#pragma once

#include <cstddef>
#include <string_view>

#include "service/base/ascii.h"
#include "service/cel/diagnostic.h"
#include "service/cel/token.h"

namespace kulanz::cel {

constexpr bool IsNameStart(char c) { return IsLetter(c) || c == '_'; }
constexpr bool IsNamePart(char c) { return IsNameStart(c) || IsDigit(c); }

class Lexer {
 public:
  // `text` and `diagnostics` outlive the lexer.
  Lexer(std::string_view text, Diagnostics& diagnostics) : text_(text), diagnostics_(diagnostics) {}

  // The next token; kEnd at the end, as often as asked.
  Token Next();

 private:
  void SkipBlanksAndComments();
  Token Make(TokenKind kind, std::size_t begin) const;
  Token Invalid(std::size_t begin, std::string_view message);
  Token Name();
  Token Number();
  Token QuotedName();
  // At the quote; `begin` is where the prefix (r, b) began.
  Token Quoted(TokenKind kind, std::size_t begin, bool raw);
  Token Operator();
  char Peek(std::size_t ahead = 0) const {
    return position_ + ahead < text_.size() ? text_[position_ + ahead] : '\0';
  }

  std::string_view text_;
  Diagnostics& diagnostics_;
  std::size_t position_ = 0;
};

}  // namespace kulanz::cel
