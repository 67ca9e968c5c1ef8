// RenderBars (documented in chart.h).
#include <algorithm>

#include "service/kulanz/report/chart.h"
#include "service/kulanz/report/figure.h"
#include "service/kulanz/report/html.h"
#include "service/kulanz/report/svg.h"

namespace kulanz::command {
namespace {

constexpr double kRow = 38;
constexpr double kBar = 12;

std::string ValueOf(const BarChart& chart, const BarChart::Bar& bar) {
  return chart.unit.Text(bar.value) + (bar.detail.empty() ? "" : " \xC2\xB7 " + bar.detail);
}

std::string Draw(const BarChart& chart, const std::string& id, std::string_view css, double width,
                 const std::string& description) {
  std::int64_t most = 1;
  for (const BarChart::Bar& bar : chart.bars) {
    most = std::max(most, bar.value);
  }
  std::string content;
  double y = 4;
  for (const BarChart::Bar& bar : chart.bars) {
    const std::string value = ValueOf(chart, bar);
    const double room = width - svg::WidthOf(value) - 12;
    content += svg::Text(0, y + 12, "start", "name", svg::CutToWidth(bar.name, room));
    content += svg::Text(width, y + 12, "end", "value", value);
    content += svg::Rect(0, y + 18, width, kBar, "track");
    const double length = static_cast<double>(bar.value) / static_cast<double>(most) * width;
    if (bar.value > 0) {
      content += svg::Rect(0, y + 18, std::max(length, 2.0), kBar, "c" + std::to_string(bar.color),
                           bar.name + ": " + value);
    }
    y += kRow;
  }
  return svg::Svg(id, css, width, y, chart.text.title, description, content);
}

}  // namespace

std::string RenderBars(const BarChart& chart) {
  std::string description = std::to_string(chart.bars.size()) + " bars";
  HtmlTable table{
      .caption = chart.text.title, .columns = {{chart.category}, {"value", true}}, .rows = {}};
  for (const BarChart::Bar& bar : chart.bars) {
    table.rows.push_back({Html(bar.name), Html(ValueOf(chart, bar))});
  }
  if (!chart.bars.empty()) {
    const auto longest = std::max_element(
        chart.bars.begin(), chart.bars.end(),
        [](const BarChart::Bar& a, const BarChart::Bar& b) { return a.value < b.value; });
    description += "; the longest is " + longest->name + " with " + ValueOf(chart, *longest);
  }
  description += ".";
  const std::string drawings = Draw(chart, chart.text.id + "-w", "w", 480, description) +
                               Draw(chart, chart.text.id + "-p", "p", 340, description);
  return Figure(chart.text, {}, drawings, table, false);
}

}  // namespace kulanz::command
