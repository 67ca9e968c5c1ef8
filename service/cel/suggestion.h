// "Did you mean": the known name that is most likely meant by a misspelt one.
//
// Thread-safety: a pure function.
#pragma once

#include <string_view>
#include <vector>

namespace kulanz::cel {

// The nearest of `known`, or an empty view when none is near: at most one edit per three characters
// (two swapped neighbours are one edit), or a name that the wrong one begins or ends with, or the other
// way round, by parts divided at '_' ("delivered" for "delivered_at").
std::string_view Suggest(std::string_view wrong, const std::vector<std::string_view>& known);

}  // namespace kulanz::cel
