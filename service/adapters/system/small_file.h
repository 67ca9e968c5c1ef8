// ReadSmallFile: a file that an operator wrote, as a whole. And FileStamp: whether it is still the same.
//
// Thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "service/base/result.h"

namespace kulanz::adapters {

// FAILED_PRECONDITION / FILE naming the path and why: it is not there, may not be read, is no file, or has more
// than `bytes_max` bytes.
Result<std::string> ReadSmallFile(const std::string& path, std::size_t bytes_max);

// Two stamps of one path differ when it was written, replaced, removed or linked elsewhere in between.
struct FileStamp {
  bool exists = false;
  bool others_may_read = false;  // who is neither the owner nor of the group
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::uint64_t size = 0;
  std::int64_t modified_ns = 0;
  std::int64_t changed_ns = 0;
  friend bool operator==(const FileStamp&, const FileStamp&) = default;
};
// Links are followed.
FileStamp StampOf(const std::string& path);

}  // namespace kulanz::adapters
