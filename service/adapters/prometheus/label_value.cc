#include "service/adapters/prometheus/label_value.h"

#include <algorithm>

namespace kulanz::adapters {

std::string LabelValue(std::string_view value) {
  if (value.empty()) return std::string(kNoLabelValue);
  const bool printable =
      std::all_of(value.begin(), value.end(), [](char c) { return c >= ' ' && c <= '~'; });
  return printable && value.size() <= kLabelBytesMax ? std::string(value) : "invalid";
}

}  // namespace kulanz::adapters
