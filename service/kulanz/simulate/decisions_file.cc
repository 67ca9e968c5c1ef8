#include "service/kulanz/simulate/decisions_file.h"

#include <string>

#include "service/kulanz/simulate/output_file.h"
#include "service/policy/policy.h"

namespace kulanz::command {
namespace {

void AppendRow(const ReportedIncident& report, const CaseOutcome& outcome, std::string& text) {
  text += CsvField(report.incident.id.text());
  text += ',';
  text += CsvField(report.incident.customer.text());
  text += ',';
  text += outcome.is_refused ? "refused" : OutcomeName(outcome.outcome);
  text += ',';
  text += outcome.reason;
  text += ',';
  if (outcome.policy != nullptr) {
    text += outcome.policy->id.text();
  }
  text += ',';
  if (outcome.amount) {
    text += outcome.amount->Number();
  }
  text += ',';
  if (outcome.amount) {
    text += outcome.amount->currency().code();
  }
  text += '\n';
}

}  // namespace

Status WriteDecisions(const std::string& path, const IncidentLog& log,
                      const Simulation& simulation) {
  OutputFile file(path);
  KULANZ_RETURN_IF_ERROR(file.Open());
  std::string text = "incident_id,customer_id,outcome,reason,policy,amount,currency\n";
  for (std::size_t i = 0; i < log.unreadable; ++i) {
    text += ",,refused,ROW,,,\n";
  }
  constexpr std::size_t kChunkBytes = std::size_t{1} << 20;
  for (std::size_t i = 0; i < log.reports.size(); ++i) {
    AppendRow(log.reports[i], simulation.outcomes()[i], text);
    if (text.size() > kChunkBytes) {
      KULANZ_RETURN_IF_ERROR(file.Write(text));
      text.clear();
    }
  }
  KULANZ_RETURN_IF_ERROR(file.Write(text));
  return file.Commit();
}

}  // namespace kulanz::command
