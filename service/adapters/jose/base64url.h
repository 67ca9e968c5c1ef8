// Base64url as tokens and keys have it (RFC 7515, without padding): whether a text can be some at all.
//
// To be asked before cjose decodes: it aborts the process where an '=' follows a single character. Thread-safe.
#pragma once

#include <algorithm>
#include <string_view>

namespace kulanz::jose {

inline bool IsBase64Url(std::string_view text) {
  return text.size() % 4 != 1 && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                  c == '-' || c == '_';
         });
}

}  // namespace kulanz::jose
