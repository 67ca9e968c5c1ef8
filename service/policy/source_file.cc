#include "service/policy/source_file.h"

#include <algorithm>
#include <utility>

#include "service/cel/utf8.h"

namespace kulanz::policy {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

}  // namespace

SourceFile::SourceFile(std::string name, std::string text)
    : name_(std::move(name)), text_(std::move(text)) {
  if (std::string_view(text_).starts_with(kByteOrderMark)) {
    text_.erase(0, kByteOrderMark.size());
  }
  line_begins_.push_back(0);
  for (std::size_t i = 0; i < text_.size(); ++i) {
    if (text_[i] == '\n') {
      line_begins_.push_back(static_cast<std::uint32_t>(i + 1));
    }
  }
}

LineColumn SourceFile::Locate(std::uint32_t offset) const {
  const auto end = static_cast<std::uint32_t>(text_.size());
  const std::uint32_t at = std::min(offset, end);
  const auto next = std::upper_bound(line_begins_.begin(), line_begins_.end(), at);
  const std::uint32_t begin = *(next - 1);
  int column = 1;
  for (std::uint32_t i = begin; i < at; ++i) {
    column += cel::utf8::IsContinuation(text_[i]) ? 0 : 1;
  }
  return {.line = static_cast<int>(next - line_begins_.begin()), .column = column};
}

std::string_view SourceFile::Line(int line) const {
  if (line < 1 || static_cast<std::size_t>(line) > line_begins_.size()) {
    return {};
  }
  const auto index = static_cast<std::size_t>(line) - 1;
  const std::size_t begin = line_begins_[index];
  const std::size_t end =
      index + 1 < line_begins_.size() ? line_begins_[index + 1] - 1 : text_.size();
  std::string_view text = std::string_view(text_).substr(begin, end - begin);
  if (text.ends_with('\r')) {
    text.remove_suffix(1);
  }
  return text;
}

}  // namespace kulanz::policy
