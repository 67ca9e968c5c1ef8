#include "service/kulanz/data/csv.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

#include "service/base/crypto.h"

namespace kulanz::command {
namespace {

Status CsvError(const std::string& name, std::size_t line, const std::string& what) {
  return Status(Code::kInvalidArgument, "CSV", name + ":" + std::to_string(line) + ": " + what);
}

}  // namespace

Result<CsvFile> CsvFile::Read(const std::string& path) {
  // gzopen also reads what is not compressed, as it is.
  const auto close = [](gzFile file) { gzclose(file); };
  const std::unique_ptr<gzFile_s, decltype(close)> file(gzopen(path.c_str(), "rbe"), close);
  if (file == nullptr) {
    return Status(Code::kNotFound, "FILE", "cannot open " + path);
  }
  std::string text;
  std::array<char, 64 * 1024> chunk{};
  while (true) {
    const int read = gzread(file.get(), chunk.data(), static_cast<unsigned>(chunk.size()));
    if (read < 0) {
      return Status(Code::kInvalidArgument, "CSV", path + " cannot be read or is damaged");
    }
    if (read == 0) {
      break;
    }
    text.append(chunk.data(), static_cast<std::size_t>(read));
    if (text.size() > kCsvBytesMax) {
      return Status(Code::kInvalidArgument, "CSV", path + " is larger than 2 GiB");
    }
  }
  return Parse(path, std::move(text));
}

Result<CsvFile> CsvFile::Parse(std::string name, std::string text) {
  CsvFile file;
  file.name_ = std::move(name);
  file.text_ = std::move(text);
  file.digest_ = ToHex(AsView(Sha256(file.text_)));
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  std::size_t offset = file.text_.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0;
  std::size_t line = 1;
  if (offset == file.text_.size() || !file.ReadRecord(offset, line, &file.columns_)) {
    return CsvError(file.name_, 1, "there is no line with the names of the columns");
  }
  for (const std::string& column : file.columns_) {
    if (column.empty() || std::count(file.columns_.begin(), file.columns_.end(), column) > 1) {
      return CsvError(file.name_, 1,
                      "a column has no name, or two have the same: '" + column + "'");
    }
  }
  std::vector<std::string> fields;
  while (offset < file.text_.size()) {
    const RowPlace place{offset, line};
    if (!file.ReadRecord(offset, line, &fields)) {
      return CsvError(file.name_, place.line, "a quote is not closed, or text follows one");
    }
    if (fields.size() == 1 && fields.front().empty()) {
      continue;  // An empty line.
    }
    if (fields.size() != file.columns_.size()) {
      return CsvError(file.name_, place.line,
                      "the row has " + std::to_string(fields.size()) + " fields, the header " +
                          std::to_string(file.columns_.size()));
    }
    file.rows_.push_back(place);
  }
  return file;
}

bool CsvFile::ReadRecord(std::size_t& offset, std::size_t& line,
                         std::vector<std::string>* fields) const {
  fields->clear();
  while (true) {
    std::string field;
    if (offset < text_.size() && text_[offset] == '"') {
      for (++offset;; ++offset) {
        if (offset >= text_.size()) {
          return false;
        }
        if (text_[offset] == '"') {
          if (offset + 1 < text_.size() && text_[offset + 1] == '"') {
            ++offset;
          } else {
            break;
          }
        }
        line += text_[offset] == '\n' ? std::size_t{1} : std::size_t{0};
        field += text_[offset];
      }
      ++offset;
    } else {
      const std::size_t end = std::min(text_.find_first_of(",\r\n", offset), text_.size());
      field = text_.substr(offset, end - offset);
      offset = end;
    }
    fields->push_back(std::move(field));
    if (offset >= text_.size()) {
      return true;
    }
    if (text_[offset] == ',') {
      ++offset;
      continue;
    }
    if (text_[offset] == '\r' && offset + 1 < text_.size() && text_[offset + 1] == '\n') {
      ++offset;
    }
    if (text_[offset] != '\n') {
      return false;
    }
    ++offset;
    ++line;
    return true;
  }
}

std::optional<std::size_t> CsvFile::ColumnIndex(std::string_view name) const {
  const auto found = std::find(columns_.begin(), columns_.end(), name);
  return found == columns_.end()
             ? std::nullopt
             : std::optional<std::size_t>(static_cast<std::size_t>(found - columns_.begin()));
}

std::vector<std::string> CsvFile::Row(std::size_t index) const {
  std::size_t offset = rows_[index].offset;
  std::size_t line = 0;
  std::vector<std::string> fields;
  ReadRecord(offset, line, &fields);
  return fields;
}

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
