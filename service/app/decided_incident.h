// DecidedIncident: a recorded decision with what has become of it: its voucher and code, its letter, and
// whether the incident was withdrawn. Read together for any number of decisions of one customer.
//
// Thread-safety: any thread; reads only.
#pragma once

#include <optional>
#include <vector>

#include "service/app/dependencies.h"
#include "service/app/record_codec.h"
#include "service/base/result.h"
#include "service/base/task.h"
#include "service/domain/decision.h"
#include "service/domain/issued_code.h"
#include "service/domain/voucher.h"
#include "service/ports/store.h"

namespace kulanz::app {

// The recorded answer, with the voucher as it is now.
struct DecidedIncident {
  Decision decision;
  bool replayed = false;                   // it had been decided before
  std::optional<IssuedCode> code;          // granted only
  std::optional<Voucher> voucher;          // granted only
  std::optional<DeliveryProgress> letter;  // apologised only
  std::optional<Withdrawal> withdrawn;     // the incident was taken back
};

// `decisions` in their order, all of one partition, in as few trips as keys fit into.
//   DATA_LOSS / VOUCHER_MISSING, LETTER_MISSING, DECISION_MISSING   a decision stands without what belongs
//                                                 to it.
//   DATA_LOSS / RECORD_CORRUPT, INTERNAL / SECRET_MISSING or SECRET_MISMATCH, and every failure of the store.
Task<Result<std::vector<DecidedIncident>>> ReadDecided(const Dependencies& dependencies,
                                                       ports::PartitionId partition,
                                                       std::vector<StoredDecision> decisions,
                                                       Deadline deadline);

// One of them.
Task<Result<DecidedIncident>> ReadDecided(const Dependencies& dependencies,
                                          ports::PartitionId partition, StoredDecision decision,
                                          Deadline deadline);

// The key of the letter's record of an apology.
ports::Key ApologyKeyOf(const Dependencies& dependencies, ports::PartitionId partition,
                        const StoredDecision& decision);

// Any number of keys of one partition.
Task<Result<std::vector<ports::Record>>> ReadMany(ports::Store& store, std::vector<ports::Key> keys,
                                                  Deadline deadline);

}  // namespace kulanz::app
