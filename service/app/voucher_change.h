// One command on one voucher: found, decided by domain/voucher_commands.h, committed under its version.
//
// Thread-safety: any thread.
#pragma once

#include <functional>
#include <optional>

#include "service/app/dependencies.h"
#include "service/app/voucher_file.h"
#include "service/domain/voucher_commands.h"

namespace kulanz::app {

struct VoucherCall {
  VoucherReference reference;
  // Whoever asks must be the holder, unless the voucher is transferable; nothing: whoever has the reference.
  std::optional<CustomerId> holder;
  // The command, for this voucher at this time.
  std::function<VoucherCommand(const VoucherFile&, Instant)> command;
};

struct ChangedVoucher {
  VoucherFile file;  // after the change
  VoucherChange change;
};

// What a voucher's change adds to a transaction: the outstanding liability, when it expires, and the events
// that tell of it (liability.h, voucher_expiry.h, event_outbox.h).
void AddConsequences(const Dependencies& dependencies, const VoucherFile& before,
                     const VoucherChange& change, ports::Transaction& transaction);

// What the command would do now, without effect.
Task<Result<ChangedVoucher>> TryOnVoucher(const Dependencies& dependencies, VoucherCall call,
                                          Deadline deadline);

// Repeats until it is decided on the voucher as it is. A repeated command is confirmed by the store, so
// that its answer is as durable as the first. A voucher that was reissued answers for what was done with it
// before, and passes releases and reversals on.
//   NOT_FOUND / VOUCHER_NOT_REDEEMABLE, the refusals of Apply, UNAVAILABLE / CONTENTION, and every failure of
//   the store.
Task<Result<ChangedVoucher>> ChangeVoucher(const Dependencies& dependencies, VoucherCall call,
                                           Deadline deadline);

}  // namespace kulanz::app
