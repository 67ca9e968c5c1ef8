// Values as text: as string.format's %s writes them, and as an expression would.
//
// Thread-safety: pure functions.
#pragma once

#include <string_view>

#include "service/cel/arena.h"
#include "service/cel/text_builder.h"
#include "service/cel/value.h"

namespace kulanz::cel {

// As %s does: strings without quotes, maps sorted by their keys' text. False for kinds that format()
// does not know (optionals).
bool AppendFormatted(const Value& value, TextBuilder& out);
// "a \"b\"\n": with quotes, and escapes for quotes, backslashes and control characters.
void AppendQuoted(std::string_view text, TextBuilder& out);

// What DebugString() makes of a value, in the arena.
std::string_view DebugText(const Value& value, Arena& arena);

}  // namespace kulanz::cel
