// Table: rows of cells in columns, as wide as they need and no wider than the terminal.
//
//   Table table({{.title = "policy"}, {.title = "cost", .numeric = true}, {.title = "summary", .elastic = true}});
//   table.Add({"late-delivery", {"1,200.00 EUR", Paint::kBold}, "A parcel came later than promised"});
//   out += table.Render(style);
//
// When a row is too wide, the elastic columns give way and are cut. Thread-safety: none.
#pragma once

#include <string>
#include <vector>

#include "service/kulanz/terminal/style.h"

namespace kulanz::command {

struct Cell {
  std::string text;
  Paint paint = Paint::kPlain;
  // NOLINTBEGIN(google-explicit-constructor): a row reads as a list of texts.
  Cell(const char* plain) : text(plain) {}
  Cell(std::string plain) : text(std::move(plain)) {}
  Cell(std::string painted, Paint with) : text(std::move(painted)), paint(with) {}
  // NOLINTEND(google-explicit-constructor)
};

class Table {
 public:
  struct Column {
    std::string title;     // all empty: no line of titles
    bool numeric = false;  // aligned on the right
    bool elastic = false;  // cut when there is no room
  };
  explicit Table(std::vector<Column> columns, std::size_t indent = 0)
      : columns_(std::move(columns)), indent_(indent) {}

  // As many cells as columns.
  void Add(std::vector<Cell> row);
  bool empty() const { return rows_.empty(); }
  // Ends with a line break; nothing when there are no rows.
  std::string Render(const Style& style) const;

 private:
  std::vector<std::size_t> Widths(std::size_t available) const;
  std::string Line(const std::vector<Cell>& row, const std::vector<std::size_t>& widths,
                   const Style& style) const;

  std::vector<Column> columns_;
  std::size_t indent_;
  std::vector<std::vector<Cell>> rows_;
};

}  // namespace kulanz::command
