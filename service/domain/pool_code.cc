#include "service/domain/pool_code.h"

#include <algorithm>

namespace kulanz {

std::optional<PoolCode> PoolCode::Parse(std::string_view text) {
  const bool good =
      text.size() >= kBytesMin && text.size() <= kBytesMax &&
      std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 127; });
  return good ? std::optional(PoolCode(text)) : std::nullopt;
}

}  // namespace kulanz
