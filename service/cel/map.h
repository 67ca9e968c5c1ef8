// Maps: sorted arrays of entries, searched by bisection. Keys are bool, int, uint or string; an int and
// a uint of the same number are the same key, and a double finds the key of its number.
//
// Thread-safety: pure functions.
#pragma once

#include <span>

#include "service/cel/value.h"

namespace kulanz::cel {

bool IsMapKey(Kind kind);
// A strict order over keys: bools, then numbers, then strings.
bool MapKeyLess(const Value& a, const Value& b);
// The value at `key`, or nullptr. Any kind may be asked for; only keys are ever found.
const Value* FindInMap(std::span<const MapEntry> entries, const Value& key);
// Sorts `entries` into a map value. An error value for a key of another kind or a key twice.
Value MakeMap(std::span<MapEntry> entries);

}  // namespace kulanz::cel
