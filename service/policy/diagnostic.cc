#include "service/policy/diagnostic.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "service/cel/utf8.h"
#include "service/policy/diagnostic_ids.h"

namespace kulanz::policy {
namespace {

constexpr std::string_view kBold = "\x1b[1m";
constexpr std::string_view kRed = "\x1b[1;31m";
constexpr std::string_view kYellow = "\x1b[1;33m";
constexpr std::string_view kGreen = "\x1b[1;32m";
constexpr std::string_view kReset = "\x1b[0m";
// A longer line is shown in part, around the caret.
constexpr int kExcerptColumnsMax = 140;

int CountColumns(std::string_view text) {
  return static_cast<int>(std::count_if(text.begin(), text.end(),
                                        [](char c) { return !cel::utf8::IsContinuation(c); }));
}

// The bytes of columns [from, to), counted from 0.
std::string_view Columns(std::string_view text, int from, int to) {
  std::size_t begin = text.size();
  std::size_t end = text.size();
  int column = -1;
  for (std::size_t i = 0; i < text.size(); ++i) {
    column += cel::utf8::IsContinuation(text[i]) ? 0 : 1;
    if (column == from && begin == text.size()) {
      begin = i;
    }
    if (column == to) {
      end = i;
      break;
    }
  }
  return begin < end ? text.substr(begin, end - begin) : std::string_view{};
}

// Without what a terminal could take for a command, what would shift the caret, and broken UTF-8.
std::string Printable(std::string_view text) {
  std::string result(text);
  if (!cel::utf8::IsValid(text)) {
    std::replace_if(
        result.begin(), result.end(),
        [](char c) { return (static_cast<unsigned char>(c) & 0x80U) != 0; }, '?');
  }
  for (char& c : result) {
    if (static_cast<unsigned char>(c) < 0x20U || c == 0x7F) {
      c = c == '\t' ? ' ' : '?';
    }
  }
  return result;
}

auto SortKey(const Diagnostic& d) { return std::tie(d.file, d.line, d.column, d.id, d.message); }

void AppendExcerpt(const Diagnostic& d, const RenderStyle& style, std::string& out) {
  const int columns = CountColumns(d.excerpt);
  int from = 0;
  if (columns > kExcerptColumnsMax && d.column > kExcerptColumnsMax / 2) {
    from = d.column - kExcerptColumnsMax / 2;
  }
  const int to = std::min(columns, from + kExcerptColumnsMax);
  out.append("  ").append(from > 0 ? "..." : "");
  out.append(Columns(d.excerpt, from, to)).append(to < columns ? "...\n" : "\n");
  const int indent = std::max(0, d.column - 1 - from) + (from > 0 ? 3 : 0);
  const int width = std::max(1, std::min(d.width, to - (d.column - 1)));
  out.append("  ").append(static_cast<std::size_t>(indent), ' ');
  out.append(style.color ? kGreen : "").append("^");
  out.append(static_cast<std::size_t>(width - 1), '~');
  out.append(style.color ? kReset : "").append("\n");
}

}  // namespace

bool HasErrors(const Diagnostics& diagnostics) {
  return std::any_of(diagnostics.begin(), diagnostics.end(),
                     [](const Diagnostic& d) { return d.severity == Severity::kError; });
}

std::string Render(const Diagnostic& d, const RenderStyle& style) {
  const bool is_error = d.severity == Severity::kError;
  std::string out(style.color ? kBold : "");
  out.append(style.file_prefix).append(d.file).append(":");
  if (d.line > 0) {
    out.append(std::to_string(d.line)).append(":").append(std::to_string(d.column)).append(":");
  }
  out.append(style.color ? kReset : "").append(" ");
  out.append(style.color ? (is_error ? kRed : kYellow) : "");
  out.append(is_error ? "error:" : "warning:").append(style.color ? kReset : "").append(" ");
  out.append(d.message);
  if (!d.hint.empty()) {
    out.append("; ").append(d.hint);
  }
  out.append(" [").append(d.id).append("]\n");
  if (d.line > 0) {
    AppendExcerpt(d, style, out);
  }
  return out;
}

std::string Render(const Diagnostics& diagnostics, const RenderStyle& style) {
  std::string out;
  for (const Diagnostic& diagnostic : diagnostics) {
    out += Render(diagnostic, style);
  }
  return out;
}

void DiagnosticSink::Add(const SourceFile& file, TextSpan span, std::string_view id,
                         std::string message, std::string hint, Severity severity) {
  const LineColumn at = file.Locate(span.begin);
  const std::string_view excerpt = file.Line(at.line);
  const std::uint32_t end =
      std::min(std::max(span.end, span.begin), static_cast<std::uint32_t>(file.text().size()));
  int width = 1;
  if (span.begin < end) {
    const std::string_view meant =
        std::string_view(file.text()).substr(span.begin, end - span.begin);
    width = std::max(1, CountColumns(meant.substr(0, meant.find_first_of("\r\n"))));
  }
  Keep({.id = id,
        .severity = severity,
        .file = file.name(),
        .line = at.line,
        .column = at.column,
        .message = std::move(message),
        .hint = std::move(hint),
        .excerpt = Printable(excerpt),
        .width = width});
}

void DiagnosticSink::AddForFile(std::string file, std::string_view id, std::string message,
                                std::string hint) {
  Keep({.id = id,
        .file = std::move(file),
        .message = std::move(message),
        .hint = std::move(hint),
        .excerpt = {}});
}

void DiagnosticSink::Keep(Diagnostic diagnostic) {
  diagnostic.file = Printable(diagnostic.file);
  diagnostic.message = Printable(diagnostic.message);
  diagnostic.hint = Printable(diagnostic.hint);
  has_errors_ = has_errors_ || diagnostic.severity == Severity::kError;
  if (kept_.size() < kMaxKept) {
    kept_.push_back(std::move(diagnostic));
  } else {
    ++dropped_;
  }
}

Diagnostics DiagnosticSink::Take() {
  std::stable_sort(kept_.begin(), kept_.end(), [](const Diagnostic& a, const Diagnostic& b) {
    return SortKey(a) < SortKey(b);
  });
  const auto last = std::unique(
      kept_.begin(), kept_.end(),
      [](const Diagnostic& a, const Diagnostic& b) { return SortKey(a) == SortKey(b); });
  kept_.erase(last, kept_.end());
  if (dropped_ > 0) {
    kept_.push_back({.id = diagnostic_id::kTooManyProblems,
                     .file = kept_.back().file,
                     .message = std::to_string(dropped_) + " more problems are not shown",
                     .hint = {},
                     .excerpt = {}});
  }
  dropped_ = 0;
  has_errors_ = false;
  return std::exchange(kept_, {});
}

}  // namespace kulanz::policy
