// What may stand in a label: a last line of defence, since label values come from closed sets anyway.
// Thread-safe; pure functions.
#pragma once

#include <string>
#include <string_view>

namespace kulanz::adapters {

inline constexpr std::size_t kLabelBytesMax = 128;  // a policy's or a budget's name at its longest

// What an empty value is printed as: Prometheus takes an empty label for none at all.
inline constexpr std::string_view kNoLabelValue = "none";

// `value`, or kNoLabelValue, or "invalid" for one that is too long or not printable ASCII.
std::string LabelValue(std::string_view value);

}  // namespace kulanz::adapters
