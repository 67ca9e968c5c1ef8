// JSON (RFC 8259), read strictly: for lines of data files and for lists within a field.
//
// Numbers keep their text, so that nothing passes through double. Refused besides what the grammar
// refuses: a key given twice, lone surrogates, and more than kJsonDepthMax levels. Thread-safe.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kulanz::command {

inline constexpr int kJsonDepthMax = 16;  // a row of facts has one or two levels

struct Json {
  enum class Kind { kNull, kBool, kNumber, kString, kList, kObject };
  Kind kind = Kind::kNull;
  std::string text;         // of a string: unescaped; of a bool or a number: as it stands
  std::string_view source;  // where it stands in the input
  std::vector<Json> items;  // of a list
  std::vector<std::pair<std::string, Json>> members;  // of an object, in the order of the text
};

// Reads `text`, which is one value with nothing behind it. False: `problem` says what is wrong where.
bool ParseJson(std::string_view text, Json& out, std::string& problem);

}  // namespace kulanz::command
