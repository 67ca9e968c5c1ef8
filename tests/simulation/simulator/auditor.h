// The auditor: derives the promises of design.md section 8 from what clients asked and were told, and from
// what the post office was handed. It never looks at a record.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "tests/simulation/simulator/journal.h"
#include "tests/simulation/simulator/plan.h"
#include "tests/simulation/simulator/server.h"
#include "tests/simulation/simulator/simulation.h"

namespace kulanz::simulation {

struct Evidence {
  const Journal& journal;
  const PostOffice& office;
  const Plan& plan;
  const ServerSettings& settings;

  // The store's time then: its clock with all jumps, never backwards.
  Instant StoreTimeAt(Deadline at) const;
  // The final answer on a revision, or null.
  const SeenDecision* FinalOf(CaseKey key) const;
  bool WasWithdrawalAsked(std::size_t incident) const;
};

using Finding = std::optional<Violation>;

inline Finding Broken(std::string promise, std::string subject, std::string what) {
  return Violation{std::move(promise), std::move(what), std::move(subject)};
}

Finding AuditErrors(const Evidence& evidence);     // I10, I11: what refusals and silence mean
Finding AuditIncidents(const Evidence& evidence);  // I1, I2, I7: one answer per incident, for ever
Finding AuditLimits(const Evidence& evidence);     // I3, I12: limits, and that denials are right
Finding AuditBudget(const Evidence& evidence);     // I4: never overspent, nothing leaked
Finding AuditVouchers(const Evidence& evidence);   // I5: redeemed once; withdrawn is withdrawn
Finding AuditLetters(const Evidence& evidence);    // I6: sent at least once, or dead

// The first promise found broken.
Finding Audit(const Journal& journal, const PostOffice& office, const Plan& plan,
              const ServerSettings& settings);

}  // namespace kulanz::simulation
