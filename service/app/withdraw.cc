// Incidents::Withdraw: an incident that turned out not to be one is taken back, in one transaction of the
// customer's partition.
#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "service/app/case_head.h"
#include "service/app/contention.h"
#include "service/app/decide_case.h"
#include "service/app/decided_incident.h"
#include "service/app/event_outbox.h"
#include "service/app/held_cases.h"
#include "service/app/incidents.h"
#include "service/app/keys.h"
#include "service/app/liability.h"
#include "service/app/store_time.h"
#include "service/domain/voucher_commands.h"
#include "service/engine/history.h"
#include "service/ports/scheduler.h"
#include "service/ports/store.h"
#include "service/ports/telemetry.h"

namespace kulanz::app {
namespace {

constexpr std::string_view kWithdrawn = "INCIDENT_WITHDRAWN";
// A voucher can be revoked once, and by its incident's withdrawal once.
constexpr std::string_view kRevocationId = "incident-withdrawn";

// Everything that the case has given: the keys of its vouchers and of its letters without one.
struct Given {
  std::vector<ports::Key> vouchers;
  std::vector<ports::Key> granted;  // the decisions that gave them, in the same order
  std::vector<ports::Key> apologies;
};

Given GivenIn(const Dependencies& dependencies, const CaseHead& head) {
  const ports::PartitionId partition = head.key.partition;
  const IncidentId& incident = head.first.decision.incident.id;
  Given given;
  const auto add = [&](const std::optional<ports::KeyHash>& voucher, bool apologised,
                       const ports::KeyHash& decision) {
    if (voucher) {
      given.vouchers.push_back(dependencies.keys.Voucher(partition, *voucher));
      given.granted.push_back(dependencies.keys.Decision(partition, decision));
    } else if (apologised) {
      given.apologies.push_back(dependencies.keys.Apology(partition, decision));
    }
  };
  add(head.first.voucher_key, head.first.decision.outcome == Outcome::kApologised, head.key.hash);
  for (const LaterRevision& later : head.first.later) {
    add(later.voucher_key, later.apologised, HashOf(incident, later.revision));
  }
  return given;
}

// A letter that nobody has is not sent any more. One that is on its way just now may still arrive.
void Cancel(DeliveryProgress& delivery, Instant now) {
  if (delivery.state == DeliveryState::kPending) {
    delivery.state = DeliveryState::kCancelled;
    delivery.updated_at = now;
    delivery.last_error = kWithdrawn;
  }
}

// Adds the change of one record to the transaction, on condition that it is as it was read.
class Changes {
 public:
  Changes(const RecordCodec& codec, ports::Transaction& transaction)
      : codec_(codec), transaction_(transaction) {}
  template <typename Stored>
  void Put(const ports::Key& key, std::uint64_t version, const Stored& next) {
    transaction_.checks.emplace_back(ports::CheckVersion{key, version});
    transaction_.writes.emplace_back(ports::Put{key, codec_.Encode(key, next), std::nullopt});
  }

 private:
  const RecordCodec& codec_;
  ports::Transaction& transaction_;
};

bool IsUsed(const VoucherLife& life) {
  return std::any_of(life.redemptions.begin(), life.redemptions.end(),
                     [](const Redemption& redemption) { return !redemption.reversed_at; });
}

// What is given back of a voucher, by currency.
using TakenBack = std::map<std::string, std::pair<Currency, std::int64_t>>;

// What becomes of a voucher; a used one stays as it is.
Status Revoke(const RecordCodec& codec, const ports::Key& key, const ports::Record& record,
              const Decision& decision, const Withdrawal& withdrawal, Changes& changes,
              TakenBack& taken_back, WithdrawalEvents& events) {
  if (!record.exists()) {
    return Status(Code::kDataLoss, "VOUCHER_MISSING", "the decision's voucher is not stored");
  }
  KULANZ_ASSIGN_OR_RETURN(StoredVoucher voucher, codec.DecodeVoucher(key, record.value));
  if (IsUsed(voucher)) {
    return Status::Ok();
  }
  const VoucherTerms& terms = *decision.voucher;
  // One that has just run out, too: by a clock that is set back it would be worth something again.
  auto change = Apply(terms, voucher,
                      RevokeCommand{RevocationId(std::string(kRevocationId)), withdrawal.reason},
                      std::min(withdrawal.at, UsableUntil(terms, voucher)));
  if (!change.ok() || change->replayed) {
    return Status::Ok();  // it has ended before
  }
  events.Revoked(key, decision, voucher, change->life);
  static_cast<VoucherLife&>(voucher) = change->life;
  Cancel(voucher.delivery, withdrawal.at);
  changes.Put(key, record.version, voucher);
  const Currency currency = terms.amount.currency();
  taken_back.try_emplace(std::string(currency.code()), currency, 0).first->second.second +=
      change->flow.liability();
  return Status::Ok();
}

Status Silence(const RecordCodec& codec, const ports::Key& key, const ports::Record& record,
               Instant now, Changes& changes) {
  if (!record.exists()) {
    return Status(Code::kDataLoss, "LETTER_MISSING", "the decision's letter is not stored");
  }
  KULANZ_ASSIGN_OR_RETURN(StoredApology apology, codec.DecodeApology(key, record.value));
  apology.withdrawn = true;
  Cancel(apology.delivery, now);
  changes.Put(key, record.version, apology);
  return Status::Ok();
}

// The whole withdrawal, on the records as they are. False: the case changed meanwhile.
Task<Result<bool>> TryWithdraw(const Dependencies& dependencies, CaseHead head,
                               Withdrawal withdrawal, Deadline deadline) {
  const RecordCodec& codec = dependencies.codec;
  const Incident& incident = head.first.decision.incident;
  const Given given = GivenIn(dependencies, head);
  std::vector<ports::Key> keys = {dependencies.keys.HistoryOf(incident.customer)};
  keys.insert(keys.end(), given.vouchers.begin(), given.vouchers.end());
  keys.insert(keys.end(), given.apologies.begin(), given.apologies.end());
  const std::size_t decisions_begin = keys.size();
  keys.insert(keys.end(), given.granted.begin(), given.granted.end());
  const auto records = co_await ReadMany(dependencies.store, keys, deadline);
  if (!records.ok()) {
    co_return records.status();
  }
  const ports::Record& history_record = records->front();
  const auto history = codec.DecodeHistory(keys.front(), history_record.value);
  if (!history.ok()) {
    co_return history.status();
  }
  ports::Transaction transaction;
  transaction.partition = head.key.partition;
  Changes changes(codec, transaction);
  TakenBack taken_back;
  WithdrawalEvents events(dependencies, head.key, head.first.decision, withdrawal.at);
  for (std::size_t i = 1; i < decisions_begin; ++i) {
    Status status;
    if (i > given.vouchers.size()) {
      status = Silence(codec, keys[i], (*records)[i], withdrawal.at, changes);
    } else {
      const std::size_t at = decisions_begin + i - 1;
      const auto decision = codec.DecodeDecision(keys[at], (*records)[at].value);
      status = !decision.ok() ? decision.status()
                              : Revoke(codec, keys[i], (*records)[i], decision->decision,
                                       withdrawal, changes, taken_back, events);
    }
    if (!status.ok()) {
      co_return status;
    }
  }
  for (const auto& [code, change] : taken_back) {
    AddToLiability(dependencies.keys, change.first, change.second, transaction);
  }
  History without = engine::WithoutIncident(*history, incident.id);
  if (without != *history) {
    changes.Put(keys.front(), history_record.version, without);
  }
  // Later revisions that are held stay on the list, and fall off it when it is released.
  if (IsHeld(head.first.decision)) {
    RemoveFromHeld(dependencies.keys, head.key, head.first.decision, transaction);
  }
  StoredDecision next = head.first;
  next.withdrawn = std::move(withdrawal);
  changes.Put(head.key, head.version, next);
  std::move(events).AddTo(transaction);
  const bool has_events = WritesEvents(transaction);
  const auto outcome = co_await dependencies.store.Commit(std::move(transaction), deadline);
  if (!outcome.ok()) {
    co_return outcome.status();
  }
  const bool committed = std::holds_alternative<ports::Committed>(*outcome);
  if (committed && has_events) {
    HintAtEvents(dependencies, head.key.partition);
  }
  for (const auto& [code, change] : taken_back) {
    if (const auto amount = Money::FromMinorUnits(-change.second, change.first);
        committed && amount) {
      dependencies.telemetry.VoucherValueMoved("revoked", *amount);
    }
  }
  co_return committed;
}

}  // namespace

Task<Result<DecidedIncident>> Incidents::Withdraw(IncidentId incident, std::string reason,
                                                  Deadline deadline) {
  bool replayed = true;
  for (;;) {
    auto head = co_await ReadCaseHead(dependencies_, incident, deadline);
    if (!head.ok()) {
      co_return head.status();
    }
    if (dependencies_.scheduler.Now() >= deadline) {
      co_return Contention("the incident was changed by others at once");
    }
    if (head->first.withdrawn) {
      // A repetition is as durable as the first answer only when the store has confirmed it.
      ports::Transaction confirmation;
      confirmation.partition = head->key.partition;
      confirmation.checks.emplace_back(ports::CheckVersion{head->key, head->version});
      const auto confirmed = co_await dependencies_.store.Commit(std::move(confirmation), deadline);
      if (!confirmed.ok()) {
        co_return confirmed.status();
      }
      if (std::holds_alternative<ports::Committed>(*confirmed)) {
        break;
      }
      continue;
    }
    const Result<Instant> now = StoreTime(dependencies_.store);
    if (!now.ok()) {
      co_return now.status();
    }
    const std::string policy = head->first.decision.policy.text();
    Withdrawal withdrawal{*now, reason};
    const auto done =
        co_await TryWithdraw(dependencies_, *std::move(head), std::move(withdrawal), deadline);
    if (!done.ok()) {
      co_return done.status();
    }
    if (*done) {
      dependencies_.telemetry.IncidentWithdrawn(policy);
      replayed = false;
      break;
    }
  }
  auto decided = co_await Get(incident, std::nullopt, deadline);
  if (decided.ok()) {
    decided->replayed = replayed;
  }
  co_return decided;
}

}  // namespace kulanz::app
