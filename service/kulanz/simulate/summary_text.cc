#include "service/kulanz/simulate/summary_text.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "service/kulanz/terminal/progress_bar.h"
#include "service/kulanz/terminal/table.h"

namespace kulanz::command {
namespace {

std::string Heading(const Style& style, std::string_view text) {
  return "\n" + style.In(Paint::kBold, text) + "\n";
}

std::string Outcomes(const Totals& totals, const Style& style) {
  Table table({{.title = ""}, {.title = "", .numeric = true}, {.title = "", .numeric = true}}, 2);
  const auto count = [&totals](Outcome outcome) {
    return Grouped(totals.by_outcome.at(static_cast<std::size_t>(outcome)));
  };
  table.Add({{"granted", Paint::kGreen},
             {count(Outcome::kGranted), Paint::kBold},
             {totals.all.cost.ToText(), Paint::kBold}});
  if (totals.by_outcome.at(static_cast<std::size_t>(Outcome::kApologised)) > 0) {
    table.Add({"apologised without money", count(Outcome::kApologised), ""});
  }
  for (const auto& [reason, tally] : totals.reviewed) {
    table.Add({{"review   " + reason, Paint::kYellow},
               Grouped(tally.reports),
               tally.proposed.empty() ? "" : "proposed " + tally.proposed.ToText()});
  }
  for (const auto& [reason, tally] : totals.denied) {
    table.Add({"denied   " + reason, Grouped(tally.reports),
               tally.proposed.empty() ? "" : "not given " + tally.proposed.ToText()});
  }
  for (const auto& [reason, number] : totals.refused) {
    table.Add({{"refused  " + reason, Paint::kRed}, Grouped(number), ""});
  }
  if (totals.unreadable > 0) {
    table.Add({{"refused  ROW (unreadable)", Paint::kRed}, Grouped(totals.unreadable), ""});
  }
  if (totals.repeated > 0) {
    table.Add({{"repeated, answered as before", Paint::kDim}, Grouped(totals.repeated), ""});
  }
  if (totals.skipped > 0) {
    table.Add({{"skipped, as the map says", Paint::kDim}, Grouped(totals.skipped), ""});
  }
  return table.Render(style);
}

std::string Tallies(const std::map<std::string, Tally>& tallies, std::string_view title,
                    const Style& style) {
  if (tallies.empty()) {
    return "";
  }
  Table table({{.title = std::string(title)},
               {.title = "decisions", .numeric = true},
               {.title = "vouchers", .numeric = true},
               {.title = "cost", .numeric = true}},
              2);
  for (const auto& [name, tally] : tallies) {
    table.Add({name, Grouped(tally.reports), Grouped(tally.vouchers), tally.cost.ToText()});
  }
  return "\n" + table.Render(style);
}

constexpr std::size_t kBudgetRows = 24;

// The periods that used most of their caps, in their order.
std::vector<const BudgetBook::Use*> Fullest(const std::vector<BudgetBook::Use>& uses) {
  std::vector<const BudgetBook::Use*> fullest;
  for (const BudgetBook::Use& use : uses) {
    fullest.push_back(&use);
  }
  if (fullest.size() > kBudgetRows) {
    std::stable_sort(fullest.begin(), fullest.end(),
                     [](const BudgetBook::Use* a, const BudgetBook::Use* b) {
                       const auto used = [](const BudgetBook::Use& use) {
                         return std::pair(use.refused > 0,
                                          static_cast<double>(use.spent_minor_units) /
                                              static_cast<double>(use.period.cap.minor_units()));
                       };
                       return used(*a) > used(*b);
                     });
    fullest.resize(kBudgetRows);
    std::sort(fullest.begin(), fullest.end());  // they lie in one array, in order
  }
  return fullest;
}

std::string Budgets(const Totals& totals, const Style& style) {
  if (totals.budgets.empty()) {
    return "";
  }
  Table table({{.title = "budget"},
               {.title = "period from"},
               {.title = "spent", .numeric = true},
               {.title = "cap", .numeric = true},
               {.title = "used", .numeric = true},
               {.title = "refused", .numeric = true}},
              2);
  for (const BudgetBook::Use* const use_of : Fullest(totals.budgets)) {
    const BudgetBook::Use& use = *use_of;
    const Money cap = use.period.cap;
    const std::int64_t spent = use.spent_minor_units;
    table.Add({use.period.name,
               use.period.starts == Date{} ? "once" : FormatDate(use.period.starts),
               GroupedAmount(spent, cap.currency()),
               GroupedAmount(cap.minor_units(), cap.currency()) + " " +
                   std::string(cap.currency().code()),
               std::to_string(PercentOf(spent, cap.minor_units())) + " %",
               {use.refused == 0 ? "" : Grouped(use.refused), Paint::kRed}});
  }
  std::string text = "\n" + table.Render(style);
  if (totals.budgets.size() > kBudgetRows) {
    text += "  and " + Count(totals.budgets.size() - kBudgetRows, "period") +
            " that used less of their cap\n";
  }
  return text;
}

std::string CustomersWithGestures(const Totals& totals, const Style& style) {
  if (totals.customers == 0) {
    return "";
  }
  constexpr std::size_t kRows = 10;
  Table counts({{.title = "gestures"}, {.title = "customers", .numeric = true}}, 2);
  std::size_t more = 0;
  for (std::size_t i = 0; i < totals.customers_by_gestures.size(); ++i) {
    if (i < kRows) {
      counts.Add({std::to_string(i), Grouped(totals.customers_by_gestures[i])});
    } else {
      more += totals.customers_by_gestures[i];
    }
  }
  if (more > 0) {
    counts.Add({std::to_string(kRows) + " and more", Grouped(more)});
  }
  std::string text = "\n" + counts.Render(style);
  if (!totals.top_customers.empty()) {
    Table top({{.title = "most expensive customers", .elastic = true},
               {.title = "gestures", .numeric = true},
               {.title = "cost", .numeric = true}},
              2);
    for (std::size_t i = 0; i < totals.top_customers.size() && i < kRows; ++i) {
      const CustomerTotal& customer = totals.top_customers[i];
      top.Add({Printable(customer.id), Grouped(customer.gestures), customer.cost.ToText()});
    }
    text += "\n" + top.Render(style);
  }
  return text;
}

std::string Shadows(const Totals& totals, const Style& style) {
  std::string text;
  if (!totals.shadow.empty()) {
    Table table({{.title = "shadow policy"},
                 {.title = "looked at", .numeric = true},
                 {.title = "would give", .numeric = true},
                 {.title = "cost", .numeric = true}},
                2);
    for (const auto& [name, tally] : totals.shadow) {
      table.Add({name, Grouped(tally.reports), Grouped(tally.vouchers), tally.cost.ToText()});
    }
    text += "\n" + table.Render(style);
  }
  if (!totals.held_out.empty()) {
    Table table({{.title = "held out by"},
                 {.title = "decisions", .numeric = true},
                 {.title = "customers", .numeric = true},
                 {.title = "not given", .numeric = true}},
                2);
    for (const auto& [name, tally] : totals.held_out) {
      table.Add({name, Grouped(tally.reports), Grouped(totals.held_out_customers.at(name)),
                 tally.proposed.ToText()});
    }
    text += "\n" + table.Render(style);
  }
  return text;
}

}  // namespace

int PercentOf(std::int64_t part, std::int64_t whole) {
  return whole <= 0 ? 0 : static_cast<int>(part * 100 / whole);
}

std::string SummaryText(const SimulatedSet& set, const Style& style) {
  const Totals& totals = set.totals;
  std::string text = Grouped(totals.decided) + " incidents decided";
  if (totals.decided > 0) {
    text += ", " + FormatDate(totals.first_day) + " to " + FormatDate(totals.last_day);
  }
  text += ", by " + set.directory + " (revision " + set.policies->revision().text().substr(0, 12) +
          ")\n";
  text += Heading(style, "Decisions") + Outcomes(totals, style);
  text += Tallies(totals.policies, "policy", style);
  text += Tallies(totals.departments, "department", style);
  text += Budgets(totals, style) + CustomersWithGestures(totals, style) + Shadows(totals, style);
  return text;
}

}  // namespace kulanz::command
