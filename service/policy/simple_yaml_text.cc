#include "service/policy/simple_yaml_text.h"

#include <algorithm>
#include <array>

namespace kulanz::policy {

bool IsNull(std::string_view text) {
  static constexpr std::array<std::string_view, 4> kNulls = {"null", "Null", "NULL", "~"};
  return std::find(kNulls.begin(), kNulls.end(), text) != kNulls.end();
}

bool HasOddWhiteSpace(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    switch (static_cast<unsigned char>(text[i])) {
      case '\t':
      case '\r':
        return true;
      case 0xC2:  // U+0080 to U+00A0
        if (static_cast<unsigned char>(text[i + 1]) <= 0xA0) {
          return true;
        }
        break;
      case 0xE2:  // U+2028, U+2029
        if (text.substr(i + 1, 2) == "\x80\xA8" || text.substr(i + 1, 2) == "\x80\xA9") {
          return true;
        }
        break;
      case 0xEF:  // U+FEFF
        if (text.substr(i + 1, 2) == "\xBB\xBF") {
          return true;
        }
        break;
      default:
        break;
    }
  }
  return false;
}

}  // namespace kulanz::policy
