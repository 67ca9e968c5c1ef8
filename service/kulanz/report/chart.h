// Charts as inline SVG, in the colours of the page's style sheet. Pure functions.
//
// Each chart is drawn twice, for a wide page and for a phone, because text within an SVG shrinks with it;
// the style sheet shows one of them. A chart has a title and a description for those who hear it, every
// mark has its value for those who point at it, and the figures stand in a table below.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "service/kulanz/report/numbers.h"

namespace kulanz::command {

struct ChartText {
  std::string id;     // unique in the page: letters, digits, '-'
  std::string title;  // what is shown
  std::string note;   // one sentence below the title; may be empty
};

struct Series {
  std::string name;
  std::vector<std::int64_t> values;  // one for each category
  int color = 1;                     // 1 to 6 of the page's colours
};

// Columns over categories, mostly over time: stacked, or side by side.
struct ColumnChart {
  ChartText text;
  Unit unit;
  std::string category;                 // what the categories are: "month"
  std::vector<std::string> categories;  // as they stand in the table and in the pointers
  std::vector<std::string> labels;      // as they stand on the axis
  std::vector<Series> series;
  bool is_stacked = true;
  std::vector<std::int64_t> caps;  // a line above each column; empty: none
  std::string cap_name;
  bool is_wide = false;  // over the whole width of the page
};
std::string RenderColumns(const ColumnChart& chart);

// Bars to the right, each under its name and its value.
struct BarChart {
  ChartText text;
  Unit unit;
  std::string category;  // "reason"
  struct Bar {
    std::string name;
    std::int64_t value = 0;
    std::string detail;  // beside the value, "12 %"
    int color = 1;
  };
  std::vector<Bar> bars;
};
std::string RenderBars(const BarChart& chart);

inline constexpr int kChartColors = 6;

}  // namespace kulanz::command
