// The auditor: derives the promises of design.md section 8 from what clients asked and were told, and from
// what the post office was handed. It never looks at a record.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tests/simulation/simulator/journal.h"
#include "tests/simulation/simulator/plan.h"
#include "tests/simulation/simulator/server.h"
#include "tests/simulation/simulator/simulation.h"

namespace kulanz::simulation {

// What one grant gave: its voucher, and those that took its place when it was reissued.
struct Chain {
  CaseKey key;
  std::vector<std::string> codes;  // the current one first
  const Voucher* current = nullptr;
  std::vector<const RedemptionLog*> redemptions;  // under any of its codes
  std::vector<const ChangeLog*> changes;

  bool WasAsked(Change change) const;
  bool WasAsked(Change change, const std::string& id) const;
};

struct Evidence {
  const Journal& journal;
  const PostOffice& office;
  const Plan& plan;
  const ServerSettings& settings;

  const std::map<std::string, Chain> chains = {};  // by each of their codes

  // The store's time then: its clock with all jumps, never backwards.
  Instant StoreTimeAt(Deadline at) const;
  // How far a server may be ahead of it, because it was set back: servers do not go back with it.
  Duration SetBack() const;
  // The final answer on a revision, or null.
  const SeenDecision* FinalOf(CaseKey key) const;
  bool WasWithdrawalAsked(std::size_t incident) const;
  const Chain* ChainOf(const std::string& code) const;
  // Whether both name what the same grant gave; of no voucher, neither has a code.
  bool AreOne(const std::string& code, const std::string& other) const;
};

using Finding = std::optional<Violation>;

inline Finding Broken(std::string promise, std::string subject, std::string what) {
  return Violation{std::move(promise), std::move(what), std::move(subject)};
}

Finding AuditErrors(const Evidence& evidence);     // I10, I11: what refusals and silence mean
Finding AuditIncidents(const Evidence& evidence);  // I1, I2, I7: one answer per incident, for ever
Finding AuditLimits(const Evidence& evidence);     // I3, I12: limits, and that denials are right
Finding AuditBudget(const Evidence& evidence);     // I4: never overspent, nothing leaked
Finding AuditPool(const Evidence& evidence);       // I1, I4: a code once, none lost, none withheld
Finding AuditVouchers(const Evidence& evidence);   // I5: redeemed once; withdrawn is withdrawn
Finding AuditRefusals(
    const Evidence& evidence);  // I5, I11: of vouchers, for the reason that is named
Finding AuditChanges(
    const Evidence& evidence);  // I5: held is held, revoked is revoked, a dead code is dead
Finding AuditLiability(
    const Evidence& evidence);  // I5: what all vouchers are worth; what has run out
Finding AuditLetters(const Evidence& evidence);  // I6: sent at least once, or dead

// The first promise found broken.
Finding Audit(const Journal& journal, const PostOffice& office, const Plan& plan,
              const ServerSettings& settings);

}  // namespace kulanz::simulation
