// Diagnostic: one thing that is wrong with an expression, said for the person who wrote it.
//
// Ids are stable and documented (rules/DIAGNOSTICS.md has a wrong and a right example for each);
// messages may improve. Positions are byte offsets into the expression's own text, so that a host can
// map them into the file that the expression stands in.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace kulanz::cel {

// A half-open range of bytes of the expression's text.
struct TextSpan {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
  friend bool operator==(const TextSpan&, const TextSpan&) = default;
};

enum class Severity : std::uint8_t { kError, kWarning };

struct Diagnostic {
  std::string_view id;  // e.g. "unknown-attribute"; static storage (see diagnostic_ids.h)
  Severity severity = Severity::kError;
  std::string message;  // one sentence, no final dot, names quoted with '
  TextSpan span;
  std::string hint;         // what to do about it; may be empty
  std::string replacement;  // text that would be right in place of the span; may be empty
};
using Diagnostics = std::vector<Diagnostic>;

struct LineColumn {
  int line = 1;    // from 1
  int column = 1;  // from 1, in code points
};
// `offset` may be the end of the text.
LineColumn Locate(std::string_view text, std::uint32_t offset);

// "rule:1:14: error: message; hint [id]", the line and a caret, for a terminal or a test.
std::string Render(const Diagnostic& diagnostic, std::string_view text, std::string_view name);

}  // namespace kulanz::cel
