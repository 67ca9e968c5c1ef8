#include "service/kulanz/report/page.h"

#include "service/kulanz/report/html.h"

namespace kulanz::command {
namespace {

// Colours first, so that dark mode and print change nothing else.
constexpr std::string_view kStyle = R"css(
:root{color-scheme:light;--paper:#f4f6f8;--card:#fff;--ink:#17212b;--soft:#51606e;--rule:#dde3e8;--grid:#e6eaee;--track:#edf1f4;
--accent:#1f5fa8;--c1:#2f6fb5;--c2:#c8701a;--c3:#2f8f62;--c4:#8f4e98;--c5:#bd4248;--c6:#6b7886;--cap:#b3261e;--up:#a3401b;--down:#1c7a4d}
@media screen and (prefers-color-scheme:dark){:root{color-scheme:dark;--paper:#10161c;--card:#18212a;--ink:#e8edf2;--soft:#a3b1be;
--rule:#2c3844;--grid:#283440;--track:#232e38;--accent:#8bbcf2;--c1:#6ba6e6;--c2:#eda355;--c3:#63c493;--c4:#c88fd0;--c5:#ee8387;
--c6:#97a4b1;--cap:#ff8a80;--up:#f2a37c;--down:#74d3a2}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
header,main,footer{max-width:1120px;margin:0 auto;padding:0 24px}
header{padding-top:40px}
h1{font-size:30px;line-height:1.2;margin:0 0 6px;letter-spacing:-.01em;font-weight:650}
header p{margin:0;color:var(--soft);overflow-wrap:anywhere}
h2{font-size:20px;margin:44px 0 4px;font-weight:650}
h2+p{margin:0 0 16px;color:var(--soft);max-width:72ch}
h3{font-size:16px;margin:0;font-weight:600}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,165px),1fr));gap:12px;margin:24px 0 0;padding:0}
.tile{background:var(--card);border:1px solid var(--rule);border-radius:10px;padding:14px 16px}
.tile dt{color:var(--soft);font-size:14px}
.tile dd{margin:0;font-variant-numeric:tabular-nums}
.tile .big{font-size:25px;font-weight:650;line-height:1.25;letter-spacing:-.01em}
.tile .small{color:var(--soft);font-size:14px}
.grid{display:grid;grid-template-columns:repeat(2,minmax(0,1fr));gap:16px}
figure,.card{margin:0;min-width:0;background:var(--card);border:1px solid var(--rule);border-radius:10px;padding:16px 18px}
figure.wide,.card{grid-column:1/-1}
figcaption p{margin:2px 0 0;color:var(--soft);font-size:14px}
figure svg{display:block;width:100%;height:auto;margin-top:12px;overflow:visible}
svg.p{display:none}
figure:not(.wide) svg{max-width:580px}
svg text{font:12px system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;fill:var(--ink);font-variant-numeric:tabular-nums}
svg .tick{fill:var(--soft)}
svg .name{font-weight:500}
svg .value{fill:var(--soft)}
svg .grid{stroke:var(--grid);stroke-width:1}
svg .base{stroke:var(--soft);stroke-width:1}
svg .cap{stroke:var(--cap);stroke-width:2;stroke-dasharray:5 3}
svg .track{fill:var(--track)}
.c1{fill:var(--c1);background:var(--c1)}.c2{fill:var(--c2);background:var(--c2)}.c3{fill:var(--c3);background:var(--c3)}
.c4{fill:var(--c4);background:var(--c4)}.c5{fill:var(--c5);background:var(--c5)}.c6{fill:var(--c6);background:var(--c6)}
.legend{list-style:none;display:flex;flex-wrap:wrap;gap:4px 16px;margin:10px 0 0;padding:0;font-size:14px;color:var(--soft)}
.legend li{overflow-wrap:anywhere}
.swatch{display:inline-block;width:11px;height:11px;border-radius:2px;margin-right:6px}
.swatch.cap{height:0;border-top:2px dashed var(--cap);border-radius:0;width:16px;vertical-align:4px}
details{margin-top:10px;font-size:14px}
summary{cursor:pointer;color:var(--accent);width:fit-content}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:14px;font-variant-numeric:tabular-nums}
caption{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
th,td{text-align:left;vertical-align:top;padding:7px 14px 7px 0;border-bottom:1px solid var(--rule);font-weight:400;overflow-wrap:anywhere}
th:last-child,td:last-child{padding-right:0}
thead th{color:var(--soft);border-bottom-color:var(--soft);white-space:nowrap}
tbody tr:last-child>*{border-bottom:0}
.n{text-align:right;white-space:nowrap;overflow-wrap:normal}
td.n{padding-left:10px}
.nw{white-space:nowrap}
bdi{display:inline-block;max-width:26ch}
td.bar{width:36%;min-width:90px}
td.bar svg{display:block;width:100%;height:12px;margin:5px 0 0}
.card h3{margin-bottom:8px}
.card>p{margin:0;color:var(--soft)}
.up{color:var(--up)}.down{color:var(--down)}
.none{color:var(--soft);margin:0}
footer{color:var(--soft);font-size:14px;padding-top:36px;padding-bottom:48px}
footer p{max-width:80ch;margin:0 0 6px;overflow-wrap:anywhere}
@media (max-width:760px){.grid{grid-template-columns:minmax(0,1fr)}}
@media (max-width:560px){header,main,footer{padding-left:14px;padding-right:14px}header{padding-top:24px}h1{font-size:24px}
.tiles{grid-template-columns:repeat(2,minmax(0,1fr))}.tile .big{font-size:20px}
figure,.card{padding:14px}svg.w{display:none}svg.p{display:block}th,td{padding-right:10px}.bar,.o{display:none}tbody th{min-width:6.5rem}td.n{padding-left:0}}
@media print{@page{margin:14mm}:root{--paper:#fff}body{font-size:11pt;print-color-adjust:exact;-webkit-print-color-adjust:exact}
header,main,footer{max-width:none;padding-left:0;padding-right:0}header{padding-top:0}h2{margin-top:26px;break-after:avoid}h2+p{break-after:avoid}
figure,.tile,tr{break-inside:avoid}figure:not(.wide) svg{max-width:480px}details{display:none}.scroll{overflow:visible}}
)css";

}  // namespace

std::string RenderTiles(const std::vector<Tile>& tiles) {
  std::string content;
  for (const Tile& tile : tiles) {
    content += "<div class=\"tile\">" + Element("dt", Html(tile.label)) +
               Element("dd", Html(tile.value), "class=\"big\"") +
               (tile.note.empty() ? "" : Element("dd", Html(tile.note), "class=\"small\"")) +
               "</div>\n";
  }
  return Element("dl", "\n" + content, "class=\"tiles\"") + "\n";
}

std::string Section(std::string_view id, std::string_view heading, std::string_view intro,
                    std::string_view content) {
  const std::string name(id);
  return "<section aria-labelledby=\"" + name + "\">\n" +
         Element("h2", Html(heading), "id=\"" + name + "\"") + Element("p", Html(intro)) +
         "\n<div class=\"grid\">\n" + std::string(content) + "</div></section>\n";
}

std::string Page(std::string_view title, std::string_view subtitle, std::string_view content,
                 std::string_view footer) {
  return "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
         "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
         "<meta name=\"color-scheme\" content=\"light dark\">\n"
         "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
         "'unsafe-inline'\">\n" +
         Element("title", Html(title)) + "\n<style>" + std::string(kStyle) +
         "</style>\n</head>\n<body>\n<header>\n" + Element("h1", Html(title)) +
         Element("p", Html(subtitle)) + "\n</header>\n<main>\n" + std::string(content) +
         "</main>\n<footer>\n" + std::string(footer) + "</footer>\n</body>\n</html>\n";
}

}  // namespace kulanz::command
