// What may stand in a header or in a person's name. Thread-safe; pure functions.
#pragma once

#include <string_view>

namespace kulanz::adapters {

// False for text that is not well-formed UTF-8, or that contains control characters (CR, LF and NUL among
// them), line or paragraph separators, or characters that override the writing direction: with them a
// name could forge headers or show something else than it is. Right-to-left names need none of these.
bool IsSafeHeaderText(std::string_view text);

// Length in bytes of the well-formed UTF-8 sequence that `text` begins with; 0 when it does not.
std::size_t Utf8SequenceLength(std::string_view text);

}  // namespace kulanz::adapters
