// RenderColumns (documented in chart.h).
#include <algorithm>
#include <cmath>

#include "service/kulanz/report/chart.h"
#include "service/kulanz/report/figure.h"
#include "service/kulanz/report/html.h"
#include "service/kulanz/report/svg.h"

namespace kulanz::command {
namespace {

constexpr double kTop = 18;
constexpr double kBottom = 28;
constexpr double kRight = 8;
constexpr double kColumnMax = 44;

// One drawing of a chart.
class Drawing {
 public:
  Drawing(const ColumnChart& chart, std::string id, double width, double height)
      : chart_(chart), id_(std::move(id)), width_(width), height_(height) {
    std::int64_t most = 0;
    std::int64_t least = 0;
    for (std::size_t i = 0; i < chart.categories.size(); ++i) {
      most = std::max(most, chart.caps.empty() ? 0 : chart.caps[i]);
      std::int64_t sum = 0;
      for (const Series& series : chart.series) {
        sum = chart.is_stacked ? sum + series.values[i] : series.values[i];
        most = std::max(most, sum);
        least = std::min(least, sum);
      }
    }
    ticks_ = Ticks(least, most, chart.unit);
    for (const std::int64_t tick : ticks_) {
      left_ = std::max(left_, svg::WidthOf(chart.unit.Tick(tick)) + 10);
    }
    if (chart.unit.currency) {
      left_ = std::max(left_, svg::WidthOf(chart.unit.currency->code()) + 10);
    }
    slot_ = (width_ - left_ - kRight) /
            static_cast<double>(std::max<std::size_t>(1, chart.categories.size()));
  }

  std::string Render(std::string_view css, const std::string& description) const {
    std::string content = Axis();
    for (std::size_t i = 0; i < chart_.categories.size(); ++i) {
      content += Column(i);
    }
    content += Caps() + Labels();
    return svg::Svg(id_, css, width_, height_, chart_.text.title, description, content);
  }

 private:
  double Y(std::int64_t value) const {
    const auto low = static_cast<double>(ticks_.front());
    const auto high = static_cast<double>(ticks_.back());
    return height_ - kBottom -
           (static_cast<double>(value) - low) / (high - low) * (height_ - kBottom - kTop);
  }
  double Center(std::size_t category) const {
    return left_ + slot_ * (static_cast<double>(category) + 0.5);
  }

  std::string Axis() const {
    std::string out;
    for (const std::int64_t tick : ticks_) {
      out += svg::Line(left_, Y(tick), width_ - kRight, Y(tick), tick == 0 ? "base" : "grid");
      out += svg::Text(left_ - 6, Y(tick) + 4, "end", "tick", chart_.unit.Tick(tick));
    }
    if (chart_.unit.currency) {
      out += svg::Text(left_ - 6, 8, "end", "tick unit", chart_.unit.currency->code());
    }
    return out;
  }

  std::string Pointer(const Series& series, std::size_t i) const {
    return chart_.categories[i] + (chart_.series.size() > 1 ? ", " + series.name : "") + ": " +
           chart_.unit.Text(series.values[i]);
  }

  std::string Column(std::size_t i) const {
    std::string out;
    const double group = std::min(slot_ * 0.74, kColumnMax);
    const auto count = static_cast<double>(chart_.series.size());
    const double each = chart_.is_stacked ? group : group / count;
    std::int64_t below = 0;
    double x = Center(i) - group / 2;
    for (const Series& series : chart_.series) {
      const std::int64_t value = series.values[i];
      if (value != 0) {
        const double bottom = Y(below);
        const double top = Y(below + value);
        // What is there is seen, however little it is.
        const double tall = std::max(std::abs(bottom - top), 1.0);
        out += svg::Rect(x, std::min(bottom, top) - (tall > std::abs(bottom - top) ? tall : 0),
                         each, tall, "c" + std::to_string(series.color), Pointer(series, i));
      }
      if (chart_.is_stacked) {
        below += value;
      } else {
        x += each;
      }
    }
    return out;
  }

  std::string Caps() const {
    std::string out;
    for (std::size_t i = 0; i < chart_.caps.size(); ++i) {
      const double y = Y(chart_.caps[i]);
      out += svg::Line(Center(i) - slot_ / 2, y, Center(i) + slot_ / 2, y, "cap");
    }
    return out;
  }

  std::string Labels() const {
    double widest = 0;
    for (const std::string& label : chart_.labels) {
      widest = std::max(widest, svg::WidthOf(label));
    }
    const auto every = static_cast<std::size_t>(std::max(1.0, std::ceil((widest + 10) / slot_)));
    std::string out;
    for (std::size_t i = 0; i < chart_.labels.size(); i += every) {
      const double half = svg::WidthOf(chart_.labels[i]) / 2;
      const double x = std::clamp(Center(i), half, std::max(half, width_ - half));
      out += svg::Text(x, height_ - 8, "middle", "tick", chart_.labels[i]);
    }
    return out;
  }

  const ColumnChart& chart_;
  std::string id_;
  double width_;
  double height_;
  double left_ = 0;
  double slot_ = 1;
  std::vector<std::int64_t> ticks_;
};

HtmlTable TableOf(const ColumnChart& chart) {
  HtmlTable table{.caption = chart.text.title, .columns = {{chart.category}}, .rows = {}};
  for (const Series& series : chart.series) {
    table.columns.push_back({series.name, true});
  }
  if (!chart.caps.empty()) {
    table.columns.push_back({chart.cap_name, true});
  }
  for (std::size_t i = 0; i < chart.categories.size(); ++i) {
    std::vector<std::string> row = {Html(chart.categories[i])};
    for (const Series& series : chart.series) {
      row.push_back(Html(chart.unit.Text(series.values[i])));
    }
    if (!chart.caps.empty()) {
      row.push_back(Html(chart.unit.Text(chart.caps[i])));
    }
    table.rows.push_back(std::move(row));
  }
  return table;
}

// The whole chart in a sentence.
std::string DescriptionOf(const ColumnChart& chart) {
  std::int64_t total = 0;
  std::int64_t most = 0;
  std::size_t most_at = 0;
  for (std::size_t i = 0; i < chart.categories.size(); ++i) {
    std::int64_t sum = 0;
    for (const Series& series : chart.series) {
      sum += series.values[i];
    }
    total += sum;
    if (sum > most) {
      most = sum;
      most_at = i;
    }
  }
  if (chart.categories.empty() || most == 0) {
    return "Nothing to show.";
  }
  return std::to_string(chart.categories.size()) + " columns, " + chart.unit.Text(total) +
         " in all; the highest is " + chart.categories[most_at] + " with " + chart.unit.Text(most) +
         ".";
}

}  // namespace

std::string RenderColumns(const ColumnChart& chart) {
  const std::string description = DescriptionOf(chart);
  std::vector<LegendEntry> legend;
  if (chart.series.size() > 1 || !chart.caps.empty()) {
    for (const Series& series : chart.series) {
      legend.push_back({series.name, "c" + std::to_string(series.color)});
    }
  }
  if (!chart.caps.empty()) {
    legend.push_back({chart.cap_name, "cap"});
  }
  const double wide = chart.is_wide ? 860 : 480;
  const std::string drawings =
      Drawing(chart, chart.text.id + "-w", wide, chart.is_wide ? 270 : 260)
          .Render("w", description) +
      Drawing(chart, chart.text.id + "-p", 340, 240).Render("p", description);
  return Figure(chart.text, legend, drawings, TableOf(chart), chart.is_wide);
}

}  // namespace kulanz::command
