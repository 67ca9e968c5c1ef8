// JSON strings from any bytes. Thread-safe; cannot fail.
#pragma once

#include <string>
#include <string_view>

namespace kulanz::adapters {

// Appends `text` with its quotes. Control characters and U+2028/2029 are escaped; each byte that is not
// part of well-formed UTF-8 becomes U+FFFD.
void AppendJsonString(std::string& out, std::string_view text);

}  // namespace kulanz::adapters
