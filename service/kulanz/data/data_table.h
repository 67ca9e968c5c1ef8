// DataTable: the rows of a data file, CSV (RFC 4180) with a header line or JSON Lines, plain or gzip.
//
// CSV: fields may be quoted, quotes inside are doubled, lines end with LF or CRLF; a row has as many
// fields as the header. JSON Lines: one object per line; a nested value's column is its path, "order.total";
// a list is its own JSON text; what is missing or null is empty. Which of the two it is shows in the first
// character, '{' or not.
//
// A row that cannot be read is left out and told by rejections(); the others count. Only what leaves no
// rows to trust (no header, a quote that is never closed, a limit passed) fails the file.
//
// The whole text is in memory and rows are read from it when asked for. Thread-safety: const methods
// from any thread.
#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "service/base/result.h"

namespace kulanz::command {

inline constexpr std::size_t kTableRowsMax =
    5'000'000;  // some GB as incidents; several years of most
inline constexpr std::size_t kTableColumnsMax = 1'000;
inline constexpr std::size_t kTableRowBytesMax = std::size_t{1}
                                                 << 20;  // an incident, not a document

// One row, for reading many with the same memory. The fields point into the table or into `owned`.
struct DataRow {
  std::vector<std::string_view> fields;  // in the order of the columns
  std::deque<std::string> owned;
};

class DataTable {
 public:
  // Reads and checks the whole file. `separator`: of CSV.
  //   NOT_FOUND / FILE, INVALID_ARGUMENT / FILE or TABLE with the line.
  static Result<DataTable> Read(const std::string& path, char separator = ',');
  // `name` is for messages.
  static Result<DataTable> Parse(std::string name, std::string text, char separator = ',');

  const std::string& name() const { return name_; }
  const std::vector<std::string>& columns() const { return columns_; }
  std::optional<std::size_t> ColumnIndex(std::string_view name) const;

  std::size_t row_count() const { return rows_.size(); }
  void ReadRow(std::size_t index, DataRow& row) const;
  std::vector<std::string> Fields(std::size_t index) const;
  std::size_t LineOf(std::size_t index) const { return rows_[index].line; }

  struct Rejection {
    std::size_t line;
    std::string reason;  // "the row has 3 fields, the header 4"
  };
  const std::vector<Rejection>& rejections() const { return rejections_; }

  // SHA-256 of the text: the same file gives the same one. For resuming.
  std::string Digest() const;

 private:
  struct RowPlace {
    std::size_t offset;
    std::size_t line;
  };
  DataTable() = default;
  Status IndexCsv();
  Status IndexJson();
  bool ReadJson(std::size_t offset, DataRow& row) const;
  void Reject(std::size_t line, std::string reason);
  Status Broken(std::size_t line, const std::string& what) const;
  Status AddPlace(std::size_t offset, std::size_t line);

  std::string name_;
  std::string text_;
  char separator_ = ',';
  bool is_json_ = false;
  std::vector<std::string> columns_;
  std::map<std::string, std::size_t, std::less<>> column_index_;
  std::vector<RowPlace> rows_;
  std::vector<Rejection> rejections_;
};

// A field as it stands in a CSV file: quoted where it must be.
std::string CsvField(std::string_view text);

}  // namespace kulanz::command
