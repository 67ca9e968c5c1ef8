// The frame of a chart: title, note, legend, both drawings and the table of its figures. Pure functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "service/kulanz/report/chart.h"

namespace kulanz::command {

// A table of texts; `numeric` columns stand on the right. Cells are HTML already.
struct HtmlTable {
  struct Column {
    std::string title;
    bool numeric = false;
    bool is_optional = false;  // left out on a phone
  };
  std::string caption;  // for those who hear it
  std::vector<Column> columns;
  std::vector<std::vector<std::string>> rows;
};
std::string RenderTable(const HtmlTable& table);

struct LegendEntry {
  std::string name;
  std::string css;  // of the swatch: "c1", "cap"
};

// `drawings`: what the style sheet shows one of. `table`: may have no rows.
std::string Figure(const ChartText& text, const std::vector<LegendEntry>& legend,
                   std::string_view drawings, const HtmlTable& table, bool is_wide);

}  // namespace kulanz::command
