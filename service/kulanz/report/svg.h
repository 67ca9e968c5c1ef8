// Pieces of SVG, with coordinates in tenths so that the text is short and always the same. Pure functions.
#pragma once

#include <string>
#include <string_view>

namespace kulanz::command::svg {

// A coordinate: "12.5", without a trailing ".0".
std::string Number(double value);
// About how wide a text of the charts' font is.
double WidthOf(std::string_view text);
// `text` cut to about `width`, with "…" at its end.
std::string CutToWidth(std::string_view text, double width);

std::string Rect(double x, double y, double width, double height, std::string_view css,
                 std::string_view pointer = "");
std::string Line(double x1, double y1, double x2, double y2, std::string_view css);
// `anchor`: "start", "middle" or "end". `content` is plain text.
std::string Text(double x, double y, std::string_view anchor, std::string_view css,
                 std::string_view content);
// The whole drawing with its name and description.
std::string Svg(std::string_view id, std::string_view css, double width, double height,
                std::string_view title, std::string_view description, std::string_view content);

}  // namespace kulanz::command::svg
