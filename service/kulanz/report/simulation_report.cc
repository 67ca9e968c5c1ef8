#include "service/kulanz/report/simulation_report.h"

#include "service/kulanz/report/html.h"
#include "service/kulanz/report/page.h"
#include "service/kulanz/report/sections.h"
#include "service/kulanz/terminal/progress_bar.h"

namespace kulanz::command {

std::string SimulationReport(const SimulatedSet& set, const std::string& incidents) {
  const Totals& totals = set.totals;
  std::string subtitle = incidents.substr(incidents.rfind('/') + 1);
  if (totals.decided > 0) {
    subtitle += " \xC2\xB7 " + FormatDate(totals.first_day) + " to " + FormatDate(totals.last_day);
  }
  subtitle += " \xC2\xB7 policy set \xE2\x80\x9C" + set.directory + "\xE2\x80\x9D, revision " +
              set.policies->revision().text().substr(0, 12);
  const std::string content = HeadlineTiles(totals) + OverTime(totals) + WhereItWent(set) +
                              WhyNot(totals) + CustomersSection(totals) + BudgetsSection(totals) +
                              HeldBack(set);
  std::string footer = Element(
      "p", Html("Recorded incidents were decided again in the order of their reports, by the same "
                "engine, limits, histories and budgets as the server's. Nothing was given, sent or "
                "stored."));
  footer += Element(
      "p", Html(Grouped(totals.rows) + " rows: " + Grouped(totals.decided) + " decided, " +
                Grouped(totals.skipped) + " skipped as the map says, " + Grouped(totals.repeated) +
                " repetitions, " + Grouped(totals.unreadable) +
                " unreadable. Policy set revision " + set.policies->revision().text() + "."));
  return Page("What these rules would have given", subtitle, content, footer);
}

}  // namespace kulanz::command
