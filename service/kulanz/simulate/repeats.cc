#include "service/kulanz/simulate/repeats.h"

#include <string>
#include <unordered_map>
#include <utility>

namespace kulanz::command {
namespace {

// The fields in which two reports differ; of another revision only those that may not.
std::string DifferingFields(const Incident& first, const Incident& second) {
  const bool is_same_revision = first.revision == second.revision;
  std::string fields;
  const auto note = [&fields](bool differs, std::string_view field) {
    if (differs) {
      fields += (fields.empty() ? "incident." : ",incident.") + std::string(field);
    }
  };
  note(first.customer != second.customer, "customer_id");
  note(first.type != second.type, "type");
  note(first.occurred_at != second.occurred_at, "occurred_at");
  note(first.order != second.order, "order");
  if (is_same_revision) {
    note(first.reporter != second.reporter, "reporter");
    note(first.attributes != second.attributes, "attributes");
  }
  return fields;
}

class Chains {
 public:
  explicit Chains(IncidentLog& log) : log_(log) { latest_.reserve(log.reports.size()); }

  void Place(std::uint32_t index) {
    ReportedIncident& report = log_.reports[index];
    if (report.refused == kInvalidRequest) {
      return;  // It claims nothing.
    }
    const auto [latest, is_first] = latest_.try_emplace(report.incident.id.text(), index);
    if (is_first) {
      return;
    }
    const std::uint32_t before = latest->second;
    const std::uint32_t same = SameRevision(before, report.incident.revision);
    const std::uint32_t compared = same == kNoReport ? before : same;
    const std::string fields = DifferingFields(log_.reports[compared].incident, report.incident);
    if (!fields.empty()) {
      report.refused = kIncidentConflict;
      log_.problems.push_back({report.line, "incident " + Shown(report.incident.id.text()) +
                                                " was reported before (line " +
                                                std::to_string(log_.reports[compared].line) +
                                                ") with other facts: " + fields});
    } else if (same == kNoReport) {  // A revision of its own, even when it comes late.
      report.earlier_revision = before;
      latest->second = index;
    } else {
      report.repeats = same;
    }
  }

 private:
  // The report of that revision in the chain that ends at `index`, or none.
  std::uint32_t SameRevision(std::uint32_t index, std::uint32_t revision) const {
    for (std::uint32_t i = index; i != kNoReport; i = log_.reports[i].earlier_revision) {
      if (log_.reports[i].incident.revision == revision) {
        return i;
      }
    }
    return kNoReport;
  }

  IncidentLog& log_;
  std::unordered_map<std::string, std::uint32_t> latest_;  // by incident id: the last that counts
};

}  // namespace

void FindRepeats(IncidentLog& log) {
  Chains chains(log);
  for (std::uint32_t i = 0; i < log.reports.size(); ++i) {
    chains.Place(i);
  }
}

}  // namespace kulanz::command
