#include "service/kulanz/report/figure.h"

#include "service/kulanz/report/html.h"

namespace kulanz::command {

namespace {

std::string ClassOf(const HtmlTable::Column& column) {
  const std::string css = std::string(column.numeric ? "n" : "") +
                          (column.numeric && column.is_optional ? " " : "") +
                          (column.is_optional ? "o" : "");
  return css.empty() ? "" : " class=\"" + css + "\"";
}

}  // namespace

std::string RenderTable(const HtmlTable& table) {
  std::string head;
  for (const HtmlTable::Column& column : table.columns) {
    head += Element("th", Html(column.title), "scope=\"col\"" + ClassOf(column));
  }
  std::string body;
  for (const std::vector<std::string>& row : table.rows) {
    std::string cells;
    for (std::size_t i = 0; i < row.size(); ++i) {
      const std::string css = ClassOf(table.columns[i]);
      cells += i == 0 ? Element("th", row[i], "scope=\"row\"" + css)
                      : "<td" + css + ">" + row[i] + "</td>";
    }
    body += Element("tr", cells) + "\n";
  }
  return "<div class=\"scroll\"><table><caption>" + Html(table.caption) + "</caption><thead>" +
         Element("tr", head) + "</thead>\n<tbody>" + body + "</tbody></table></div>\n";
}

std::string Figure(const ChartText& text, const std::vector<LegendEntry>& legend,
                   std::string_view drawings, const HtmlTable& table, bool is_wide) {
  std::string out = is_wide ? "<figure class=\"wide\">" : "<figure>";
  out += Element("figcaption", Element("h3", Html(text.title)) +
                                   (text.note.empty() ? "" : Element("p", Html(text.note))));
  if (!legend.empty()) {
    std::string entries;
    for (const LegendEntry& entry : legend) {
      entries +=
          Element("li", "<span class=\"swatch " + entry.css + "\"></span>" + Html(entry.name));
    }
    out += Element("ul", entries, "class=\"legend\"") + "\n";
  }
  out += drawings;
  if (!table.rows.empty()) {
    out += "<details><summary>Figures</summary>" + RenderTable(table) + "</details>";
  }
  return out + "</figure>\n";
}

}  // namespace kulanz::command
