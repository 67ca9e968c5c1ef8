// CSV (RFC 4180) with a header line, plain or gzip, as a whole in memory.
//
// Fields may be quoted; quotes inside are doubled; lines end with LF or CRLF; a byte order mark is
// skipped. A row must have as many fields as the header. Thread-safety: const methods from any thread.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "service/base/result.h"

namespace kulanz::command {

inline constexpr std::size_t kCsvBytesMax = std::size_t{2} << 30;

class CsvFile {
 public:
  // Reads and checks the whole file; one that begins like gzip is unpacked.
  //   NOT_FOUND / FILE, INVALID_ARGUMENT / CSV with the line.
  static Result<CsvFile> Read(const std::string& path);
  // `name` is for messages.
  static Result<CsvFile> Parse(std::string name, std::string text);

  const std::string& name() const { return name_; }
  const std::vector<std::string>& columns() const { return columns_; }
  std::optional<std::size_t> ColumnIndex(std::string_view name) const;

  std::size_t row_count() const { return rows_.size(); }
  std::vector<std::string> Row(std::size_t index) const;
  std::size_t LineOf(std::size_t index) const { return rows_[index].line; }
  // Of the text: the same file gives the same one. For resuming.
  const std::string& digest() const { return digest_; }

 private:
  struct RowPlace {
    std::size_t offset;
    std::size_t line;
  };
  CsvFile() = default;
  // Reads the record at `offset` and moves behind it; false when a quote is not closed or misplaced.
  bool ReadRecord(std::size_t& offset, std::size_t& line, std::vector<std::string>* fields) const;

  std::string name_;
  std::string text_;
  std::string digest_;
  std::vector<std::string> columns_;
  std::vector<RowPlace> rows_;
};

// A field as it stands in a CSV file: quoted where it must be.
std::string CsvField(std::string_view text);

}  // namespace kulanz::command
