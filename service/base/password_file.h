// A password from a file of its own, as secrets are mounted into containers: one line, no name before it.
#pragma once

#include <cstddef>
#include <string>

#include "service/base/result.h"

namespace kulanz {

inline constexpr std::size_t kPasswordFileBytesMax = 1024;  // of the password, without its line end

// The file's only line, without its end ("\n" or "\r\n"). Thread-safe; reads a file, nothing else.
//   FAILED_PRECONDITION / PASSWORD_FILE   it cannot be read, is empty, or has more than that many bytes or
//                                         more than one line; the message names the file, nothing in it
Result<std::string> ReadPasswordFile(const std::string& path);

}  // namespace kulanz
