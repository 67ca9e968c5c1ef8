// Style: how text is made to look on the terminal it goes to, and plain where it goes elsewhere.
//
// Widths count code points: the texts of policies are names and numbers. Thread-safety: plain values.
#pragma once

#include <CLI/CLI.hpp>
#include <cstddef>
#include <string>
#include <string_view>

namespace kulanz::command {

enum class Paint : unsigned char { kPlain, kBold, kDim, kRed, kGreen, kYellow, kCyan };

class Style {
 public:
  // Plain text of 100 columns.
  Style() = default;
  Style(bool color, std::size_t width) : color_(color), width_(width) {}
  // For standard output. `color`: "always", "never", or "auto": where it is a terminal that is not dumb
  // and NO_COLOR is not set. The width is the terminal's, else that of COLUMNS, else 100.
  static Style ForOutput(std::string_view color);

  bool color() const { return color_; }
  std::size_t width() const { return width_; }
  std::string In(Paint paint, std::string_view text) const;

 private:
  bool color_ = false;
  std::size_t width_ = 100;
};

// --color auto|always|never.
void AddColorOption(CLI::App& verb, std::string& color);

// How many columns `text` takes; it has no control characters.
std::size_t ColumnsOf(std::string_view text);
// The text with what a terminal could take for a command replaced by '?', and line breaks by blanks.
std::string Printable(std::string_view text);
// At most `columns`, ending in "…" when something was cut off.
std::string CutTo(std::string_view text, std::size_t columns);
// Filled with blanks to `columns`, on the right or (`to_the_right`) on the left.
std::string PadTo(std::string_view text, std::size_t columns, bool to_the_right = false);
// "1 case", "2 cases", "3 policies".
std::string Count(std::size_t number, std::string_view noun);

}  // namespace kulanz::command
