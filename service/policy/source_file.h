// SourceFile: the text of one file of a policy set, and where its lines are.
//
// Everything that is said about a file is said with byte offsets into text(); line and column are
// computed when a person is to read them.
//
// Thread-safety: immutable after construction.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "service/cel/diagnostic.h"

namespace kulanz::policy {

using cel::LineColumn;
using cel::TextSpan;

class SourceFile {
 public:
  // `name`: relative to the policy set's folder, "policies/late-delivery.yaml". A byte order mark at the
  // beginning of `text` is dropped.
  SourceFile(std::string name, std::string text);

  const std::string& name() const { return name_; }
  const std::string& text() const { return text_; }

  // `offset` may be the end of the text. Columns count code points (broken UTF-8: bytes).
  LineColumn Locate(std::uint32_t offset) const;
  // Without the line's end; empty for a line that does not exist.
  std::string_view Line(int line) const;

 private:
  std::string name_;
  std::string text_;
  std::vector<std::uint32_t> line_begins_;
};

}  // namespace kulanz::policy
