#include "service/kulanz/report/comparison_report.h"

#include <algorithm>
#include <utility>

#include "service/kulanz/report/chart.h"
#include "service/kulanz/report/figure.h"
#include "service/kulanz/report/html.h"
#include "service/kulanz/report/page.h"
#include "service/kulanz/report/sections.h"
#include "service/kulanz/simulate/comparison_text.h"
#include "service/kulanz/terminal/progress_bar.h"
#include "service/kulanz/terminal/style.h"

namespace kulanz::command {
namespace {

// A change of cost in the colour of its direction.
std::string Colored(const MoneySums& sums, Currency main) {
  const std::int64_t change = sums.Of(main);
  const std::string text = Html(SignedSums(sums));
  return change == 0 ? text : Element("span", text, change > 0 ? "class=\"up\"" : "class=\"down\"");
}

std::string SignedCount(std::size_t before, std::size_t after) {
  return after >= before ? "+" + Grouped(after - before) : "-" + Grouped(before - after);
}

std::string Tiles(const SimulatedSet& before, const SimulatedSet& after,
                  const Comparison& comparison, Currency main) {
  const Tally& old_tally = before.totals.all;
  const Tally& new_tally = after.totals.all;
  const std::int64_t old_cost = old_tally.cost.Of(main);
  const std::int64_t change = new_tally.cost.Of(main) - old_cost;
  std::vector<Tile> tiles;
  tiles.push_back(
      {"Change of cost", (change > 0 ? "+" : "") + HeadlineAmount(change, main),
       old_cost == 0 ? ""
                     : (change < 0 ? "-" : "+") + Share(change < 0 ? -change : change, old_cost)});
  tiles.push_back({"New cost", HeadlineAmount(new_tally.cost.Of(main), main),
                   "was " + HeadlineAmount(old_cost, main)});
  tiles.push_back({"New vouchers", Grouped(new_tally.vouchers),
                   "was " + Grouped(old_tally.vouchers) + " (" +
                       SignedCount(old_tally.vouchers, new_tally.vouchers) + ")"});
  tiles.push_back({"Decisions changed", Grouped(comparison.changed),
                   Share(static_cast<std::int64_t>(comparison.changed),
                         static_cast<std::int64_t>(comparison.compared)) +
                       " of " + Grouped(comparison.compared)});
  tiles.push_back(
      {"Customers gaining", Grouped(comparison.customers_gaining), SignedSums(comparison.gained)});
  tiles.push_back(
      {"Customers losing", Grouped(comparison.customers_losing), SignedSums(comparison.lost)});
  return RenderTiles(tiles);
}

std::string OverTimeChart(const Totals& totals, const Comparison& comparison, Currency main) {
  ColumnChart chart;
  chart.text = {"cost", "Cost per " + std::string(GranularityName(comparison.granularity)), ""};
  chart.unit = Unit{main};
  chart.is_wide = true;
  chart.is_stacked = false;
  NamePeriods(totals, chart);
  Series old_cost{.name = "old", .values = {}, .color = 6};
  Series new_cost{.name = "new", .values = {}, .color = 1};
  for (const auto& [start, sums] : comparison.periods) {
    old_cost.values.push_back(sums.first.Of(main));
    new_cost.values.push_back(sums.second.Of(main));
  }
  chart.series = {std::move(old_cost), std::move(new_cost)};
  return RenderColumns(chart);
}

std::string Transitions(const Comparison& comparison, Currency main) {
  if (comparison.transitions.empty()) {
    return Card("No decision changes",
                Element("p", "Both policy sets give the same to everybody.", "class=\"none\""));
  }
  BarChart chart{.text = {"changes", "Which decisions change", ""},
                 .unit = {},
                 .category = "change",
                 .bars = {}};
  constexpr std::size_t kBarsMax = 8;
  HtmlTable table{.caption = "Changes and what they cost",
                  .columns = {{"Old answer"}, {"New answer"}, {"Incidents", true}, {"Cost", true}},
                  .rows = {}};
  for (const Transition& transition : comparison.transitions) {
    if (chart.bars.size() < kBarsMax) {
      chart.bars.push_back({.name = transition.before + " \xE2\x86\x92 " + transition.after,
                            .value = static_cast<std::int64_t>(transition.count),
                            .detail = "",
                            .color = transition.delta.Of(main) > 0   ? 2
                                     : transition.delta.Of(main) < 0 ? 3
                                                                     : 6});
    }
    table.rows.push_back({Html(transition.before), Html(transition.after),
                          Grouped(transition.count), Colored(transition.delta, main)});
  }
  chart.text.note = "Orange costs more, green costs less, grey neither.";
  return RenderBars(chart) +
         Element("figure", "<figcaption>" + Element("h3", "What the changes cost") +
                               "</figcaption>" + RenderTable(table));
}

std::string CustomerTable(std::string_view heading, const std::vector<CustomerChange>& customers,
                          Currency main) {
  if (customers.empty()) {
    return Element("figure", "<figcaption>" + Element("h3", Html(heading)) + "</figcaption>" +
                                 Element("p", "Nobody.", "class=\"none\""));
  }
  HtmlTable table{.caption = std::string(heading),
                  .columns = {{"Customer"}, {"Old", true}, {"New", true}, {"Change", true}},
                  .rows = {}};
  for (const CustomerChange& customer : customers) {
    const std::int64_t change = customer.after.Of(main) - customer.before.Of(main);
    table.rows.push_back({Foreign(customer.id), Html(customer.before.ToText()),
                          Html(customer.after.ToText()),
                          Element("span", Html(SignedAmount(change, main)),
                                  change > 0 ? "class=\"up\"" : "class=\"down\"")});
  }
  return Element("figure", "<figcaption>" + Element("h3", Html(heading)) + "</figcaption>" +
                               RenderTable(table));
}

std::string Side(const std::string& answer, const std::string& policy,
                 const std::optional<Money>& amount) {
  std::string text = Html(answer);
  if (amount) {
    text += " " + Element("strong", Html(amount->ToString()));
  }
  return policy.empty() ? text : text + "<br><small>" + Html(policy) + "</small>";
}

std::string Examples(const Comparison& comparison) {
  constexpr std::size_t kExamplesMax = 40;
  HtmlTable table{
      .caption = "Examples of decisions that change",
      .columns = {{"Incident"}, {"Customer", false, true}, {"Day", false, true}, {"Old"}, {"New"}},
      .rows = {}};
  for (const Transition& transition : comparison.transitions) {
    for (const ChangedCase& example : transition.examples) {
      if (table.rows.size() < kExamplesMax) {
        table.rows.push_back({Foreign(example.incident), Foreign(example.customer),
                              Element("span", FormatDate(example.day), "class=\"nw\""),
                              Side(example.before, example.policy_before, example.amount_before),
                              Side(example.after, example.policy_after, example.amount_after)});
      }
    }
  }
  return table.rows.empty() ? "" : Card("Examples", RenderTable(table));
}

}  // namespace

std::string ComparisonReport(const SimulatedSet& before, const SimulatedSet& after,
                             const Comparison& comparison, const std::string& incidents) {
  const Currency main = MainCurrency(before.totals.all.cost, after.totals.all.cost);
  std::string subtitle = incidents.substr(incidents.rfind('/') + 1);
  if (before.totals.decided > 0) {
    subtitle += " \xC2\xB7 " + FormatDate(before.totals.first_day) + " to " +
                FormatDate(before.totals.last_day);
  }
  subtitle += " \xC2\xB7 old \xE2\x80\x9C" + before.directory + "\xE2\x80\x9D, new \xE2\x80\x9C" +
              after.directory + "\xE2\x80\x9D";
  std::string content = Tiles(before, after, comparison, main);
  content += Section("time", "Over time",
                     "Each voucher counts on the day on which its incident happened (UTC).",
                     OverTimeChart(before.totals, comparison, main));
  content += Section("changes", "What changes",
                     "A decision changes when its outcome or its amount does. " +
                         Grouped(comparison.reason_only) +
                         " more have the same answer for another reason.",
                     Transitions(comparison, main));
  content += Section("people", "Who gains and who loses",
                     "Over the whole time, by what each customer was given.",
                     CustomerTable("Who gains most", comparison.gainers, main) +
                         CustomerTable("Who loses most", comparison.losers, main));
  content +=
      Section("examples", "Cases", "The first few incidents of each change.", Examples(comparison));
  const std::string footer =
      Element("p",
              "Both policy sets decided the same reports in the same order, each with its own "
              "histories and budgets. Nothing was given, sent or stored.") +
      Element("p", Html("Old revision " + before.policies->revision().text() + ", new revision " +
                        after.policies->revision().text() + "."));
  return Page("What the new rules would change", subtitle, content, footer);
}

}  // namespace kulanz::command
