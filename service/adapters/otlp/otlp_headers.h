// Headers that a receiver of traces wants with each request, from a file: its credentials, mostly, so all of it is secret.
//
//   # a comment
//   Authorization: Bearer 5b1c...
//   X-Scope-OrgID: shop
//
// Thread-safe; reads a file, nothing else.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "service/base/result.h"

namespace kulanz::adapters {

inline constexpr std::size_t kOtlpHeadersMax = 16;
inline constexpr std::size_t kOtlpHeaderNameBytesMax = 64;
inline constexpr std::size_t kOtlpHeaderValueBytesMax = 4'096;  // what JWTs of common issuers need
inline constexpr std::size_t kOtlpHeadersBytesMax = std::size_t{16} * 1024;  // of the file

// One line "name: value" for each header: 1 to 16, the name a token of HTTP and none that HTTP or kulanzd sets itself,
// no name twice, the value printable ASCII.
//   FAILED_PRECONDITION / OTLP_HEADERS   names every line that is wrong by its number, and nothing of what it says
Result<std::vector<std::string>> ParseOtlpHeaders(std::string_view text);

// As ParseOtlpHeaders; also when the file cannot be read, or is too large. The message names the file.
Result<std::vector<std::string>> ReadOtlpHeaders(const std::string& path);

}  // namespace kulanz::adapters
