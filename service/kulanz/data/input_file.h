// Reading a data file as a whole: plain or gzip. Thread-safe.
#pragma once

#include <cstddef>
#include <string>

#include "service/base/result.h"

namespace kulanz::command {

// Of the unpacked text: rows are pointed into, and a larger file is better simulated in parts.
inline constexpr std::size_t kInputBytesMax = std::size_t{2} << 30;

// The text of the file without a byte order mark. A file that begins like gzip is unpacked.
//   NOT_FOUND / FILE, INVALID_ARGUMENT / FILE: unreadable, damaged or cut off, too large, or UTF-16.
Result<std::string> ReadInputFile(const std::string& path);

}  // namespace kulanz::command
