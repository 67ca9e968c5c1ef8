// Numbers as text, as CEL's string() and format() write them.
//
// Thread-safety: pure functions.
#pragma once

#include <optional>
#include <string_view>

#include "service/cel/text_builder.h"

namespace kulanz::cel {

// The shortest text that reads back as the same number; "NaN", "Infinity", "-Infinity".
void AppendDouble(double number, TextBuilder& out);
// "1.5", "-2e10", "inf", "NaN"; nothing when malformed or too large.
std::optional<double> ParseDouble(std::string_view text);

}  // namespace kulanz::cel
