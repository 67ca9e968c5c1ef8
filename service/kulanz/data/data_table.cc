#include "service/kulanz/data/data_table.h"

#include <algorithm>
#include <utility>

#include "service/base/check.h"
#include "service/base/crypto.h"
#include "service/cel/utf8.h"
#include "service/kulanz/data/csv_record.h"
#include "service/kulanz/data/input_file.h"
#include "service/kulanz/data/json.h"

namespace kulanz::command {
namespace {

// Calls `visit(path, value)` for every value of an object that is no object itself.
template <typename Visit>
void Flatten(const Json& object, const std::string& prefix, const Visit& visit) {
  for (const auto& [key, value] : object.members) {
    const std::string path = prefix.empty() ? key : prefix + "." + key;
    if (value.kind == Json::Kind::kObject) {
      Flatten(value, path, visit);
    } else {
      visit(path, value);
    }
  }
}

std::string JsonText(const Json& value) {
  return value.kind == Json::Kind::kList ? std::string(value.source) : value.text;
}

// What no row may hold, quickly: zero bytes and broken UTF-8.
const char* TextProblem(std::string_view text) {
  if (text.find('\0') != std::string_view::npos) {
    return "the row has a zero byte";
  }
  return cel::utf8::IsValid(text) ? nullptr : "the row is not valid UTF-8";
}

}  // namespace

Result<DataTable> DataTable::Read(const std::string& path, char separator) {
  KULANZ_ASSIGN_OR_RETURN(std::string text, ReadInputFile(path));
  return Parse(path, std::move(text), separator);
}

Result<DataTable> DataTable::Parse(std::string name, std::string text, char separator) {
  DataTable table;
  table.name_ = std::move(name);
  table.text_ = std::move(text);
  table.separator_ = separator;
  const std::size_t first = table.text_.find_first_not_of(" \t\r\n");
  table.is_json_ = first != std::string::npos && table.text_[first] == '{';
  KULANZ_RETURN_IF_ERROR(table.is_json_ ? table.IndexJson() : table.IndexCsv());
  return table;
}

Status DataTable::Broken(std::size_t line, const std::string& what) const {
  return Status(Code::kInvalidArgument, "TABLE", name_ + ":" + std::to_string(line) + ": " + what);
}

void DataTable::Reject(std::size_t line, std::string reason) {
  rejections_.push_back({line, std::move(reason)});
}

Status DataTable::AddPlace(std::size_t offset, std::size_t line) {
  if (rows_.size() >= kTableRowsMax) {
    return Broken(line, "the file has more than " + std::to_string(kTableRowsMax) +
                            " rows; split it by customers");
  }
  rows_.push_back({offset, line});
  return Status::Ok();
}

Status DataTable::IndexCsv() {
  std::size_t offset = 0;
  std::size_t line = 1;
  DataRow row;
  if (text_.empty() || ReadCsvRecord(text_, separator_, offset, line, row) != CsvRecord::kGood) {
    return Broken(1, "there is no line with the names of the columns");
  }
  columns_.assign(row.fields.begin(), row.fields.end());
  if (columns_.size() > kTableColumnsMax) {
    return Broken(1, "there are more than " + std::to_string(kTableColumnsMax) + " columns");
  }
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    if (columns_[i].empty() || TextProblem(columns_[i]) != nullptr ||
        !column_index_.emplace(columns_[i], i).second) {
      return Broken(1, "a column has no name, or two have the same: '" + columns_[i] + "'");
    }
  }
  while (offset < text_.size()) {
    const RowPlace place{offset, line};
    const CsvRecord read = ReadCsvRecord(text_, separator_, offset, line, row);
    if (read == CsvRecord::kUnclosed) {
      return Broken(place.line,
                    "a quote is opened in this row and not closed within 1 MiB; what follows "
                    "cannot be trusted");
    }
    const std::string_view text =
        std::string_view(text_).substr(place.offset, offset - place.offset);
    if (read == CsvRecord::kMisquoted) {
      Reject(place.line, "text follows a closing quote; a quote within a quoted field is doubled");
    } else if (row.fields.size() == 1 && row.fields.front().empty()) {
      continue;  // An empty line.
    } else if (text.size() > kTableRowBytesMax) {
      Reject(place.line, "the row is longer than 1 MiB");
    } else if (row.fields.size() != columns_.size()) {
      Reject(place.line, "the row has " + std::to_string(row.fields.size()) +
                             " fields, the header " + std::to_string(columns_.size()));
    } else if (const char* const problem = TextProblem(text)) {
      Reject(place.line, problem);
    } else {
      KULANZ_RETURN_IF_ERROR(AddPlace(place.offset, place.line));
    }
  }
  return Status::Ok();
}

Status DataTable::IndexJson() {
  std::size_t line = 0;
  for (std::size_t offset = 0; offset < text_.size();) {
    const std::size_t begin = offset;
    const std::size_t end = std::min(text_.find('\n', offset), text_.size());
    offset = end + 1;
    ++line;
    const std::string_view text = std::string_view(text_).substr(begin, end - begin);
    if (text.find_first_not_of(" \t\r") == std::string_view::npos) {
      continue;
    }
    Json object;
    std::string problem;
    if (text.size() > kTableRowBytesMax) {
      Reject(line, "the row is longer than 1 MiB");
      continue;
    }
    if (!ParseJson(text, object, problem) || object.kind != Json::Kind::kObject) {
      Reject(line, problem.empty() ? "the line is no JSON object" : "the line " + problem);
      continue;
    }
    Flatten(object, "", [this](const std::string& path, const Json&) {
      if (column_index_.emplace(path, columns_.size()).second) {
        columns_.push_back(path);
      }
    });
    if (columns_.size() > kTableColumnsMax) {
      return Broken(line, "there are more than " + std::to_string(kTableColumnsMax) +
                              " different keys in the file");
    }
    KULANZ_RETURN_IF_ERROR(AddPlace(begin, line));
  }
  return Status::Ok();
}

bool DataTable::ReadJson(std::size_t offset, DataRow& row) const {
  const std::size_t end = std::min(text_.find('\n', offset), text_.size());
  Json object;
  std::string problem;
  if (!ParseJson(std::string_view(text_).substr(offset, end - offset), object, problem)) {
    return false;
  }
  row.owned.clear();
  row.fields.assign(columns_.size(), {});
  Flatten(object, "", [&](const std::string& path, const Json& value) {
    row.fields[column_index_.find(path)->second] = row.owned.emplace_back(JsonText(value));
  });
  return true;
}

void DataTable::ReadRow(std::size_t index, DataRow& row) const {
  if (is_json_) {
    KULANZ_CHECK(ReadJson(rows_[index].offset, row), "a row that was indexed can be read");
    return;
  }
  std::size_t offset = rows_[index].offset;
  std::size_t line = 0;
  ReadCsvRecord(text_, separator_, offset, line, row);
}

std::vector<std::string> DataTable::Fields(std::size_t index) const {
  DataRow row;
  ReadRow(index, row);
  return {row.fields.begin(), row.fields.end()};
}

std::optional<std::size_t> DataTable::ColumnIndex(std::string_view name) const {
  const auto found = column_index_.find(name);
  return found == column_index_.end() ? std::nullopt : std::optional(found->second);
}

std::string DataTable::Digest() const { return ToHex(AsView(Sha256(text_))); }

std::string CsvField(std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) {
    return std::string(text);
  }
  std::string quoted = "\"";
  for (const char c : text) {
    quoted += c == '"' ? "\"\"" : std::string(1, c);
  }
  return quoted + '"';
}

}  // namespace kulanz::command
