#include "service/app/grant.h"

#include <utility>

#include "service/app/agenda.h"
#include "service/app/keys.h"
#include "service/app/policy_holder.h"
#include "service/engine/history.h"

namespace kulanz::app {
namespace {

// A request that was delayed for longer than this may not act on a budget lease any more: the fence that
// would stop it is kept far longer (budget_ledger.h).
constexpr Duration kSpendWithin = std::chrono::seconds{60};

}  // namespace

Instant DueTime(const Dependencies& dependencies, const Decision& decision) {
  return decision.decided_at +
         (dependencies.deliver_at_once ? Duration{0} : decision.delivery->wait);
}

PendingDecision Prepare(const CaseKeys& keys, Decision decision) {
  PendingDecision pending{{std::move(decision), std::nullopt}, std::nullopt};
  const Decision& made = pending.stored.decision;
  if (!made.voucher) {
    return pending;
  }
  pending.stored.voucher_key = keys.voucher.hash;
  StoredVoucher voucher;
  voucher.incident = keys.decision.hash;
  voucher.remaining_minor_units = made.voucher->amount.minor_units();
  voucher.secret_id = keys.code.secret_id;
  pending.voucher = std::move(voucher);
  return pending;
}

ports::Transaction RecordingTransaction(const Dependencies& dependencies, const CaseKeys& keys,
                                        const CaseFile& file, const PendingDecision& pending) {
  const RecordCodec& codec = dependencies.codec;
  const Decision& decision = pending.stored.decision;
  ports::Transaction transaction;
  transaction.partition = keys.decision.partition;
  transaction.checks.emplace_back(ports::CheckVersion{keys.decision, 0});
  transaction.writes.emplace_back(
      ports::Put{keys.decision, codec.Encode(keys.decision, pending.stored), std::nullopt});
  ports::Key index = keys.profile;
  index.kind = ports::RecordKind::kDecisionIndex;
  transaction.writes.emplace_back(ports::IndexPut{
      index, {MemberOf(keys.decision.hash), ToMillis(decision.incident.occurred_at)}});
  if (!pending.voucher) {
    return transaction;
  }
  const ports::Key& voucher = keys.voucher;
  transaction.checks.emplace_back(ports::CheckVersion{keys.history, file.history_version});
  transaction.checks.emplace_back(ports::CheckVersion{voucher, 0});
  transaction.writes.emplace_back(
      ports::Put{voucher, codec.Encode(voucher, *pending.voucher), std::nullopt});
  const auto policies = dependencies.policies.Current();
  const Duration reach = policies->longest_window() + dependencies.intake.max_age;
  const History history = engine::WithDecision(file.history, decision, reach, decision.decided_at);
  transaction.writes.emplace_back(
      ports::Put{keys.history, codec.Encode(keys.history, history), std::nullopt});
  if (decision.delivery) {
    const Instant due = DueTime(dependencies, decision);
    transaction.writes.emplace_back(ports::IndexPut{
        dependencies.keys.Agenda(voucher.partition),
        {EncodeAgendaMember({AgendaKind::kDelivery, voucher.hash}), ToMillis(due)}});
  }
  transaction.not_after = decision.decided_at + kSpendWithin;
  return transaction;
}

}  // namespace kulanz::app
