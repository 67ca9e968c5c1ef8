// Vouchers::Reissue: a new code takes a voucher's place, in one transaction of its partition.
#include <utility>
#include <variant>

#include "service/app/agenda.h"
#include "service/app/code_of_voucher.h"
#include "service/app/code_pools.h"
#include "service/app/contention.h"
#include "service/app/courier.h"
#include "service/app/courier_follow_up.h"
#include "service/app/event_outbox.h"
#include "service/app/keys.h"
#include "service/app/liability.h"
#include "service/app/store_time.h"
#include "service/app/voucher_expiry.h"
#include "service/app/voucher_secrets.h"
#include "service/app/vouchers.h"
#include "service/ports/scheduler.h"
#include "service/ports/telemetry.h"

namespace kulanz::app {
namespace {

// A reissue as it is to be written.
struct PendingReissue {
  VoucherFile old;      // after it
  VoucherFile current;  // the new one
  IssuedCode code;
};

CodeForm FormOf(const StoredVoucher& stored) { return {stored.issue, stored.long_code}; }

Result<IssuedCode> CodeOf(const Dependencies& dependencies, const VoucherFile& file) {
  return CodeOf(dependencies, file.key, file.stored, file.decision.decision);
}

// Another code for a voucher with one from a pool; nothing for one with a code of ours. Never one of ours
// instead, whatever the policy says for an empty pool: the terms that were granted name the pool, and a
// customer must not find the voucher in another place than before.
Task<Result<std::optional<ShelvedCode>>> TakeCode(const Dependencies& dependencies,
                                                  const VoucherFile& found, Deadline deadline) {
  if (found.stored.pool_code.empty()) {
    co_return std::optional<ShelvedCode>();
  }
  if (dependencies.pools == nullptr) {
    co_return Status(Code::kFailedPrecondition, "POOLS_NOT_SET_UP",
                     "the voucher's code is one of a pool, and pools are not set up here");
  }
  std::string pool = found.terms().pool;
  auto answer = co_await dependencies.pools->Take(pool, found.key.partition, deadline);
  if (!answer.ok()) {
    co_return answer.status();
  }
  if (std::holds_alternative<PoolEmpty>(*answer)) {
    co_return Status(Code::kFailedPrecondition, "POOL_EMPTY",
                     "pool '" + pool + "' has no other code; import some and repeat the reissue")
        .WithMetadata("pool", pool);
  }
  co_return std::optional(std::get<ShelvedCode>(std::move(*answer)));
}

Result<PendingReissue> Prepare(const Dependencies& dependencies, const VoucherFile& found,
                               const VoucherChange& change,
                               const std::optional<ShelvedCode>& pool_code, Instant now) {
  VoucherFile next = found;
  static_cast<VoucherLife&>(next.stored) = *change.successor;
  ++next.stored.issue;
  next.stored.predecessor = found.key.hash;
  next.stored.delivery = DeliveryProgress{};
  next.stored.delivery.updated_at = now;
  const Incident& incident = found.decision.decision.incident;
  KULANZ_ASSIGN_OR_RETURN(
      DerivedCode derived,
      dependencies.secrets.Derive(incident.id, found.stored.revision, incident.occurred_at,
                                  found.key.partition, FormOf(next.stored)));
  next.stored.secret_id = derived.secret_id;
  next.key = dependencies.keys.Voucher(found.key.partition, derived.voucher);
  next.version = 0;
  next.decision.voucher_key = next.key.hash;
  if (pool_code) {
    next.stored.pool_code = pool_code->sealed;
  }
  // Before it is given: what cannot be told must not be given.
  KULANZ_ASSIGN_OR_RETURN(IssuedCode code, CodeOf(dependencies, next));

  VoucherFile old = found;
  static_cast<VoucherLife&>(old.stored) = change.life;
  old.stored.successor = next.key.hash;
  if (old.stored.delivery.state == DeliveryState::kPending) {
    old.stored.delivery.state = DeliveryState::kCancelled;
    old.stored.delivery.updated_at = now;
    old.stored.delivery.last_error = "VOUCHER_REISSUED";
  }
  return PendingReissue{std::move(old), std::move(next), std::move(code)};
}

// The head of the case names the vouchers of later revisions too.
struct CaseHeadRecord {
  ports::Key key;
  std::uint64_t version = 0;
  StoredDecision decision;
};

Task<Result<std::optional<CaseHeadRecord>>> ReadHead(const Dependencies& dependencies,
                                                     const VoucherFile& file, Deadline deadline) {
  if (!file.decision.first_key) {
    co_return std::optional<CaseHeadRecord>();
  }
  CaseHeadRecord head;
  head.key = dependencies.keys.Decision(file.key.partition, *file.decision.first_key);
  std::vector<ports::Key> wanted = {head.key};
  const auto records = co_await dependencies.store.Read(std::move(wanted), deadline);
  if (!records.ok()) {
    co_return records.status();
  }
  auto decision = dependencies.codec.DecodeDecision(head.key, records->front().value);
  if (!decision.ok()) {
    co_return decision.status();
  }
  head.version = records->front().version;
  head.decision = *std::move(decision);
  co_return std::optional(std::move(head));
}

void AddHead(const RecordCodec& codec, const PendingReissue& pending, CaseHeadRecord head,
             ports::Transaction& transaction) {
  for (LaterRevision& later : head.decision.later) {
    if (later.voucher_key == pending.old.key.hash) {
      later.voucher_key = pending.current.key.hash;
    }
  }
  transaction.checks.emplace_back(ports::CheckVersion{head.key, head.version});
  transaction.writes.emplace_back(
      ports::Put{head.key, codec.Encode(head.key, head.decision), std::nullopt});
}

// Old and new voucher, the decision that names it, its letter and its expiry.
ports::Transaction BuildReissue(const Dependencies& dependencies, const PendingReissue& pending,
                                std::int64_t expired, Instant now) {
  const RecordCodec& codec = dependencies.codec;
  const VoucherFile& old = pending.old;
  const VoucherFile& next = pending.current;
  ports::Transaction transaction;
  transaction.partition = old.key.partition;
  const auto put = [&](const ports::Key& key, std::uint64_t version, const auto& record) {
    transaction.checks.emplace_back(ports::CheckVersion{key, version});
    transaction.writes.emplace_back(ports::Put{key, codec.Encode(key, record), std::nullopt});
  };
  put(old.key, old.version, old.stored);
  put(next.key, 0, next.stored);
  put(next.decision_key, next.decision_version, next.decision);
  const ports::Key agenda = dependencies.keys.Agenda(old.key.partition);
  const auto member = [](const VoucherFile& file) {
    return EncodeAgendaMember({AgendaKind::kDelivery, file.key.hash});
  };
  transaction.writes.emplace_back(ports::IndexRemove{agenda, member(old)});
  transaction.writes.emplace_back(ports::IndexPut{agenda, {member(next), ToMillis(now)}});
  ScheduleFollowUps(dependencies.keys, next.key, next.decision.decision, now, transaction);
  UnscheduleExpiry(dependencies.keys, old.key, transaction);
  ScheduleExpiry(dependencies.keys, next.key, next.terms(), next.stored, transaction);
  AddToLiability(dependencies.keys, old.terms().amount.currency(), -expired, transaction);
  return transaction;
}

// Whether the voucher is still as it was read; then an answer from it is as durable as a commit.
Task<Result<bool>> Confirm(ports::Store& store, const VoucherFile& file, Deadline deadline) {
  ports::Transaction confirmation;
  confirmation.partition = file.key.partition;
  confirmation.checks.emplace_back(ports::CheckVersion{file.key, file.version});
  const auto outcome = co_await store.Commit(std::move(confirmation), deadline);
  if (!outcome.ok()) {
    co_return outcome.status();
  }
  co_return std::holds_alternative<ports::Committed>(*outcome);
}

}  // namespace

Task<Result<ReissuedVoucher>> Vouchers::Reissue(VoucherReference reference, ReissueCommand command,
                                                Deadline deadline) {
  do {
    auto found = co_await FindVoucher(dependencies_, reference, deadline);
    if (!found.ok()) {
      co_return found.status();
    }
    const auto now = StoreTime(dependencies_.store);
    if (!now.ok()) {
      co_return now.status();
    }
    auto change = Apply(found->terms(), found->stored, command, *now);
    if (!change.ok()) {
      co_return change.status();
    }
    if (change->replayed) {
      auto current = co_await FindCurrent(dependencies_, *std::move(found), deadline);
      if (!current.ok()) {
        co_return current.status();
      }
      auto code = CodeOf(dependencies_, *current);
      if (!code.ok()) {
        co_return code.status();
      }
      const auto confirmed = co_await Confirm(dependencies_.store, *current, deadline);
      if (!confirmed.ok()) {
        co_return confirmed.status();
      }
      if (*confirmed) {
        co_return ReissuedVoucher{current->joined(), *std::move(code), true};
      }
      continue;
    }
    if (found->stored.issue + 1 >= kReissuesMax) {
      co_return Status(Code::kFailedPrecondition, "TOO_MANY_REISSUES",
                       "the voucher was reissued so often that a person has to look");
    }
    auto head = co_await ReadHead(dependencies_, *found, deadline);
    if (!head.ok()) {
      co_return head.status();
    }
    auto pool_code = co_await TakeCode(dependencies_, *found, deadline);
    if (!pool_code.ok()) {
      co_return pool_code.status();
    }
    auto pending = Prepare(dependencies_, *found, *change, *pool_code, *now);
    if (!pending.ok()) {
      co_return pending.status();
    }
    ports::Transaction transaction =
        BuildReissue(dependencies_, *pending, change->flow.expired, *now);
    AddReissueEvents(dependencies_, found->stored, pending->old, pending->current, transaction);
    if (*pool_code) {
      TakeFromShelf(dependencies_.pools->tools(), **pool_code, transaction);
    }
    if (*head) {
      AddHead(dependencies_.codec, *pending, **std::move(head), transaction);
    }
    const bool has_events = WritesEvents(transaction);
    const auto outcome = co_await dependencies_.store.Commit(std::move(transaction), deadline);
    if (!outcome.ok()) {
      co_return outcome.status();
    }
    if (std::holds_alternative<ports::Committed>(*outcome)) {
      dependencies_.telemetry.VoucherValueMoved("reissued", pending->current.joined().remaining);
      if (dependencies_.courier != nullptr) {
        dependencies_.courier->Notify(pending->current.key.partition, *now);
      }
      if (has_events) {
        HintAtEvents(dependencies_, pending->current.key.partition);
      }
      co_return ReissuedVoucher{pending->current.joined(), pending->code, false};
    }
  } while (dependencies_.scheduler.Now() < deadline);
  co_return Contention("the voucher was changed by others at once");
}

}  // namespace kulanz::app
