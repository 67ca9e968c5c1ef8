// One record of a CSV text. Pure functions; thread-safe.
#pragma once

#include <cstddef>
#include <string_view>

#include "service/kulanz/data/data_table.h"

namespace kulanz::command {

enum class CsvRecord {
  kGood,
  kMisquoted,  // text follows a closing quote; `offset` is behind the line
  kUnclosed,   // a quote is not closed within kTableRowBytesMax
};

// Reads the record at `offset` into `row` and moves `offset` behind it and `line` on by its lines.
CsvRecord ReadCsvRecord(std::string_view text, char separator, std::size_t& offset,
                        std::size_t& line, DataRow& row);

}  // namespace kulanz::command
