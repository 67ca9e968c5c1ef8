#include "tests/simulation/simulator/auditor.h"

#include <algorithm>

namespace kulanz::simulation {

Instant Evidence::StoreTimeAt(Deadline at) const {
  const auto wall = [](Deadline when) {
    return *ParseInstant("2026-03-01T12:00:00Z") +
           std::chrono::duration_cast<Duration>(when.time_since_epoch());
  };
  Duration offset{0};
  Instant latest{};
  for (const auto& [when, by] : journal.clock_jumps) {
    if (when > at) {
      break;
    }
    latest = std::max(latest, wall(when) + offset);
    offset += by;
  }
  return std::max(latest, wall(at) + offset);
}

const SeenDecision* Evidence::FinalOf(CaseKey key) const {
  const auto found = journal.decisions.find(key);
  return found != journal.decisions.end() && found->second ? &*found->second : nullptr;
}

bool Evidence::WasWithdrawalAsked(std::size_t incident) const {
  return std::any_of(journal.withdrawals.begin(), journal.withdrawals.end(),
                     [incident](const WithdrawalLog& log) { return log.incident == incident; });
}

Finding Audit(const Journal& journal, const PostOffice& office, const Plan& plan,
              const ServerSettings& settings) {
  const Evidence evidence{journal, office, plan, settings};
  for (const auto audit :
       {AuditErrors, AuditIncidents, AuditLimits, AuditBudget, AuditVouchers, AuditLetters}) {
    if (Finding finding = audit(evidence)) {
      return finding;
    }
  }
  return std::nullopt;
}

}  // namespace kulanz::simulation
