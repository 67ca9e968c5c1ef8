// Reasons, customers, budgets and what was held back (documented in sections.h).
#include <algorithm>
#include <utility>

#include "service/kulanz/report/figure.h"
#include "service/kulanz/report/html.h"
#include "service/kulanz/report/numbers.h"
#include "service/kulanz/report/page.h"
#include "service/kulanz/report/sections.h"
#include "service/kulanz/report/svg.h"
#include "service/kulanz/simulate/summary_text.h"
#include "service/kulanz/terminal/progress_bar.h"
#include "service/policy/policy.h"

namespace kulanz::command {
namespace {

std::string Nothing(std::string_view text) { return Element("p", Html(text), "class=\"none\""); }

BarChart ReasonBars(std::string id, std::string title, const std::map<std::string, Tally>& tallies,
                    std::size_t whole, int color) {
  BarChart chart{
      .text = {std::move(id), std::move(title), ""}, .unit = {}, .category = "reason", .bars = {}};
  for (const auto& [reason, tally] : tallies) {
    chart.bars.push_back({.name = reason,
                          .value = Int(tally.reports),
                          .detail = Share(Int(tally.reports), Int(whole)),
                          .color = color});
  }
  std::stable_sort(chart.bars.begin(), chart.bars.end(),
                   [](const auto& a, const auto& b) { return a.value > b.value; });
  return chart;
}

// The figures of one budget, which may have been exhausted under one cap and another.
std::string BudgetChart(const std::vector<const BudgetBook::Use*>& uses, std::size_t number) {
  const engine::BudgetPeriod& first = uses.front()->period;
  ColumnChart chart;
  chart.text = {PageId("budget", number), "Budget \xE2\x80\x9C" + first.name + "\xE2\x80\x9D", ""};
  chart.unit = Unit{first.cap.currency()};
  chart.category = "period from";
  chart.cap_name = "cap";
  chart.is_wide = true;
  Series spent{.name = "spent", .values = {}, .color = 1};
  std::size_t refused = 0;
  std::size_t full = 0;
  int most = 0;
  for (const BudgetBook::Use* const use : uses) {
    const std::string name =
        use->period.starts == Date{} ? "whole time" : FormatDate(use->period.starts);
    chart.categories.push_back(name);
    chart.labels.push_back(name);
    spent.values.push_back(use->spent_minor_units);
    chart.caps.push_back(use->period.cap.minor_units());
    refused += use->refused;
    full += use->refused > 0 ? 1U : 0U;
    most = std::max(most, PercentOf(use->spent_minor_units, use->period.cap.minor_units()));
  }
  chart.series.push_back(std::move(spent));
  chart.text.note =
      refused == 0
          ? "Never exhausted; the fullest period used " + std::to_string(most) + " % of its cap."
          : "Exhausted in " + std::to_string(full) + " of " + std::to_string(uses.size()) +
                " periods: " + Grouped(refused) + " grants did not fit.";
  return RenderColumns(chart);
}

std::string TopCustomers(const Totals& totals) {
  if (totals.top_customers.empty()) {
    return "";
  }
  const std::vector<Currency> currencies = CurrenciesOf(totals.all.cost);
  const std::int64_t most =
      std::max<std::int64_t>(1, totals.top_customers.front().cost.Of(currencies.front()));
  std::string rows;
  for (const CustomerTotal& customer : totals.top_customers) {
    const double length =
        static_cast<double>(customer.cost.Of(currencies.front())) / static_cast<double>(most) * 100;
    const std::string bar =
        "<svg viewBox=\"0 0 100 12\" preserveAspectRatio=\"none\" aria-hidden=\"true\">" +
        svg::Rect(0, 0, 100, 12, "track") + svg::Rect(0, 0, length, 12, "c1") + "</svg>";
    rows += Element("tr", Element("th", Foreign(customer.id), "scope=\"row\"") +
                              Element("td", bar, "class=\"bar\"") +
                              Element("td", Grouped(customer.gestures), "class=\"n\"") +
                              Element("td", Html(customer.cost.ToText()), "class=\"n\"")) +
            "\n";
  }
  return Card(
      "The most expensive customers",
      "<div class=\"scroll\"><table><caption>The customers who were given most</caption>"
      "<thead><tr><th scope=\"col\">Customer</th><th class=\"bar\"></th><th scope=\"col\" "
      "class=\"n\">Gestures</th><th scope=\"col\" class=\"n\">Cost</th></tr></thead>\n<tbody>" +
          rows + "</tbody></table></div>");
}

// Policies with two counts and a sum.
std::string TallyTable(std::string caption, std::vector<HtmlTable::Column> columns,
                       std::vector<std::vector<std::string>> rows) {
  return RenderTable(
      {.caption = std::move(caption), .columns = std::move(columns), .rows = std::move(rows)});
}

}  // namespace

std::string WhyNot(const Totals& totals) {
  std::string content;
  if (!totals.denied.empty()) {
    content +=
        RenderBars(ReasonBars("denied", "Denied, by reason", totals.denied, totals.decided, 6));
  }
  if (!totals.reviewed.empty()) {
    content += RenderBars(
        ReasonBars("reviewed", "For review, by reason", totals.reviewed, totals.decided, 2));
  }
  if (!totals.refused.empty() || totals.unreadable > 0) {
    BarChart chart{
        .text = {"refused", "Refused, by reason", "No decision was made on these reports."},
        .unit = {},
        .category = "reason",
        .bars = {}};
    for (const auto& [reason, count] : totals.refused) {
      chart.bars.push_back({.name = reason, .value = Int(count), .detail = "", .color = 5});
    }
    if (totals.unreadable > 0) {
      chart.bars.push_back(
          {.name = "row unreadable", .value = Int(totals.unreadable), .detail = "", .color = 5});
    }
    content += RenderBars(chart);
  }
  if (content.empty()) {
    content = Card("No denials", Nothing("Every incident was granted something."));
  }
  return Section("reasons", "What was not given, and why", "Shares are of all decided incidents.",
                 content);
}

std::string CustomersSection(const Totals& totals) {
  ColumnChart chart;
  chart.text = {"gestures", "Customers by number of gestures",
                "Of all customers who were let down at least once."};
  chart.category = "gestures";
  chart.is_wide = true;
  constexpr std::size_t kColumnsMax = 15;
  Series series{.name = "customers", .values = {}, .color = 3};
  for (std::size_t i = 0; i < totals.customers_by_gestures.size(); ++i) {
    const std::int64_t count = Int(totals.customers_by_gestures[i]);
    if (i < kColumnsMax || totals.customers_by_gestures.size() == kColumnsMax + 1) {
      chart.categories.push_back(i == 1 ? "1 gesture" : std::to_string(i) + " gestures");
      chart.labels.push_back(std::to_string(i));
      series.values.push_back(count);
    } else if (i == kColumnsMax) {
      chart.categories.push_back(std::to_string(i) + " and more gestures");
      chart.labels.push_back(std::to_string(i) + "+");
      series.values.push_back(count);
    } else {
      series.values.back() += count;
    }
  }
  chart.series.push_back(std::move(series));
  return Section("customers", "Customers", "A top-up of an earlier gesture is not a second one.",
                 (totals.customers == 0 ? "" : RenderColumns(chart)) + TopCustomers(totals));
}

std::string BudgetsSection(const Totals& totals) {
  std::map<std::pair<std::string, std::string>, std::vector<const BudgetBook::Use*>> budgets;
  for (const BudgetBook::Use& use : totals.budgets) {
    budgets[{use.period.name, use.period.zone}].push_back(&use);
  }
  std::string content;
  std::size_t number = 0;
  for (const auto& [name, uses] : budgets) {
    content += BudgetChart(uses, ++number);
  }
  if (content.empty()) {
    content = Card("No budgets", Nothing("No policy that gave something has a budget."));
  }
  return Section("budgets", "Budgets against their caps",
                 "A budget is never overspent: what does not fit is not given.", content);
}

std::string HeldBack(const SimulatedSet& set) {
  const Totals& totals = set.totals;
  std::vector<std::vector<std::string>> reviews;
  for (const auto& [reason, tally] : totals.reviewed) {
    reviews.push_back({Html(reason), Grouped(tally.reports),
                       tally.proposed.empty() ? "" : Html(tally.proposed.ToText())});
  }
  std::vector<std::vector<std::string>> held_out;
  for (const auto& [policy, tally] : totals.held_out) {
    held_out.push_back({Html(policy), Grouped(totals.held_out_customers.at(policy)),
                        Grouped(tally.reports), Html(tally.proposed.ToText())});
  }
  std::vector<std::vector<std::string>> shadow;
  for (const auto& [policy, tally] : totals.shadow) {
    shadow.push_back(
        {Html(policy), Grouped(tally.reports), Grouped(tally.vouchers), Html(tally.cost.ToText())});
  }
  std::string content;
  content += Card("Reviews", reviews.empty()
                                 ? Nothing("Nothing was left to a person.")
                                 : TallyTable("Decisions left to a person",
                                              {{"Reason"}, {"Incidents", true}, {"Proposed", true}},
                                              std::move(reviews)));
  content += Card(
      "Held-out customers",
      held_out.empty()
          ? Nothing("No policy has a control group that an incident fell into.")
          : TallyTable("Control groups",
                       {{"Policy"}, {"Customers", true}, {"Decisions", true}, {"Not given", true}},
                       std::move(held_out)));
  content +=
      Card("Shadow policies",
           shadow.empty()
               ? Nothing("No policy is in shadow mode.")
               : TallyTable("What shadow policies would have given",
                            {{"Policy"}, {"Looked at", true}, {"Would give", true}, {"Cost", true}},
                            std::move(shadow)));
  return Section("held-back", "Held back",
                 "What a person decides, what a control group did without, and what policies on "
                 "trial would have added. None of it is part of the cost above.",
                 content);
}

}  // namespace kulanz::command
