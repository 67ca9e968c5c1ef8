// Text as the unsigned bytes that libraries of cryptography take.
#pragma once

#include <string>
#include <string_view>

namespace kulanz {

inline const unsigned char* UnsignedBytes(std::string_view text) {
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): bytes as bytes.
  return reinterpret_cast<const unsigned char*>(text.data());
}

inline unsigned char* UnsignedBytes(std::string& text) {
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): bytes as bytes.
  return reinterpret_cast<unsigned char*>(text.data());
}

}  // namespace kulanz
