// Layout: a YAML file as the lines of its keys and items, each with the comments that belong to it.
//
// The tree comes from the strict reader; this walks the text along it and takes up what the tree leaves out:
// comments, blank lines, the style of each value. Thread-safety: plain values; ReadLayout is thread-safe.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "service/policy/source_file.h"
#include "service/policy/yaml_tree.h"

namespace kulanz::command {

struct Comment {
  std::string text;        // "# why", without blanks at its end; empty: a blank line
  std::size_t column = 0;  // where it began
};

// A key with its value, or an item of a list.
struct LayoutUnit {
  std::vector<Comment> before;  // lines above it
  std::string key;              // of an entry; empty for an item
  std::string head;             // "key:" or "-"
  std::string value;  // on the line of the head; empty when there is none or it stands below
  // Further lines of a value that is kept as it is: a block of text, a long { }. Written as they were, moved
  // by as much as the head.
  std::vector<std::string> more;
  std::size_t column = 0;            // of the head
  std::optional<Comment> trailing;   // behind the head and its value
  std::vector<LayoutUnit> children;  // of a block mapping or a block list
  std::vector<Comment> after;        // lines below it that stand deeper than what follows
};

struct Layout {
  std::vector<Comment> header;  // above the first key
  std::vector<LayoutUnit> units;
  std::vector<Comment> footer;  // below the last
  bool is_list = false;
};

// Nothing for a document that is written in a way which this does not follow: a root without keys or items
// in block style, directives, keys with '?'.
std::optional<Layout> ReadLayout(const policy::SourceFile& file, const policy::Node& root);

// The layout as text. `indent` levels are two columns.
std::string WriteLayout(const Layout& layout);

inline constexpr std::size_t kFormatColumns =
    100;  // a { } of several lines that fits becomes one line

}  // namespace kulanz::command
