// Diagnostic: one thing that is wrong with a policy set, said for the person who wrote it.
//
//   policies/late.yaml:14:22: error: 'delivered' is no attribute of late_delivery; did you mean
//   'delivered_at'? [unknown-field]
//     eligible: incident.delivered > incident.promised_at
//               ^~~~~~~~~~~~~~~~~~
//
// Ids are stable; rules/diagnostics.md has a wrong and a right example of each. Messages may improve.
//
// Thread-safety: plain values; a DiagnosticSink belongs to one thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "service/cel/diagnostic.h"
#include "service/policy/source_file.h"

namespace kulanz::policy {

using cel::Severity;

struct Diagnostic {
  std::string_view id;  // static storage
  Severity severity = Severity::kError;
  std::string file;
  int line = 0;  // from 1; 0 when the whole file is meant
  int column = 0;
  std::string message;  // one sentence, no final dot, names quoted with '
  std::string hint;     // what to do about it; may be empty
  std::string excerpt;  // the line of the file
  int width = 1;        // how many columns are meant, at least 1, within the line
};
using Diagnostics = std::vector<Diagnostic>;

bool HasErrors(const Diagnostics& diagnostics);

struct RenderStyle {
  bool color = false;       // ANSI colours, for a terminal
  std::string file_prefix;  // put before each file name, e.g. "rules/"
};
// The message with its line and caret; ends with a line break.
std::string Render(const Diagnostic& diagnostic, const RenderStyle& style = {});
std::string Render(const Diagnostics& diagnostics, const RenderStyle& style = {});

// Collects the problems of a policy set.
class DiagnosticSink {
 public:
  // A set with more problems than this is not being corrected one by one: the rest is counted only.
  static constexpr std::size_t kMaxKept = 500;

  // `width` of the span is cut at the end of its first line. An empty span marks one column.
  void Add(const SourceFile& file, TextSpan span, std::string_view id, std::string message,
           std::string hint = {}, Severity severity = Severity::kError);
  // About a file as a whole, or one that could not be read.
  void AddForFile(std::string file, std::string_view id, std::string message,
                  std::string hint = {});

  bool has_errors() const { return has_errors_; }
  std::size_t count() const { return kept_.size() + dropped_; }
  // Sorted by file, line, column, id; without exact repetitions.
  Diagnostics Take();

 private:
  void Keep(Diagnostic diagnostic);

  Diagnostics kept_;
  std::size_t dropped_ = 0;
  bool has_errors_ = false;
};

}  // namespace kulanz::policy
