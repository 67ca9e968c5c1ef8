// Node: a YAML document as a tree in which every key and value knows where it stands.
//
// A scalar is text; what the text means (a number, a date, an expression) is decided by the reader of
// the field (scalars.h), never guessed from its looks.
//
// Thread-safety: plain values.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "service/policy/source_file.h"

namespace kulanz::policy {

struct Node {
  enum class Kind : std::uint8_t { kNull, kScalar, kList, kMap };
  struct Entry;

  Kind kind = Kind::kNull;
  bool plain = false;     // a scalar without quotes that is no block
  bool is_alias = false;  // stands for what was refused: nobody need complain again
  // Of a scalar: the text with its quotes; of a list, a map or a block scalar: its beginning; of nothing
  // after a key: the key.
  TextSpan span;
  std::string text;            // of a scalar
  std::vector<Node> items;     // of a list
  std::vector<Entry> entries;  // of a map, in the order of the file; keys are unique

  bool is_null() const { return kind == Kind::kNull; }
  bool is_scalar() const { return kind == Kind::kScalar; }
  bool is_list() const { return kind == Kind::kList; }
  bool is_map() const { return kind == Kind::kMap; }
};

struct Node::Entry {
  Node key;  // a scalar
  Node value;
};

// The value of a map's key; null where there is none, and of null or what is no map.
inline const Node* FindEntry(const Node* map, std::string_view key) {
  if (map == nullptr) {
    return nullptr;
  }
  const auto found =
      std::find_if(map->entries.begin(), map->entries.end(),
                   [key](const Node::Entry& entry) { return entry.key.text == key; });
  return found == map->entries.end() ? nullptr : &found->value;
}

}  // namespace kulanz::policy
