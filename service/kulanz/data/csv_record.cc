#include "service/kulanz/data/csv_record.h"

#include <algorithm>
#include <cstring>

namespace kulanz::command {
namespace {

// The quoted field at `offset`, which is behind its opening quote; false when it is not closed before
// `limit`.
bool ReadQuoted(std::string_view text, std::size_t limit, std::size_t& offset, std::size_t& line,
                DataRow& row) {
  const std::size_t begin = offset;
  bool has_doubled = false;
  while (true) {
    const void* const quote = std::memchr(text.data() + offset, '"', limit - offset);
    if (quote == nullptr) {
      return false;
    }
    offset = static_cast<std::size_t>(static_cast<const char*>(quote) - text.data());
    if (offset + 1 >= text.size() || text[offset + 1] != '"') {
      break;
    }
    has_doubled = true;
    offset += 2;
    if (offset >= limit) {
      return false;
    }
  }
  const std::string_view raw = text.substr(begin, offset - begin);
  ++offset;
  line += static_cast<std::size_t>(std::count(raw.begin(), raw.end(), '\n'));
  if (!has_doubled) {
    row.fields.push_back(raw);
    return true;
  }
  std::string& field = row.owned.emplace_back();
  field.reserve(raw.size());
  for (std::size_t i = 0; i < raw.size(); ++i) {
    field += raw[i];
    i += raw[i] == '"' ? 1U : 0U;
  }
  row.fields.push_back(field);
  return true;
}

}  // namespace

CsvRecord ReadCsvRecord(std::string_view text, char separator, std::size_t& offset,
                        std::size_t& line, DataRow& row) {
  row.fields.clear();
  row.owned.clear();
  const std::size_t limit = std::min(text.size(), offset + kTableRowBytesMax);
  while (true) {
    if (offset < text.size() && text[offset] == '"') {
      ++offset;
      if (offset >= limit || !ReadQuoted(text, limit, offset, line, row)) {
        return CsvRecord::kUnclosed;
      }
    } else {
      std::size_t end = offset;
      while (end < text.size() && text[end] != separator && text[end] != '\n' &&
             !(text[end] == '\r' && (end + 1 == text.size() || text[end + 1] == '\n'))) {
        ++end;
      }
      row.fields.push_back(text.substr(offset, end - offset));
      offset = end;
    }
    if (offset >= text.size()) {
      return CsvRecord::kGood;
    }
    if (text[offset] == separator) {
      ++offset;
      continue;
    }
    if (text[offset] == '\r' && offset + 1 < text.size() && text[offset + 1] == '\n') {
      ++offset;
    }
    const bool ends_here =
        text[offset] == '\n' || (text[offset] == '\r' && offset + 1 == text.size());
    offset = ends_here ? offset + 1 : std::min(text.find('\n', offset), text.size() - 1) + 1;
    ++line;
    return ends_here ? CsvRecord::kGood : CsvRecord::kMisquoted;
  }
}

}  // namespace kulanz::command
