// The transaction that records a decision: everything that a grant or a denial changes, as one step.
#pragma once

#include <optional>

#include "service/app/case_file.h"
#include "service/app/dependencies.h"
#include "service/app/voucher_secrets.h"
#include "service/engine/decide.h"
#include "service/ports/store.h"

namespace kulanz::app {

// A decision on its way into the store.
struct PendingDecision {
  StoredDecision stored;
  std::optional<StoredVoucher> voucher;  // of a grant
};

PendingDecision Prepare(const CaseKeys& keys, Decision decision);

// Checks: no decision yet; for a grant also that the history is the one that was decided on, and that
// the code's record is free. Writes: decision, its entry in the customer's index; for a grant also the
// voucher, the history with this gesture, and the delivery on the agenda. A Conflict brings back the
// decision, and on a grant the history and the voucher's record.
ports::Transaction RecordingTransaction(const Dependencies& dependencies, const CaseKeys& keys,
                                        const CaseFile& file, const PendingDecision& pending);

// When the letter of a grant with a delivery is due.
Instant DueTime(const Dependencies& dependencies, const Decision& decision);

}  // namespace kulanz::app
