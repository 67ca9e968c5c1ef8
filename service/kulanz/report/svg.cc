#include "service/kulanz/report/svg.h"

#include <cmath>

#include "service/cel/utf8.h"
#include "service/kulanz/report/html.h"

namespace kulanz::command::svg {
namespace {

// Of the page's font at the charts' 12 pixels.
constexpr double kCharacterWidth = 6.7;

}  // namespace

std::string Number(double value) {
  const auto tenths = std::llround(value * 10);
  const auto absolute = tenths < 0 ? -tenths : tenths;
  std::string text = (tenths < 0 ? "-" : "") + std::to_string(absolute / 10);
  if (absolute % 10 != 0) {
    text += "." + std::to_string(absolute % 10);
  }
  return text;
}

double WidthOf(std::string_view text) {
  const std::size_t characters = cel::utf8::IsValid(text) ? cel::utf8::Count(text) : text.size();
  return static_cast<double>(characters) * kCharacterWidth;
}

std::string CutToWidth(std::string_view text, double width) {
  if (WidthOf(text) <= width || !cel::utf8::IsValid(text)) {
    return std::string(text);
  }
  const auto room = static_cast<std::size_t>(std::max(1.0, width / kCharacterWidth - 1));
  return std::string(text.substr(0, cel::utf8::ByteOffset(text, room))) + "\xE2\x80\xA6";
}

std::string Rect(double x, double y, double width, double height, std::string_view css,
                 std::string_view pointer) {
  std::string out = "<rect x=\"" + Number(x) + "\" y=\"" + Number(y) + "\" width=\"" +
                    Number(width) + "\" height=\"" + Number(height) + "\" class=\"" +
                    std::string(css) + "\"";
  return out + (pointer.empty() ? "/>" : "><title>" + Html(pointer) + "</title></rect>");
}

std::string Line(double x1, double y1, double x2, double y2, std::string_view css) {
  return "<line x1=\"" + Number(x1) + "\" y1=\"" + Number(y1) + "\" x2=\"" + Number(x2) +
         "\" y2=\"" + Number(y2) + "\" class=\"" + std::string(css) + "\"/>";
}

std::string Text(double x, double y, std::string_view anchor, std::string_view css,
                 std::string_view content) {
  return "<text x=\"" + Number(x) + "\" y=\"" + Number(y) + "\" text-anchor=\"" +
         std::string(anchor) + "\" class=\"" + std::string(css) + "\">" + Html(content) + "</text>";
}

std::string Svg(std::string_view id, std::string_view css, double width, double height,
                std::string_view title, std::string_view description, std::string_view content) {
  const std::string name(id);
  return "<svg class=\"" + std::string(css) + "\" viewBox=\"0 0 " + Number(width) + " " +
         Number(height) + "\" role=\"img\" aria-labelledby=\"" + name + "-t " + name +
         "-d\"><title id=\"" + name + "-t\">" + Html(title) + "</title><desc id=\"" + name +
         "-d\">" + Html(description) + "</desc>" + std::string(content) + "</svg>\n";
}

}  // namespace kulanz::command::svg
