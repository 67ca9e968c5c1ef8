// Planted bugs: mistakes that the auditor must find, put between the use-cases and the store.
//
// Each is a Store that changes what passes through it, so production code carries no seam for it. Most
// stand in front of the database, as if the transaction had been built wrongly; one stands in a process,
// because it makes two transactions of one, and the network may come in between.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "service/app/record_codec.h"
#include "service/ports/store.h"

namespace kulanz::simulation {

enum class Bug : std::uint8_t {
  kNone,
  kCheckDropped,              // a decision is recorded whatever the case has become meanwhile
  kLeaseNotFenced,            // fences are read but not set
  kAgendaOutsideTransaction,  // a decision's letter is scheduled by a transaction of its own
  kHistoryNotChecked,         // a grant is recorded whatever the history has become meanwhile
  kRedemptionWithoutId,       // a redemption's id is not kept
  kVoucherNotChecked,         // a voucher is changed whatever it has become meanwhile
  kClaimNotChecked,           // a claim replaces the one that is there
  kLetterForgotten,           // whoever claims an agenda entry takes it off instead
  kReversalWithoutTombstone,  // a redemption that is reversed before it arrives leaves nothing behind
  kReservationIgnored,        // what is held for an order is not seen by others
  kOldCodeLives,              // a reissue leaves the old voucher as it was
  kExpiryForgotten,           // a voucher is issued without an entry for its end
  kLiabilityForgotten,        // what a change of a voucher moves is not counted
  kDeadlineDropped,           // a transaction is applied however late it is
  kPoolCodeNotChecked,        // a pool's code is given though somebody has taken it meanwhile
  kPoolMoveForgotten,         // a pool's code leaves its shelf, and nobody knows where to
  kPoolImportUnnoticed,       // an import leaves the pool's record as it was
};

struct BugName {
  Bug bug;
  std::string_view name;  // as on the command line
};
// Without kNone.
std::span<const BugName> AllBugs();
std::optional<Bug> BugNamed(std::string_view name);

// The bug's store in front of the database; null when it has none there.
std::unique_ptr<ports::Store> PlantInDatabase(Bug bug, ports::Store& store,
                                              const app::RecordCodec& codec);
// The bug's store in a process; null when it has none there.
std::unique_ptr<ports::Store> PlantInProcess(Bug bug, ports::Store& store);

}  // namespace kulanz::simulation
