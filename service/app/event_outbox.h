// The outbox: events are written by the transaction that makes them happen, so none is told that did not
// happen, and none that happened is lost.
//
// A transaction adds one record with all its events, and one entry in its partition's outbox, an index by due
// time; event_dispatcher.h tells and removes them. No call takes a trip to the store more than without events.
// What people wrote as a reason is in none of them, since it may be personal.
// An event's id is derived from what happened: whoever decides the same again writes the same event.
//
// Thread-safety: any thread; pure but for what they add to `transaction`.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "service/app/dependencies.h"
#include "service/app/grant.h"
#include "service/app/keys.h"
#include "service/app/record_breaker.h"
#include "service/app/voucher_file.h"
#include "service/domain/event.h"
#include "service/domain/voucher_life.h"
#include "service/ports/store.h"

namespace kulanz::app {

// Whether a transaction writes events.
bool WritesEvents(const ports::Transaction& transaction);
// Tells the dispatcher, so that it need not find them by itself. After the commit.
void HintAtEvents(const Dependencies& dependencies, ports::PartitionId partition);

// Each adds the types that `dependencies.events` has, and nothing when it has none of them.

// A decision and, of a grant, its voucher.
void AddDecisionEvents(const Dependencies& dependencies, const CaseKeys& keys,
                       const PendingDecision& pending, ports::Transaction& transaction);
// Everything that a command or time has done to a voucher.
void AddVoucherEvents(const Dependencies& dependencies, const VoucherFile& before,
                      const VoucherLife& after, ports::Transaction& transaction);
// A voucher that ended in favour of another one, both as they are after the transaction.
void AddReissueEvents(const Dependencies& dependencies, const VoucherLife& before,
                      const VoucherFile& old, const VoucherFile& next,
                      ports::Transaction& transaction);

// A breaker that has tripped, or been released, by this transaction. Each trip and each release is another event.
void AddBreakerEvent(const Dependencies& dependencies, EventType type, const StoredBreaker& breaker,
                     ports::Transaction& transaction);

// A withdrawal with the vouchers that it revokes.
class WithdrawalEvents {
 public:
  // `case_head`: the key of the first revision's decision, which is `first`.
  WithdrawalEvents(const Dependencies& dependencies, const ports::Key& case_head,
                   const Decision& first, Instant at);
  void Revoked(const ports::Key& voucher, const Decision& decision, const VoucherLife& before,
               const VoucherLife& after);
  void AddTo(ports::Transaction& transaction) &&;

 private:
  const Dependencies& dependencies_;
  std::vector<Event> events_;
};

// The key of a record of events, by the id of its first; nothing for what is no event's id.
std::optional<ports::Key> OutboxKeyOf(const Keys& keys, ports::PartitionId partition,
                                      std::string_view event_id);

}  // namespace kulanz::app
