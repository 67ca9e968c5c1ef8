#include <algorithm>

#include "service/kulanz/fmt/layout.h"

namespace kulanz::command {
namespace {

class Writer {
 public:
  std::string Write(const Layout& layout) {
    AddLines(Trimmed(layout.header), 0);
    bool first = true;
    for (const LayoutUnit& unit : layout.units) {
      AddUnit(unit, 0, "", first && lines_.empty());
      first = false;
    }
    AddLines(layout.footer, 0);
    while (!lines_.empty() && lines_.back().empty()) {
      lines_.pop_back();
    }
    std::string out;
    for (const std::string& line : lines_) {
      out += line + "\n";
    }
    return out;
  }

 private:
  // Without the blank lines at its beginning.
  static std::vector<Comment> Trimmed(std::vector<Comment> lines) {
    const auto first = std::find_if(lines.begin(), lines.end(),
                                    [](const Comment& line) { return !line.text.empty(); });
    lines.erase(lines.begin(), first);
    return lines;
  }

  void AddLines(const std::vector<Comment>& lines, std::size_t indent) {
    for (const Comment& line : lines) {
      if (!line.text.empty()) {
        lines_.push_back(std::string(indent, ' ') + line.text);
      } else if (!lines_.empty() && !lines_.back().empty()) {
        lines_.emplace_back();
      }
    }
  }

  // `lead`: what stands in front of the unit on its first line instead of the indentation: "  - ".
  void AddUnit(const LayoutUnit& unit, std::size_t indent, const std::string& lead, bool is_first) {
    AddLines(is_first ? Trimmed(unit.before) : unit.before,
             lead.empty() ? indent : lead.size() - 2);
    std::string line = (lead.empty() ? std::string(indent, ' ') : lead) + unit.head;
    const bool joins = unit.head == "-" && !unit.children.empty() && !unit.trailing;
    if (!joins) {
      line += unit.value.empty() ? "" : " " + unit.value;
      if (unit.trailing && unit.more.empty()) {
        // Comments that stand under each other stay so.
        const std::size_t gap =
            unit.trailing->column > line.size() + 2 ? unit.trailing->column - line.size() : 2;
        line += std::string(gap, ' ') + unit.trailing->text;
      }
      lines_.push_back(line);
      AddMore(unit, indent);
    }
    for (std::size_t i = 0; i < unit.children.size(); ++i) {
      AddUnit(unit.children[i], indent + 2, joins && i == 0 ? line + " " : "", false);
    }
    AddLines(unit.after, indent);
  }

  void AddMore(const LayoutUnit& unit, std::size_t indent) {
    for (std::size_t i = 0; i < unit.more.size(); ++i) {
      std::string line = unit.more[i];
      if (indent >= unit.column) {
        line.insert(0, line.empty() ? 0 : indent - unit.column, ' ');
      } else {
        line.erase(
            0, std::min(unit.column - indent, std::min(line.find_first_not_of(' '), line.size())));
      }
      if (i + 1 == unit.more.size() && unit.trailing) {
        line += "  " + unit.trailing->text;
      }
      lines_.push_back(std::move(line));
    }
  }

  std::vector<std::string> lines_;
};

}  // namespace

std::string WriteLayout(const Layout& layout) { return Writer().Write(layout); }

}  // namespace kulanz::command
