// The frame of a report: one HTML file with its style sheet, without scripts and without anything from
// elsewhere (its Content-Security-Policy forbids it). Light, dark, print and phone. Pure functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace kulanz::command {

struct Tile {
  std::string label;
  std::string value;
  std::string note;  // may be empty
};
std::string RenderTiles(const std::vector<Tile>& tiles);

// A part of the page with its heading and an introduction; `content` is HTML, `intro` plain text.
std::string Section(std::string_view id, std::string_view heading, std::string_view intro,
                    std::string_view content);

// `title` and `subtitle` are plain text, `content` is HTML.
std::string Page(std::string_view title, std::string_view subtitle, std::string_view content,
                 std::string_view footer);

}  // namespace kulanz::command
