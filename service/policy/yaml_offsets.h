// Where the bytes of a scalar stand in its file.
//
// A scalar's text is not the file's: quotes fall away, escapes become characters, lines are folded and
// blocks lose their indentation. An expression's diagnostics count in the text; people look at the file.
//
// Thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "service/policy/source_file.h"
#include "service/policy/yaml_tree.h"

namespace kulanz::policy {

// The place of a whole scalar that begins at `position`: with its quotes; of a block or of plain text over
// several lines, what stands in its first line.
TextSpan ScalarSpan(const SourceFile& file, std::size_t position, std::string_view value);

// The place in `file` of bytes [within.begin, within.end) of `scalar.text`. White space at the edges of
// lines may be off by its own width, everything else is exact.
TextSpan LocateInScalar(const SourceFile& file, const Node& scalar, TextSpan within);

}  // namespace kulanz::policy
