#include "service/cel/map.h"

#include <algorithm>
#include <cmath>

#include "service/cel/compare.h"

namespace kulanz::cel {
namespace {

int Rank(Kind kind) {
  switch (kind) {
    case Kind::kBool:
      return 0;
    case Kind::kInt:
    case Kind::kUint:
    case Kind::kDouble:
      return 1;
    default:
      return 2;
  }
}

}  // namespace

bool IsMapKey(Kind kind) {
  return kind == Kind::kBool || kind == Kind::kInt || kind == Kind::kUint || kind == Kind::kString;
}

bool MapKeyLess(const Value& a, const Value& b) {
  const int rank_a = Rank(a.kind());
  const int rank_b = Rank(b.kind());
  return rank_a != rank_b ? rank_a < rank_b : CompareValues(a, b).order < 0;
}

const Value* FindInMap(std::span<const MapEntry> entries, const Value& key) {
  const bool is_double = key.kind() == Kind::kDouble;
  if ((!IsMapKey(key.kind()) && !is_double) || (is_double && std::isnan(key.as_double()))) {
    return nullptr;
  }
  constexpr std::size_t kFew = 8;
  if (key.kind() == Kind::kString && entries.size() <= kFew) {
    for (const MapEntry& entry : entries) {
      if (entry.key.kind() == Kind::kString && entry.key.as_string() == key.as_string()) {
        return &entry.value;
      }
    }
    return nullptr;
  }
  const auto found = std::lower_bound(
      entries.begin(), entries.end(), key,
      [](const MapEntry& entry, const Value& wanted) { return MapKeyLess(entry.key, wanted); });
  return found != entries.end() && Equal(found->key, key) ? &found->value : nullptr;
}

Value MakeMap(std::span<MapEntry> entries) {
  for (const MapEntry& entry : entries) {
    if (!IsMapKey(entry.key.kind())) {
      return Value::Error(ErrorCode::kInvalidArgument,
                          "a map's key must be a bool, an int, a uint or a string");
    }
  }
  std::sort(entries.begin(), entries.end(),
            [](const MapEntry& a, const MapEntry& b) { return MapKeyLess(a.key, b.key); });
  for (std::size_t i = 1; i < entries.size(); ++i) {
    if (Equal(entries[i - 1].key, entries[i].key)) {
      return Value::Error(ErrorCode::kDuplicateKey);
    }
  }
  return Value::Map(entries);
}

}  // namespace kulanz::cel
