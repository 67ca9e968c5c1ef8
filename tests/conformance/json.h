// A small strict JSON reader for the conformance files (RFC 8259, UTF-8).
//
// Thread-safety: a pure function. Failure: nothing, for text that is not JSON or nests over 200 levels.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kulanz::conformance {

struct Json {
  enum class Kind { kNull, kBool, kNumber, kString, kArray, kObject };
  Kind kind = Kind::kNull;
  bool boolean = false;
  std::string text;  // a string's content, a number's digits
  std::vector<Json> items;
  std::map<std::string, Json, std::less<>> fields;

  // The field, or null.
  const Json& operator[](std::string_view name) const;
  bool has(std::string_view name) const { return fields.find(name) != fields.end(); }
  bool is_string() const { return kind == Kind::kString; }
  bool is_array() const { return kind == Kind::kArray; }
};

std::optional<Json> ParseJson(std::string_view text);
// `text` in quotes.
std::string QuoteJson(std::string_view text);

}  // namespace kulanz::conformance
