// Headlines, time, and where the money went (documented in sections.h).
#include "service/kulanz/report/sections.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "service/kulanz/report/figure.h"
#include "service/kulanz/report/html.h"
#include "service/kulanz/report/numbers.h"
#include "service/kulanz/report/page.h"
#include "service/kulanz/terminal/progress_bar.h"
#include "service/kulanz/terminal/style.h"
#include "service/policy/policy.h"

namespace kulanz::command {
namespace {

std::size_t CountOf(const Totals& totals, Outcome outcome) {
  return totals.by_outcome.at(static_cast<std::size_t>(outcome));
}

// One series for each of the largest policies and one for the rest, without those that are nothing here.
template <typename ValueOf>
std::vector<Series> ByPolicy(const Totals& totals, const PolicyColors& colors,
                             const ValueOf& value_of) {
  std::vector<Series> series;
  for (std::size_t i = 0; i < colors.policies().size() && i <= colors.own(); ++i) {
    series.push_back({.name = i < colors.own() ? colors.policies()[i] : "all others",
                      .values = std::vector<std::int64_t>(totals.periods.size()),
                      .color = colors.Of(colors.policies()[i])});
  }
  std::size_t period = 0;
  for (const auto& [start, tallies] : totals.periods) {
    for (std::size_t i = 0; i < colors.policies().size(); ++i) {
      if (const auto found = tallies.find(colors.policies()[i]); found != tallies.end()) {
        series[std::min(i, series.size() - 1)].values[period] += value_of(found->second);
      }
    }
    ++period;
  }
  std::erase_if(series, [](const Series& one) {
    return std::all_of(one.values.begin(), one.values.end(), [](std::int64_t v) { return v == 0; });
  });
  return series;
}

}  // namespace

std::vector<Currency> CurrenciesOf(const MoneySums& sums) {
  std::vector<Currency> currencies;
  for (const auto& [currency, sum] : sums.sums()) {
    currencies.push_back(currency);
  }
  std::stable_sort(currencies.begin(), currencies.end(),
                   [&sums](Currency a, Currency b) { return sums.Of(a) > sums.Of(b); });
  return currencies;
}

PolicyColors::PolicyColors(const Totals& totals) {
  const std::vector<Currency> currencies = CurrenciesOf(totals.all.cost);
  std::vector<std::tuple<std::int64_t, std::int64_t, std::string>> order;
  for (const auto& [policy, tally] : totals.policies) {
    if (tally.vouchers > 0) {
      order.emplace_back(-tally.cost.Of(currencies.front()), -Int(tally.vouchers), policy);
    }
  }
  std::sort(order.begin(), order.end());
  for (auto& [cost, vouchers, policy] : order) {
    policies_.push_back(std::move(policy));
  }
}

std::size_t PolicyColors::own() const {
  constexpr std::size_t kAll = kChartColors;
  return policies_.size() > kAll ? kAll - 1 : policies_.size();
}

int PolicyColors::Of(const std::string& policy) const {
  const auto place = std::find(policies_.begin(), policies_.end(), policy) - policies_.begin();
  return std::min(static_cast<int>(place) + 1, kChartColors);
}

std::string PageId(std::string_view prefix, std::size_t number) {
  return std::string(prefix) + "-" + std::to_string(number);
}

void NamePeriods(const Totals& totals, ColumnChart& chart) {
  chart.category = GranularityName(totals.granularity);
  std::string year;
  for (const auto& [start, tallies] : totals.periods) {
    const std::string name = PeriodName(totals.granularity, start);
    chart.categories.push_back(totals.granularity == Granularity::kWeek ? "week of " + name : name);
    chart.labels.push_back(name);
  }
  // A year that all have in common stands in the title of the page.
  if (totals.granularity != Granularity::kYear && !chart.labels.empty()) {
    constexpr std::size_t kYear = 5;  // " 2013"
    const std::string first = chart.labels.front();
    const std::string tail = first.substr(first.size() - kYear);
    if (std::all_of(chart.labels.begin(), chart.labels.end(),
                    [&tail](const std::string& label) { return label.ends_with(tail); })) {
      for (std::string& label : chart.labels) {
        label.resize(label.size() - kYear);
      }
    }
  }
}

std::string HeadlineTiles(const Totals& totals) {
  std::vector<Tile> tiles;
  tiles.push_back({"Incidents decided", Grouped(totals.decided),
                   totals.customers == 0 ? "" : "of " + Count(totals.customers, "customer")});
  tiles.push_back({"Vouchers", Grouped(totals.all.vouchers),
                   Share(Int(totals.all.vouchers), Int(totals.decided)) + " of the incidents"});
  for (const Currency currency : CurrenciesOf(totals.all.cost)) {
    const std::int64_t sum = totals.all.cost.Of(currency);
    tiles.push_back({"Cost", HeadlineAmount(sum, currency), ""});
    if (CurrenciesOf(totals.all.cost).size() == 1 && totals.all.vouchers > 0) {
      const auto vouchers = Int(totals.all.vouchers);
      tiles.back().note = Unit{currency}.Text((sum + vouchers / 2) / vouchers) + " per voucher";
    }
  }
  if (totals.all.cost.empty()) {
    tiles.push_back({"Cost", "0", "nothing was given"});
  }
  const std::size_t none =
      totals.customers_by_gestures.empty() ? 0 : totals.customers_by_gestures.front();
  tiles.push_back(
      {"Customers reached", Grouped(totals.customers - none),
       Share(Int(totals.customers - none), Int(totals.customers)) + " of those let down"});
  if (CountOf(totals, Outcome::kReview) > 0) {
    tiles.push_back(
        {"For a person to review", Grouped(CountOf(totals, Outcome::kReview)),
         Share(Int(CountOf(totals, Outcome::kReview)), Int(totals.decided)) + " of the incidents"});
  }
  if (CountOf(totals, Outcome::kApologised) > 0) {
    tiles.push_back(
        {"Apologies without money", Grouped(CountOf(totals, Outcome::kApologised)), ""});
  }
  return RenderTiles(tiles);
}

std::string OverTime(const Totals& totals) {
  std::string content;
  std::size_t number = 0;
  const PolicyColors colors(totals);
  const std::string per = " per " + std::string(GranularityName(totals.granularity));
  for (const Currency currency : CurrenciesOf(totals.all.cost)) {
    ColumnChart chart;
    chart.text = {
        PageId("cost", ++number),
        "Cost" + per +
            (CurrenciesOf(totals.all.cost).size() > 1 ? ", " + std::string(currency.code()) : ""),
        ""};
    chart.unit = Unit{currency};
    chart.is_wide = true;
    NamePeriods(totals, chart);
    chart.series = ByPolicy(totals, colors,
                            [currency](const Tally& tally) { return tally.cost.Of(currency); });
    content += RenderColumns(chart);
  }
  if (totals.all.vouchers == 0) {
    return Section("time", "Over time", "",
                   Element("div", Element("p", "Nothing was given."), "class=\"card\""));
  }
  ColumnChart vouchers;
  vouchers.text = {"vouchers", "Vouchers" + per, ""};
  vouchers.is_wide = true;
  NamePeriods(totals, vouchers);
  vouchers.series =
      ByPolicy(totals, colors, [](const Tally& tally) { return Int(tally.vouchers); });
  content += RenderColumns(vouchers);
  return Section("time", "Over time",
                 "Each voucher counts on the day on which its incident happened (UTC).", content);
}

std::string WhereItWent(const SimulatedSet& set) {
  const Totals& totals = set.totals;
  const PolicyColors policy_colors(totals);
  std::string content;
  std::size_t number = 0;
  for (const Currency currency : CurrenciesOf(totals.all.cost)) {
    const std::int64_t whole = totals.all.cost.Of(currency);
    const auto bars = [&](const char* title, const char* category,
                          const std::map<std::string, Tally>& tallies, const PolicyColors* colors) {
      BarChart chart{.text = {PageId("where", ++number), title, ""},
                     .unit = Unit{currency},
                     .category = category,
                     .bars = {}};
      for (const auto& [name, tally] : tallies) {
        if (const std::int64_t cost = tally.cost.Of(currency); cost > 0) {
          chart.bars.push_back({.name = name,
                                .value = cost,
                                .detail = Share(cost, whole),
                                .color = colors == nullptr ? kChartColors : colors->Of(name)});
        }
      }
      std::stable_sort(chart.bars.begin(), chart.bars.end(),
                       [](const auto& a, const auto& b) { return a.value > b.value; });
      return RenderBars(chart);
    };
    content += bars("Cost by policy", "policy", totals.policies, &policy_colors);
    content += bars("Cost by department", "department", totals.departments, nullptr);
  }
  HtmlTable table{.caption = "What each policy answered",
                  .columns = {{"Policy"},
                              {"Department", false, true},
                              {"Decisions", true, true},
                              {"Vouchers", true},
                              {"Cost", true}},
                  .rows = {}};
  for (const auto& [name, tally] : totals.policies) {
    const policy::Policy* const policy = set.policies->FindPolicy(name);
    table.rows.push_back(
        {Element("strong", Html(name)) + "<br>" + Html(policy == nullptr ? "" : policy->summary),
         Html(policy == nullptr ? "" : policy->department), Grouped(tally.reports),
         Grouped(tally.vouchers), Html(tally.cost.ToText())});
  }
  if (!table.rows.empty()) {
    content += Element("div", Element("h3", "Policies") + RenderTable(table), "class=\"card\"");
  }
  return Section("where", "Where the money goes",
                 "The department is the one accountable for the fault.", content);
}

}  // namespace kulanz::command
