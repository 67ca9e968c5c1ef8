// Token: one word of an expression's text.
#pragma once

#include <cstdint>
#include <string_view>

#include "service/cel/diagnostic.h"

namespace kulanz::cel {

enum class TokenKind : std::uint8_t {
  kEnd,
  kInvalid,     // text that is no token; a diagnostic has been written
  kIdentifier,  // also the reserved words, which are names after a dot
  kQuotedName,  // `like this`
  kInt,         // "12", "0x1F"
  kUint,        // "12u"
  kDouble,      // "1.5", "1e3"
  kString,      // with quotes and prefix, escapes not yet resolved
  kBytes,
  kTrue,
  kFalse,
  kNull,
  kIn,
  kOrOr,
  kAndAnd,
  kEqual,
  kNotEqual,
  kLess,
  kLessEqual,
  kGreater,
  kGreaterEqual,
  kPlus,
  kMinus,
  kStar,
  kSlash,
  kPercent,
  kNot,
  kQuestion,
  kColon,
  kComma,
  kDot,
  kLeftParen,
  kRightParen,
  kLeftBracket,
  kRightBracket,
  kLeftBrace,
  kRightBrace,
};

struct Token {
  TokenKind kind = TokenKind::kEnd;
  TextSpan span;
  std::string_view text;  // of the whole expression's text, at span
};

}  // namespace kulanz::cel
