// The transaction that records a decision: everything that an answer changes, as one step.
#pragma once

#include <optional>
#include <string>

#include "service/app/case_file.h"
#include "service/app/dependencies.h"
#include "service/app/pool_shelves.h"
#include "service/app/voucher_secrets.h"
#include "service/engine/decide.h"
#include "service/ports/store.h"

namespace kulanz::app {

// Limits of one incident's case. All of it must fit into one transaction when it is withdrawn: two
// operations for each voucher or letter, of ports::kTransactionOpsMax.
inline constexpr std::size_t kRevisionsDecidedMax = 64;  // a fault that grows more often: a person
inline constexpr std::size_t kRevisionsGivingMax = 12;

// OK, or FAILED_PRECONDITION / TOO_MANY_REVISIONS: nothing more can be decided in this case.
Status CheckRoomForRevision(const StoredDecision& first, const IncidentId& incident);

// A decision on its way into the store.
struct PendingDecision {
  ports::Key key;
  StoredDecision stored;
  std::optional<StoredDecision> first;  // of a later revision: the case's head, with this one in it
  std::optional<StoredVoucher> voucher;  // of a grant
  std::optional<ShelvedCode> pool_code;  // of a grant from a pool: to be taken off the shelf
  std::string held_by;                   // the breaker that holds it; empty: none does
  bool is_release = false;               // takes the place of a decision that a breaker held
};

PendingDecision Prepare(const CaseKeys& keys, const CaseFile& file, Decision decision,
                        std::optional<ShelvedCode> pool_code = std::nullopt,
                        std::string held_by = {});

// Checks: the case is as it was read (no decision yet, or no other change of it since); for a grant or an
// apology also that the history is the one that was decided on; for a grant that the code's record is
// free. Writes: decision, its entry in the customer's index, of a later revision the case's head; for a
// grant or an apology also the history with this gesture, the voucher or the letter, and the delivery on
// the agenda; for a grant from a pool, the code comes off the shelf; what a breaker holds is put onto its list,
// and what takes the place of such a one off it. A Conflict brings back the first decision, then the history and the voucher's record where
// they were checked.
ports::Transaction RecordingTransaction(const Dependencies& dependencies, const CaseKeys& keys,
                                        const CaseFile& file, const PendingDecision& pending);

// When the letter of a decision with a delivery is due.
Instant DueTime(const Dependencies& dependencies, const Decision& decision);

}  // namespace kulanz::app
