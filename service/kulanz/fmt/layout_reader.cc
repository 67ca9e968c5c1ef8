#include <algorithm>
#include <string_view>

#include "service/kulanz/fmt/layout.h"
#include "service/kulanz/fmt/scalar_style.h"

namespace kulanz::command {
namespace {

using policy::Node;

// Thrown nowhere: the walk notes that it lost its way, and everything after is ignored.
class Walk {
 public:
  explicit Walk(const policy::SourceFile& file) : text_(file.text()) {}

  std::optional<Layout> Read(const Node& root) {
    Layout layout;
    layout.is_list = root.is_list();
    if ((!root.is_map() && !root.is_list()) || IsFlow(root)) {
      return std::nullopt;
    }
    std::vector<Comment> lines = TakeLines();
    if (text_.substr(at_, 3) == "---" && !lost_) {
      at_ += 3;
      lines.erase(lines.begin(), lines.end());
      std::vector<Comment> after_mark = TakeLines();
      lines.insert(lines.end(), after_mark.begin(), after_mark.end());
    }
    layout.header = std::move(lines);
    layout.units = ReadBlock(root, 0);
    for (Comment& line : TakeLines()) {
      if (line.column > 0 && !line.text.empty() && layout.footer.empty()) {
        AttachBelow(layout.units.back(), std::move(line));
      } else {
        layout.footer.push_back(std::move(line));
      }
    }
    lost_ = lost_ || at_ != text_.size();
    return lost_ ? std::nullopt : std::optional(std::move(layout));
  }

 private:
  // --- where things stand ---

  bool IsFlow(const Node& node) const {
    return node.span.begin < text_.size() &&
           (text_[node.span.begin] == '{' || text_[node.span.begin] == '[');
  }
  bool IsBlockText(const Node& node) const {
    return node.is_scalar() && !node.plain && node.span.begin < text_.size() &&
           (text_[node.span.begin] == '|' || text_[node.span.begin] == '>');
  }
  std::size_t LineBegin(std::size_t at) const {
    const std::size_t before = at == 0 ? std::string_view::npos : text_.rfind('\n', at - 1);
    return before == std::string_view::npos ? 0 : before + 1;
  }
  std::size_t LineEnd(std::size_t at) const { return std::min(text_.find('\n', at), text_.size()); }
  std::size_t ColumnAt(std::size_t at) const { return at - LineBegin(at); }

  // --- what stands between tokens ---

  void SkipBlanks() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\r')) {
      ++at_;
    }
  }

  Comment TakeComment() {
    const std::size_t end = LineEnd(at_);
    Comment comment{.text = std::string(text_.substr(at_, end - at_)), .column = ColumnAt(at_)};
    comment.text.erase(comment.text.find_last_not_of(" \t\r") + 1);
    at_ = end;
    return comment;
  }

  // A comment on the line where a value has just ended.
  std::optional<Comment> TakeTrailing() {
    SkipBlanks();
    return at_ < text_.size() && text_[at_] == '#' ? std::optional(TakeComment()) : std::nullopt;
  }

  // Comments and blank lines up to the next token.
  std::vector<Comment> TakeLines() {
    std::vector<Comment> lines;
    bool at_line_begin = at_ == 0;
    while (at_ < text_.size()) {
      SkipBlanks();
      if (at_ == text_.size()) {
        break;
      }
      if (text_[at_] == '\n') {
        if (at_line_begin && (lines.empty() || !lines.back().text.empty())) {
          lines.push_back({});
        }
        at_line_begin = true;
        ++at_;
      } else if (text_[at_] == '#') {
        lines.push_back(TakeComment());
        at_line_begin = false;
      } else {
        break;
      }
    }
    return lines;
  }

  // Lines that stand deeper than what follows belong to what stands above.
  static void AttachBelow(LayoutUnit& unit, Comment line) {
    if (!unit.children.empty() && line.column >= unit.children.back().column) {
      AttachBelow(unit.children.back(), std::move(line));
    } else {
      unit.after.push_back(std::move(line));
    }
  }

  // --- units ---

  std::vector<LayoutUnit> ReadBlock(const Node& node, int depth) {
    std::vector<LayoutUnit> units;
    const std::size_t count = node.is_map() ? node.entries.size() : node.items.size();
    for (std::size_t i = 0; i < count && !lost_; ++i) {
      std::vector<Comment> lines = TakeLines();
      LayoutUnit unit;
      unit.column = ColumnAt(at_);
      std::size_t own = 0;  // lines that belong to the unit before
      if (i > 0) {
        while (own < lines.size() && (lines[own].column > unit.column ||
                                      (lines[own].text.empty() && own + 1 < lines.size() &&
                                       lines[own + 1].column > unit.column))) {
          AttachBelow(units.back(), lines[own++]);
        }
      }
      unit.before.assign(lines.begin() + static_cast<std::ptrdiff_t>(own), lines.end());
      if (node.is_map()) {
        ReadEntry(node.entries[i], depth, unit);
      } else {
        ReadItem(node.items[i], depth, unit);
      }
      units.push_back(std::move(unit));
    }
    return units;
  }

  void ReadEntry(const Node::Entry& entry, int depth, LayoutUnit& unit) {
    if (at_ != entry.key.span.begin) {
      lost_ = true;
      return;
    }
    unit.key = entry.key.text;
    unit.head = ScalarText(entry.key, false) + ":";
    at_ = entry.key.span.end;
    SkipBlanks();
    if (at_ >= text_.size() || text_[at_] != ':') {
      lost_ = true;
      return;
    }
    ++at_;
    ReadValue(entry.value, depth, unit);
  }

  void ReadItem(const Node& item, int depth, LayoutUnit& unit) {
    if (at_ >= text_.size() || text_[at_] != '-') {
      lost_ = true;
      return;
    }
    unit.head = "-";
    ++at_;
    ReadValue(item, depth, unit);
  }

  void ReadValue(const Node& node, int depth, LayoutUnit& unit) {
    unit.trailing = TakeTrailing();
    if (node.is_null()) {
      return;
    }
    if ((node.is_map() || node.is_list()) && !IsFlow(node)) {
      unit.children = ReadBlock(node, depth + 1);
      if (!unit.children.empty() && unit.head == "-" && !unit.trailing) {
        // "- key: value": what stands above the first key stands above the item.
        std::vector<Comment>& before = unit.children.front().before;
        std::erase_if(before, [](const Comment& line) { return line.text.empty(); });
        unit.before.insert(unit.before.end(), before.begin(), before.end());
        before.clear();
      }
      return;
    }
    // A value on a line of its own moves up to its key.
    for (Comment& line : TakeLines()) {
      if (!line.text.empty()) {
        unit.before.push_back(std::move(line));
      }
    }
    if (at_ != node.span.begin) {
      lost_ = true;
      return;
    }
    const std::size_t end = EndOf(node, unit);
    const std::string_view raw = text_.substr(at_, end - at_);
    const std::optional<std::string> line =
        IsBlockText(node) ? std::nullopt : OneLine(node, raw, unit);
    if (line) {
      unit.value = *line;
    } else {
      KeepLines(raw, IsBlockText(node), unit);
    }
    at_ = end;
    if (!unit.trailing) {
      unit.trailing = TakeTrailing();
    }
  }

  // --- values ---

  // Behind the value; a block of text ends with its last line that is not empty.
  std::size_t EndOf(const Node& node, const LayoutUnit& unit) {
    if (!node.is_scalar()) {
      return EndOfFlow(node.span.begin);
    }
    if (IsBlockText(node)) {
      std::size_t end = LineEnd(node.span.begin);
      for (std::size_t line = end + 1; line < text_.size(); line = LineEnd(line) + 1) {
        const std::size_t first = text_.find_first_not_of(' ', line);
        const bool empty = first == std::string_view::npos || text_[first] == '\n';
        if (!empty && first - line <= unit.column) {
          break;
        }
        end = empty ? end : LineEnd(line);
      }
      return end;
    }
    if (!node.plain) {
      return EndOfQuoted(node.span.begin);
    }
    // Plain text over several lines was folded: its letters are all there, its blanks may not be.
    std::size_t at = node.span.begin;
    for (const char c : node.text) {
      if (c == ' ' || c == '\n') {
        continue;
      }
      while (at < text_.size() && text_[at] != c) {
        ++at;
      }
      ++at;
    }
    return std::min(at, text_.size());
  }

  std::size_t EndOfQuoted(std::size_t begin) const {
    const char quote = text_[begin];
    std::size_t i = begin + 1;
    for (; i < text_.size(); ++i) {
      if (quote == '"' && text_[i] == '\\') {
        ++i;
      } else if (text_[i] == quote) {
        if (quote == '\'' && i + 1 < text_.size() && text_[i + 1] == '\'') {
          ++i;
        } else {
          return i + 1;
        }
      }
    }
    return text_.size();
  }

  // Whether a quote in a flow opens a scalar, and does not stand within one.
  bool BeginsScalar(std::size_t at) const {
    const std::size_t before = at == 0 ? at : text_.find_last_not_of(" \n\r\t", at - 1);
    return before != std::string_view::npos &&
           std::string_view("{[,:").find(text_[before]) != std::string_view::npos;
  }

  std::size_t EndOfFlow(std::size_t begin) {
    int depth = 0;
    has_inner_comment_ = false;
    for (std::size_t i = begin; i < text_.size(); ++i) {
      const char c = text_[i];
      if ((c == '"' || c == '\'') && BeginsScalar(i)) {
        i = EndOfQuoted(i) - 1;
      } else if (c == '#' && (text_[i - 1] == ' ' || text_[i - 1] == '\n')) {
        has_inner_comment_ = true;
        i = LineEnd(i) - 1;
      } else if (c == '{' || c == '[') {
        ++depth;
      } else if ((c == '}' || c == ']') && --depth == 0) {
        return i + 1;
      }
    }
    lost_ = true;
    return text_.size();
  }

  // The value on one line in its canonical form; nothing when it is to be kept as it is.
  std::optional<std::string> OneLine(const Node& node, std::string_view raw,
                                     const LayoutUnit& unit) {
    const bool one_line = raw.find('\n') == std::string_view::npos;
    if (node.is_scalar()) {
      return one_line ? std::optional(ScalarText(node, false)) : std::nullopt;
    }
    const std::optional<std::string> flow = has_inner_comment_ ? std::nullopt : FlowText(node);
    if (!flow) {
      return one_line ? std::optional(std::string(raw)) : std::nullopt;
    }
    const bool fits = unit.column + unit.head.size() + 1 + flow->size() <= kFormatColumns;
    return one_line || fits ? flow : std::nullopt;
  }

  // Quotes stay of the kind that they are; some authors keep single ones for expressions.
  std::string ScalarText(const Node& node, bool in_flow) const {
    const std::string_view raw = text_.substr(node.span.begin, node.span.end - node.span.begin);
    return node.plain || !NeedsQuotes(node.text, in_flow) ? node.text : std::string(raw);
  }

  // Nothing when a part is written in an unusual way.
  std::optional<std::string> FlowText(const Node& node) const {
    if (node.is_scalar()) {
      std::string text = ScalarText(node, true);
      return text.find('\n') == std::string::npos ? std::optional(std::move(text)) : std::nullopt;
    }
    if (node.is_null() || !IsFlow(node)) {
      return std::nullopt;
    }
    std::string out(node.is_map() ? "{" : "[");
    for (const Node::Entry& entry : node.entries) {
      const std::optional<std::string> value = FlowText(entry.value);
      if (!value) {
        return std::nullopt;
      }
      out += (out.size() > 1 ? ", " : "") + ScalarText(entry.key, true) + ": " + *value;
    }
    for (const Node& item : node.items) {
      const std::optional<std::string> value = FlowText(item);
      if (!value) {
        return std::nullopt;
      }
      out += (out.size() > 1 ? ", " : "") + *value;
    }
    return out + (node.is_map() ? "}" : "]");
  }

  // Keeps the lines of a value; blanks at their ends count in a block of text only.
  static void KeepLines(std::string_view raw, bool is_block_text, LayoutUnit& unit) {
    std::size_t begin = 0;
    for (bool first = true; begin <= raw.size(); first = false) {
      const std::size_t end = std::min(raw.find('\n', begin), raw.size());
      std::string line(raw.substr(begin, end - begin));
      if (!is_block_text || first) {
        line.erase(line.find_last_not_of(" \t\r") + 1);
      }
      if (first) {
        unit.value = std::move(line);
      } else {
        unit.more.push_back(std::move(line));
      }
      begin = end + 1;
    }
  }

  std::string_view text_;
  std::size_t at_ = 0;
  bool lost_ = false;
  bool has_inner_comment_ = false;  // in the flow that EndOfFlow went over last
};

}  // namespace

std::optional<Layout> ReadLayout(const policy::SourceFile& file, const policy::Node& root) {
  return Walk(file).Read(root);
}

}  // namespace kulanz::command
