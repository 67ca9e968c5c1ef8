#include "service/app/grant.h"

#include <algorithm>
#include <utility>

#include "service/app/agenda.h"
#include "service/app/courier_follow_up.h"
#include "service/app/event_outbox.h"
#include "service/app/held_cases.h"
#include "service/app/keys.h"
#include "service/app/liability.h"
#include "service/app/policy_holder.h"
#include "service/app/voucher_expiry.h"
#include "service/engine/history.h"

namespace kulanz::app {
namespace {

// A request that was delayed for longer than this may not act on a budget lease any more: the fence that
// would stop it is kept far longer (budget_ledger.h).
constexpr Duration kSpendWithin = std::chrono::seconds{60};

bool Gives(const StoredDecision& stored) {
  return stored.voucher_key.has_value() || stored.decision.outcome == Outcome::kApologised;
}

// What a case has given, with this decision. In another currency than before (the policy set has changed in
// between) it stands in the history alone.
std::optional<Money> GivenWith(const std::optional<Money>& given, const Decision& decision) {
  if (!decision.voucher) {
    return given;
  }
  const Money more = decision.voucher->amount;
  return given ? given->Plus(more).value_or(*given) : more;
}

// The case's head with one more revision, or with one that was held and is decided now.
StoredDecision Extended(const StoredDecision& first, const StoredDecision& added) {
  StoredDecision next = first;
  const Decision& decision = added.decision;
  const LaterRevision entry{decision.incident.revision, added.voucher_key,
                            decision.outcome == Outcome::kApologised};
  const auto held = std::find_if(
      next.later.begin(), next.later.end(),
      [&entry](const LaterRevision& later) { return later.revision == entry.revision; });
  if (held == next.later.end()) {
    next.later.push_back(entry);
  } else {
    *held = entry;
  }
  next.given = GivenWith(next.given, decision);
  return next;
}

// Of a decision that was held: the case's head itself.
bool IsHead(const CaseFile& file) { return file.held && !file.held->first_key; }

void AddDelivery(const Dependencies& dependencies, const PendingDecision& pending,
                 const CaseKeys& keys, ports::Transaction& transaction) {
  const AgendaItem item = pending.voucher ? AgendaItem{AgendaKind::kDelivery, keys.voucher.hash}
                                          : AgendaItem{AgendaKind::kApology, pending.key.hash};
  const Instant due = DueTime(dependencies, pending.stored.decision);
  transaction.writes.emplace_back(ports::IndexPut{dependencies.keys.Agenda(transaction.partition),
                                                  {EncodeAgendaMember(item), ToMillis(due)}});
  if (pending.voucher) {
    ScheduleFollowUps(dependencies.keys, keys.voucher, pending.stored.decision, due, transaction);
  }
}

}  // namespace

Instant DueTime(const Dependencies& dependencies, const Decision& decision) {
  return decision.decided_at +
         (dependencies.deliver_at_once ? Duration{0} : decision.delivery->wait);
}

Status CheckRoomForRevision(const StoredDecision& first, const IncidentId& incident) {
  const auto giving = static_cast<std::size_t>(std::count_if(
      first.later.begin(), first.later.end(),
      [](const LaterRevision& later) { return later.voucher_key || later.apologised; }));
  if (first.later.size() + 1 < kRevisionsDecidedMax &&
      giving + (Gives(first) ? 1 : 0) < kRevisionsGivingMax) {
    return Status::Ok();
  }
  return Status(Code::kFailedPrecondition, "TOO_MANY_REVISIONS",
                "incident '" + incident.text() +
                    "' was decided in so many revisions that a person has to look")
      .WithMetadata("incidentId", incident.text());
}

PendingDecision Prepare(const CaseKeys& keys, const CaseFile& file, Decision decision,
                        std::optional<ShelvedCode> pool_code, std::string held_by) {
  PendingDecision pending;
  pending.pool_code = std::move(pool_code);
  pending.held_by = std::move(held_by);
  pending.is_release = file.held.has_value();
  pending.key = file.first && !IsHead(file) ? keys.later : keys.first;
  pending.stored.decision = std::move(decision);
  const Decision& made = pending.stored.decision;
  if (made.voucher) {
    pending.stored.voucher_key = keys.voucher.hash;
    StoredVoucher voucher;
    static_cast<VoucherLife&>(voucher) = NewVoucherLife(*made.voucher);
    voucher.incident = pending.key.hash;
    voucher.secret_id = keys.code.secret_id;
    voucher.revision = made.incident.revision;
    voucher.long_code = NeedsLongCode(*made.voucher);
    if (pending.pool_code) {
      voucher.pool_code = pending.pool_code->sealed;
    }
    pending.voucher = std::move(voucher);
  }
  if (IsHead(file)) {  // how the case went on stays
    pending.stored.later = file.first->later;
    pending.stored.given = GivenWith(file.first->given, made);
  } else if (file.first) {
    pending.stored.first_key = keys.first.hash;
    pending.first = Extended(*file.first, pending.stored);
  } else {
    pending.stored.given = GivenWith(std::nullopt, made);
  }
  return pending;
}

ports::Transaction RecordingTransaction(const Dependencies& dependencies, const CaseKeys& keys,
                                        const CaseFile& file, const PendingDecision& pending) {
  const RecordCodec& codec = dependencies.codec;
  const Decision& decision = pending.stored.decision;
  ports::Transaction transaction;
  transaction.partition = pending.key.partition;
  transaction.checks.emplace_back(ports::CheckVersion{keys.first, file.first_version});
  const auto put = [&transaction, &codec](const ports::Key& key, const auto& record) {
    transaction.writes.emplace_back(ports::Put{key, codec.Encode(key, record), std::nullopt});
  };
  put(pending.key, pending.stored);
  if (pending.first) {
    put(keys.first, *pending.first);
  }
  ports::Key index = keys.profile;
  index.kind = ports::RecordKind::kDecisionIndex;
  transaction.writes.emplace_back(ports::IndexPut{
      index, {MemberOf(pending.key.hash), ToMillis(decision.incident.occurred_at)}});
  AddDecisionEvents(dependencies, keys, pending, transaction);
  if (file.held) {
    RemoveFromHeld(dependencies.keys, pending.key, file.held->decision, transaction);
  }
  if (!pending.held_by.empty()) {
    AddToHeld(dependencies.keys, pending.held_by, pending.key, decision, transaction);
    transaction.not_after = decision.decided_at + kSpendWithin;  // breaker_drip.h relies on it
  }
  if (!Gives(pending.stored)) {
    return transaction;
  }
  transaction.checks.emplace_back(ports::CheckVersion{keys.history, file.history_version});
  const auto policies = dependencies.policies.Current();
  const Duration reach = policies->longest_window() + dependencies.intake.max_age;
  put(keys.history, engine::WithDecision(file.history, decision, reach, decision.decided_at));
  if (pending.voucher) {
    transaction.checks.emplace_back(ports::CheckVersion{keys.voucher, 0});
    put(keys.voucher, *pending.voucher);
    ScheduleExpiry(dependencies.keys, keys.voucher, *decision.voucher, *pending.voucher,
                   transaction);
    AddIssueToLiability(dependencies.keys, decision.voucher->amount.currency(),
                        decision.voucher->amount.minor_units(), transaction);
    if (pending.pool_code) {
      TakeFromShelf({dependencies.store, dependencies.keys, codec}, *pending.pool_code,
                    transaction);
    }
  } else {
    put(dependencies.keys.Apology(transaction.partition, pending.key.hash), StoredApology{});
  }
  if (decision.delivery) {
    AddDelivery(dependencies, pending, keys, transaction);
  }
  transaction.not_after = decision.decided_at + kSpendWithin;
  return transaction;
}

}  // namespace kulanz::app
