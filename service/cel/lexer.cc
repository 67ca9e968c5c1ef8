#include "service/cel/lexer.h"

#include <algorithm>
#include <array>
#include <string>

#include "service/cel/diagnostic_ids.h"

namespace kulanz::cel {
namespace {

bool IsHexDigit(char c) { return IsDigit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
bool IsQuotedNamePart(char c) {
  return IsNamePart(c) || c == '.' || c == '-' || c == '/' || c == ' ';
}
bool IsBlank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f'; }

// What people mean by a character that is none of the language.
std::string HintForCharacter(std::string_view text, char next) {
  static constexpr std::array<std::string_view, 6> kCurlyQuotes = {"\u201C", "\u201D", "\u201E",
                                                                   "\u2018", "\u2019", "\u00B4"};
  static constexpr std::array<std::string_view, 4> kCurrencySigns = {"\u20AC", "$", "\u00A3",
                                                                     "\u00A5"};
  const auto is_in = [text](const auto& texts) {
    return std::find(texts.begin(), texts.end(), text) != texts.end();
  };
  if (text == "=") {
    return next == '>' ? "'at least' is written '>='" : "equality is written '=='";
  }
  if (text == "&" || text == "|") {
    return "write '" + std::string(text) + std::string(text) + "'";
  }
  if (is_in(kCurlyQuotes)) {
    return "text stands in straight quotes, \"like this\"";
  }
  return is_in(kCurrencySigns) ? "an amount is written eur(25.00)" : "";
}

}  // namespace

Token Lexer::Make(TokenKind kind, std::size_t begin) const {
  return {kind,
          {static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(position_)},
          text_.substr(begin, position_ - begin)};
}

Token Lexer::Invalid(std::size_t begin, std::string_view message) {
  const Token token = Make(TokenKind::kInvalid, begin);
  if (diagnostics_.size() < 100) {
    diagnostics_.push_back({.id = id::kSyntax,
                            .message = std::string(message),
                            .span = token.span,
                            .hint = {},
                            .replacement = {}});
  }
  return token;
}

void Lexer::SkipBlanksAndComments() {
  while (position_ < text_.size()) {
    if (IsBlank(Peek())) {
      ++position_;
    } else if (Peek() == '/' && Peek(1) == '/') {
      const std::size_t newline = text_.find('\n', position_);
      position_ = newline == std::string_view::npos ? text_.size() : newline;
    } else {
      return;
    }
  }
}

Token Lexer::Next() {
  SkipBlanksAndComments();
  if (position_ >= text_.size()) {
    return Make(TokenKind::kEnd, text_.size());
  }
  const char c = Peek();
  if (IsNameStart(c)) {
    return Name();
  }
  if (IsDigit(c) || (c == '.' && IsDigit(Peek(1)))) {
    return Number();
  }
  if (c == '"' || c == '\'') {
    return Quoted(TokenKind::kString, position_, false);
  }
  if (c == '`') {
    return QuotedName();
  }
  return Operator();
}

Token Lexer::Name() {
  const std::size_t begin = position_;
  // A string's prefix: r, b, br or rb in any case, directly before a quote.
  bool raw = false;
  bool bytes = false;
  std::size_t length = 0;
  for (; length < 2; ++length) {
    const char c = Peek(length);
    if ((c == 'r' || c == 'R') && !raw) {
      raw = true;
    } else if ((c == 'b' || c == 'B') && !bytes) {
      bytes = true;
    } else {
      break;
    }
  }
  if (length > 0 && (Peek(length) == '"' || Peek(length) == '\'')) {
    position_ += length;
    return Quoted(bytes ? TokenKind::kBytes : TokenKind::kString, begin, raw);
  }
  while (IsNamePart(Peek())) {
    ++position_;
  }
  const std::string_view name = text_.substr(begin, position_ - begin);
  const TokenKind kind = name == "true"    ? TokenKind::kTrue
                         : name == "false" ? TokenKind::kFalse
                         : name == "null"  ? TokenKind::kNull
                         : name == "in"    ? TokenKind::kIn
                                           : TokenKind::kIdentifier;
  return Make(kind, begin);
}

Token Lexer::Number() {
  const std::size_t begin = position_;
  TokenKind kind = TokenKind::kInt;
  if (Peek() == '0' && (Peek(1) == 'x' || Peek(1) == 'X') && IsHexDigit(Peek(2))) {
    position_ += 2;
    while (IsHexDigit(Peek())) {
      ++position_;
    }
  } else {
    while (IsDigit(Peek())) {
      ++position_;
    }
    if (Peek() == '.' && IsDigit(Peek(1))) {
      kind = TokenKind::kDouble;
      ++position_;
      while (IsDigit(Peek())) {
        ++position_;
      }
    }
    const std::size_t sign = Peek(1) == '+' || Peek(1) == '-' ? 1 : 0;
    if ((Peek() == 'e' || Peek() == 'E') && IsDigit(Peek(1 + sign))) {
      kind = TokenKind::kDouble;
      position_ += 1 + sign;
      while (IsDigit(Peek())) {
        ++position_;
      }
    }
  }
  if (kind == TokenKind::kInt && (Peek() == 'u' || Peek() == 'U')) {
    kind = TokenKind::kUint;
    ++position_;
  }
  return Make(kind, begin);
}

Token Lexer::QuotedName() {
  const std::size_t begin = position_++;
  while (IsQuotedNamePart(Peek()) && position_ < text_.size()) {
    ++position_;
  }
  if (Peek() != '`' || position_ == begin + 1) {
    return Invalid(begin,
                   "a quoted name holds letters, digits, '_', '.', '-', '/' and blanks, and "
                   "ends with a backtick");
  }
  ++position_;
  return Make(TokenKind::kQuotedName, begin);
}

Token Lexer::Quoted(TokenKind kind, std::size_t begin, bool raw) {
  const char quote = Peek();
  const bool triple = Peek(1) == quote && Peek(2) == quote;
  position_ += triple ? 3 : 1;
  while (position_ < text_.size()) {
    const char c = Peek();
    if (c == '\\' && !raw) {
      position_ += 2;  // what follows is checked with the escapes
      continue;
    }
    if (!triple && (c == '\n' || c == '\r')) {
      return Invalid(begin, "the text ends at the end of its line without a closing quote");
    }
    if (c == quote && (!triple || (Peek(1) == quote && Peek(2) == quote))) {
      position_ += triple ? 3 : 1;
      return Make(kind, begin);
    }
    ++position_;
  }
  position_ = text_.size();
  return Invalid(begin, "the closing quote is missing");
}

Token Lexer::Operator() {
  struct Known {
    std::string_view text;
    TokenKind kind;
  };
  // Longer ones first.
  static constexpr Known kOperators[] = {
      {"||", TokenKind::kOrOr},       {"&&", TokenKind::kAndAnd},
      {"==", TokenKind::kEqual},      {"!=", TokenKind::kNotEqual},
      {"<=", TokenKind::kLessEqual},  {">=", TokenKind::kGreaterEqual},
      {"<", TokenKind::kLess},        {">", TokenKind::kGreater},
      {"+", TokenKind::kPlus},        {"-", TokenKind::kMinus},
      {"*", TokenKind::kStar},        {"/", TokenKind::kSlash},
      {"%", TokenKind::kPercent},     {"!", TokenKind::kNot},
      {"?", TokenKind::kQuestion},    {":", TokenKind::kColon},
      {",", TokenKind::kComma},       {".", TokenKind::kDot},
      {"(", TokenKind::kLeftParen},   {")", TokenKind::kRightParen},
      {"[", TokenKind::kLeftBracket}, {"]", TokenKind::kRightBracket},
      {"{", TokenKind::kLeftBrace},   {"}", TokenKind::kRightBrace},
  };
  const std::size_t begin = position_;
  for (const Known& known : kOperators) {
    if (text_.substr(position_, known.text.size()) == known.text) {
      position_ += known.text.size();
      return Make(known.kind, begin);
    }
  }
  // A whole code point, so that the message shows what the author typed.
  do {
    ++position_;
  } while ((static_cast<unsigned char>(Peek()) & 0xC0U) == 0x80U);
  const std::string_view text = text_.substr(begin, position_ - begin);
  std::string message = "'" + std::string(text) + "' means nothing here";
  if (const std::string hint = HintForCharacter(text, Peek()); !hint.empty()) {
    message += "; " + hint;
  }
  return Invalid(begin, message);
}

}  // namespace kulanz::cel
