// When a scalar needs its quotes: where YAML or the readers of fields take it for something else without.
//
// Thread-safe; pure.
#pragma once

#include <string_view>

namespace kulanz::command {

// Whether some reader of YAML, or of our fields, takes the text without quotes for something else: a number,
// a boolean, a date, nothing.
bool NeedsQuotes(std::string_view text, bool in_flow);

}  // namespace kulanz::command
