#include "service/cel/diagnostic.h"

#include <algorithm>

#include "service/cel/utf8.h"

namespace kulanz::cel {
LineColumn Locate(std::string_view text, std::uint32_t offset) {
  LineColumn at;
  for (const char c : text.substr(0, std::min<std::size_t>(offset, text.size()))) {
    if (c == '\n') {
      ++at.line;
      at.column = 1;
    } else if (!utf8::IsContinuation(c)) {
      ++at.column;
    }
  }
  return at;
}

std::string Render(const Diagnostic& diagnostic, std::string_view text, std::string_view name) {
  const LineColumn at = Locate(text, diagnostic.span.begin);
  std::string out(name);
  out += ':' + std::to_string(at.line) + ':' + std::to_string(at.column) + ": ";
  out += diagnostic.severity == Severity::kError ? "error: " : "warning: ";
  out += diagnostic.message;
  if (!diagnostic.hint.empty()) {
    out += "; " + diagnostic.hint;
  }
  out += " [" + std::string(diagnostic.id) + "]\n";

  const std::size_t begin = std::min<std::size_t>(diagnostic.span.begin, text.size());
  const std::size_t newline = begin == 0 ? std::string_view::npos : text.rfind('\n', begin - 1);
  const std::size_t line_begin = newline == std::string_view::npos ? 0 : newline + 1;
  const std::size_t line_end = std::min(text.find('\n', begin), text.size());
  const std::string_view line = text.substr(line_begin, line_end - line_begin);
  out += "  " + std::string(line) + "\n  ";
  for (std::size_t i = 0; i < line.size() && line_begin + i < begin; ++i) {
    if (!utf8::IsContinuation(line[i])) {
      out += line[i] == '\t' ? '\t' : ' ';
    }
  }
  out += '^';
  const std::size_t marked_end = std::min<std::size_t>(diagnostic.span.end, line_end);
  for (std::size_t i = begin + 1; i < marked_end; ++i) {
    if (!utf8::IsContinuation(text[i])) {
      out += '~';
    }
  }
  out += '\n';
  return out;
}

}  // namespace kulanz::cel
