#include "service/kulanz/terminal/table.h"

#include <algorithm>

#include "service/base/check.h"

namespace kulanz::command {
namespace {

constexpr std::size_t kGap = 2;
constexpr std::size_t kElasticMin = 8;  // an elastic column is not cut further

}  // namespace

void Table::Add(std::vector<Cell> row) {
  KULANZ_CHECK(row.size() == columns_.size(), "a row has a cell for each column");
  rows_.push_back(std::move(row));
}

std::vector<std::size_t> Table::Widths(std::size_t available) const {
  std::vector<std::size_t> widths(columns_.size());
  std::size_t total = indent_ + kGap * (columns_.size() - 1);
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    widths[i] = ColumnsOf(columns_[i].title);
    for (const std::vector<Cell>& row : rows_) {
      widths[i] = std::max(widths[i], ColumnsOf(row[i].text));
    }
    total += widths[i];
  }
  // One column at a time from the widest elastic one, so that a short one stays whole.
  while (total > available) {
    std::size_t widest = columns_.size();
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      if (columns_[i].elastic && widths[i] > kElasticMin &&
          (widest == columns_.size() || widths[i] > widths[widest])) {
        widest = i;
      }
    }
    if (widest == columns_.size()) {
      break;
    }
    --widths[widest];
    --total;
  }
  return widths;
}

std::string Table::Line(const std::vector<Cell>& row, const std::vector<std::size_t>& widths,
                        const Style& style) const {
  std::string line(indent_, ' ');
  for (std::size_t i = 0; i < row.size(); ++i) {
    const std::string text = CutTo(row[i].text, widths[i]);
    const std::string padded = PadTo(text, widths[i], columns_[i].numeric);
    // Blanks are not painted, and none stand at the end of a line.
    const std::size_t at = padded.find(text);
    const bool last = i + 1 == row.size();
    line += padded.substr(0, at) + style.In(row[i].paint, text);
    line += last ? "" : padded.substr(at + text.size()) + std::string(kGap, ' ');
  }
  line.erase(line.find_last_not_of(' ') + 1);
  return line + "\n";
}

std::string Table::Render(const Style& style) const {
  if (rows_.empty()) {
    return "";
  }
  const std::vector<std::size_t> widths = Widths(style.width());
  std::string out;
  if (std::any_of(columns_.begin(), columns_.end(),
                  [](const Column& column) { return !column.title.empty(); })) {
    std::vector<Cell> titles;
    for (const Column& column : columns_) {
      titles.emplace_back(column.title, Paint::kDim);
    }
    out += Line(titles, widths, style);
  }
  for (const std::vector<Cell>& row : rows_) {
    out += Line(row, widths, style);
  }
  return out;
}

}  // namespace kulanz::command
