#include "service/kulanz/simulate/comparison_text.h"

#include "service/kulanz/simulate/summary_json.h"
#include "service/kulanz/terminal/json_writer.h"
#include "service/kulanz/terminal/progress_bar.h"
#include "service/kulanz/terminal/table.h"

namespace kulanz::command {
namespace {

std::string Sides(const SimulatedSet& before, const SimulatedSet& after, const Style& style) {
  Table table({{.title = ""}, {.title = "old", .numeric = true}, {.title = "new", .numeric = true}},
              2);
  const auto row = [&](std::string name, const auto& figure) {
    table.Add({std::move(name), figure(before.totals), figure(after.totals)});
  };
  row("incidents decided", [](const Totals& t) { return Grouped(t.decided); });
  row("vouchers", [](const Totals& t) { return Grouped(t.all.vouchers); });
  row("cost", [](const Totals& t) { return t.all.cost.ToText(); });
  row("for review", [](const Totals& t) {
    return Grouped(t.by_outcome.at(static_cast<std::size_t>(Outcome::kReview)));
  });
  return table.Render(style);
}

std::string Changes(const Comparison& comparison, const Style& style) {
  if (comparison.transitions.empty()) {
    return "";
  }
  Table table({{.title = "old answer"},
               {.title = "new answer"},
               {.title = "incidents", .numeric = true},
               {.title = "cost", .numeric = true}},
              2);
  for (const Transition& transition : comparison.transitions) {
    table.Add({transition.before, transition.after, Grouped(transition.count),
               SignedSums(transition.delta)});
  }
  return "\n" + table.Render(style);
}

std::string ChangedCustomers(const Comparison& comparison, const Style& style) {
  Table table({{.title = "", .elastic = true},
               {.title = "old", .numeric = true},
               {.title = "new", .numeric = true}},
              2);
  constexpr std::size_t kRows = 5;
  const auto add = [&table](const std::vector<CustomerChange>& customers, Paint paint) {
    for (std::size_t i = 0; i < customers.size() && i < kRows; ++i) {
      table.Add({{Printable(customers[i].id), paint},
                 customers[i].before.ToText(),
                 customers[i].after.ToText()});
    }
  };
  add(comparison.gainers, Paint::kGreen);
  add(comparison.losers, Paint::kRed);
  return "\n" + Count(comparison.customers_gaining, "customer") + " gain " +
         SignedSums(comparison.gained) + ", " + Count(comparison.customers_losing, "customer") +
         " lose " + SignedSums(comparison.lost) + "\n" + table.Render(style);
}

void WriteChanges(std::string_view key, const std::vector<CustomerChange>& customers,
                  JsonWriter& json) {
  json.Key(key).BeginArray();
  for (const CustomerChange& customer : customers) {
    json.BeginObject().Field("customer_id", customer.id);
    WriteSums(customer.before, json.Key("old"));
    WriteSums(customer.after, json.Key("new"));
    json.EndObject();
  }
  json.EndArray();
}

}  // namespace

std::string SignedSums(const MoneySums& sums) {
  std::string text;
  for (const auto& [currency, sum] : sums.sums()) {
    if (sum != 0) {
      text += (text.empty() ? "" : ", ") + std::string(sum > 0 ? "+" : "") +
              GroupedAmount(sum, currency) + " " + std::string(currency.code());
    }
  }
  return text.empty() ? "no change" : text;
}

std::string ComparisonText(const SimulatedSet& before, const SimulatedSet& after,
                           const Comparison& comparison, const Style& style) {
  std::string text = "old: " + before.directory + " (revision " +
                     before.policies->revision().text().substr(0, 12) +
                     ")\nnew: " + after.directory + " (revision " +
                     after.policies->revision().text().substr(0, 12) + ")\n\n";
  text += Sides(before, after, style);
  text += "\n" +
          style.In(Paint::kBold, Count(comparison.changed, "decision") + " of " +
                                     Grouped(comparison.compared) +
                                     (comparison.changed == 1 ? " changes: " : " change: ") +
                                     SignedSums(comparison.delta)) +
          "\n";
  if (comparison.reason_only > 0) {
    text += Grouped(comparison.reason_only) + " more have the same answer for another reason\n";
  }
  return text + Changes(comparison, style) + ChangedCustomers(comparison, style);
}

std::string ComparisonJson(const SimulatedSet& before, const SimulatedSet& after,
                           const Comparison& comparison) {
  JsonWriter json;
  json.BeginObject()
      .Field("compared", comparison.compared)
      .Field("changed", comparison.changed)
      .Field("reason_only", comparison.reason_only);
  WriteSums(comparison.delta, json.Key("cost_change"));
  json.Field("customers_gaining", comparison.customers_gaining)
      .Field("customers_losing", comparison.customers_losing);
  json.Key("transitions").BeginArray();
  for (const Transition& transition : comparison.transitions) {
    json.BeginObject()
        .Field("old", transition.before)
        .Field("new", transition.after)
        .Field("incidents", transition.count);
    WriteSums(transition.delta, json.Key("cost_change"));
    json.Key("examples").BeginArray();
    for (const ChangedCase& example : transition.examples) {
      json.Value(example.incident);
    }
    json.EndArray().EndObject();
  }
  json.EndArray();
  WriteChanges("gainers", comparison.gainers, json);
  WriteChanges("losers", comparison.losers, json);
  WriteTotals(before, json.Key("old"));
  WriteTotals(after, json.Key("new"));
  json.EndObject();
  return json.Line();
}

}  // namespace kulanz::command
