#include "service/engine/limit_keys.h"

namespace kulanz::engine {
namespace {

// FNV-1a; a customer's own few values need no keyed hash.
std::uint64_t Continue(std::uint64_t hash, std::string_view text) {
  for (const char c : text) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3U;
  }
  return hash;
}

}  // namespace

std::uint64_t LimitKey(std::string_view per, std::string_view value) {
  constexpr std::uint64_t kOffset = 0xCBF29CE484222325U;
  // No expression holds a zero byte, so where `per` ends is certain.
  std::uint64_t hash = Continue(Continue(Continue(kOffset, per), std::string_view("\0", 1)), value);
  // FNV leaves the high bits poorly mixed (murmur3's finaliser).
  hash = (hash ^ (hash >> 33U)) * 0xFF51AFD7ED558CCDU;
  hash = (hash ^ (hash >> 33U)) * 0xC4CEB9FE1A85EC53U;
  return hash ^ (hash >> 33U);
}

}  // namespace kulanz::engine
