#include "service/app/decide_case.h"

#include <utility>

#include "service/app/breaker_watch.h"
#include "service/app/contention.h"
#include "service/app/event_outbox.h"
#include "service/app/held_cases.h"
#include "service/app/incident_answer.h"
#include "service/base/check.h"
#include "service/engine/decide.h"
#include "service/ports/scheduler.h"

namespace kulanz::app {
namespace {

// Takes the fresh records of a lost race into the case file.
Status Refresh(const Dependencies& dependencies, const CaseKeys& keys, std::uint32_t revision,
               const ports::Conflict& conflict, CaseFile& file) {
  KULANZ_CHECK(!conflict.records.empty(), "the decision's version is always checked");
  if (conflict.records[0].exists()) {
    KULANZ_ASSIGN_OR_RETURN(
        file.first, dependencies.codec.DecodeDecision(keys.first, conflict.records[0].value));
  }
  file.first_version = conflict.records[0].version;
  if (conflict.records.size() < 2) {
    return Status::Ok();
  }
  const bool decided = file.first && HasDecided(*file.first, revision);
  if (!decided && conflict.records.size() > 2 && conflict.records[2].exists()) {
    return Status(Code::kInternal, "CODE_COLLISION",
                  "another incident of this partition has the same voucher code");
  }
  KULANZ_ASSIGN_OR_RETURN(
      file.history, dependencies.codec.DecodeHistory(keys.history, conflict.records[1].value));
  file.history_version = conflict.records[1].version;
  return Status::Ok();
}

// A gesture that breakers have counted, until it is known whether it is given.
class CountedOnce {
 public:
  CountedOnce(BreakerWatch& watch, const policy::PolicySet& policies, CountedGesture gesture)
      : watch_(watch), policies_(policies), gesture_(std::move(gesture)) {}
  ~CountedOnce() {
    if (!given_) {
      watch_.TakeBack(policies_, gesture_);
    }
  }
  CountedOnce(const CountedOnce&) = delete;
  CountedOnce& operator=(const CountedOnce&) = delete;
  void Given() { given_ = true; }

 private:
  BreakerWatch& watch_;
  const policy::PolicySet& policies_;
  const CountedGesture gesture_;
  bool given_ = false;
};

// Whether breakers count the decision on this case. What one of them held passes them when it is released.
bool IsCounted(const Dependencies& dependencies, const policy::PolicySet& policies,
               const CaseFile& file, const Decision& decision) {
  return dependencies.breakers != nullptr && !policies.breakers().empty() && !file.held &&
         (decision.outcome == Outcome::kGranted || decision.outcome == Outcome::kApologised);
}

CountedGesture GestureOf(const Decision& decision) {
  CountedGesture gesture{decision.incident.type, decision.policy, std::nullopt};
  if (decision.voucher) {
    gesture.amount = decision.voucher->amount;
  }
  return gesture;
}

// What a verdict needs to be recorded; nothing: there is not enough, which `shortages` says now.
Task<Result<std::optional<Means>>> TakeMeans(const Dependencies& dependencies,
                                             const engine::Verdict& verdict,
                                             ports::PartitionId partition, Shortages& shortages,
                                             Deadline deadline) {
  Means means;
  if (verdict.decision.voucher && !verdict.decision.voucher->pool.empty()) {
    const std::string& pool = verdict.decision.voucher->pool;
    auto answer = co_await TakeCode(dependencies, pool, partition, deadline);
    if (!answer.ok()) {
      co_return answer.status();
    }
    if (std::holds_alternative<PoolEmpty>(*answer)) {
      shortages.empty_pools.push_back(pool);
      co_return std::optional<Means>();
    }
    means.pool_code = std::get<ShelvedCode>(std::move(*answer));
  }
  if (verdict.budget) {
    const Money amount = verdict.decision.voucher->amount;
    auto answer = co_await dependencies.budgets.Take(*verdict.budget, amount, deadline);
    if (!answer.ok()) {
      co_return answer.status();
    }
    if (std::holds_alternative<BudgetExhausted>(*answer)) {
      shortages.exhausted.push_back({*verdict.budget, amount});
      co_return std::optional<Means>();
    }
    means.hold = std::move(std::get<std::unique_ptr<BudgetHold>>(*answer));
  }
  co_return std::optional<Means>(std::move(means));
}

}  // namespace

engine::Facts FactsOf(const Incident& incident, const CaseFile& file, const Shortages& shortages,
                      Instant now) {
  return {.incident = incident,
          .customer = *file.customer,
          .history = file.history,
          .exhausted = shortages.exhausted,
          .now = now,
          .given_before = file.first ? file.first->given : std::nullopt,
          .empty_pools = shortages.empty_pools};
}

Task<Result<Attempt>> RecordDecision(const Dependencies& dependencies, const CaseKeys& read_keys,
                                     CaseFile& file, Decision decision, Means means,
                                     Deadline deadline) {
  std::unique_ptr<BudgetHold> hold = std::move(means.hold);
  const std::uint32_t revision = decision.incident.revision;
  const auto coded = read_keys.For(dependencies, decision);
  if (!coded.ok()) {
    if (hold != nullptr) {
      hold->Released();
    }
    co_return coded.status();
  }
  const CaseKeys& keys = *coded;
  PendingDecision pending = Prepare(keys, file, std::move(decision), std::move(means.pool_code),
                                    std::move(means.held_by));
  std::optional<IssuedCode> code;
  if (pending.voucher) {  // before it is given: what cannot be told must not be given
    auto told = CodeIn(dependencies, keys, *pending.voucher, pending.stored.decision);
    if (!told.ok()) {
      if (hold != nullptr) {
        hold->Released();
      }
      co_return told.status();
    }
    code = *std::move(told);
  }
  ports::Transaction transaction = RecordingTransaction(dependencies, keys, file, pending);
  if (hold != nullptr) {
    hold->SpendIn(transaction);
  }
  const bool has_events = WritesEvents(transaction);
  auto outcome = co_await dependencies.store.Commit(std::move(transaction), deadline);
  if (!outcome.ok()) {
    const Status status = outcome.status();
    if (hold != nullptr) {
      const bool uncertain =
          status.reason() == "STORE_UNCERTAIN" || status.code() == Code::kInternal;
      uncertain ? hold->Unknown() : hold->Released();
    }
    co_return status;
  }
  if (const auto* conflict = std::get_if<ports::Conflict>(&*outcome)) {
    if (hold != nullptr) {
      conflict->fenced ? hold->Fenced() : hold->Released();
    }
    if (conflict->too_late) {
      co_return Status(Code::kUnavailable, "REQUEST_DELAYED",
                       "the report was under way for more than a minute; repeat it")
          .WithRetryAfter(kRaceRetryAfter);
    }
    if (Status status = Refresh(dependencies, keys, revision, *conflict, file); !status.ok()) {
      co_return status;
    }
    co_return Attempt(RaceLost{});
  }
  if (hold != nullptr) {
    hold->Committed();
  }
  DecidedIncident decided;
  if (pending.voucher) {
    decided.code = std::move(code);
    decided.voucher = Join(*pending.voucher, pending.stored.decision, keys.voucher);
  } else if (pending.stored.decision.outcome == Outcome::kApologised) {
    decided.letter = DeliveryProgress{};
    decided.letter->updated_at = pending.stored.decision.decided_at;
  }
  decided.decision = std::move(pending.stored.decision);
  Announce(dependencies, decided);
  if (has_events) {
    HintAtEvents(dependencies, pending.key.partition);
  }
  co_return Attempt(std::move(decided));
}

Task<Result<Attempt>> DecideOnce(const Dependencies& dependencies, const Admission& admission,
                                 const Incident& incident, const CaseKeys& keys, CaseFile& file,
                                 Shortages& shortages, Deadline deadline) {
  for (;;) {
    if (dependencies.scheduler.Now() >= deadline) {
      co_return Contention("other incidents of this customer were decided first, again and again");
    }
    engine::Verdict verdict =
        engine::Decide(*admission.policies, FactsOf(incident, file, shortages, admission.now));
    std::optional<CountedOnce> counted;
    std::string held_by;
    if (IsCounted(dependencies, *admission.policies, file, verdict.decision)) {
      CountedGesture gesture = GestureOf(verdict.decision);
      auto held = co_await dependencies.breakers->Admit(admission.policies, gesture, deadline);
      if (!held.ok()) {
        co_return held.status();
      }
      held_by = *std::move(held);
      if (held_by.empty()) {
        counted.emplace(*dependencies.breakers, *admission.policies, std::move(gesture));
      } else {
        TurnIntoHeld(verdict.decision);
        verdict.budget.reset();
      }
    }
    auto means =
        co_await TakeMeans(dependencies, verdict, keys.first.partition, shortages, deadline);
    if (!means.ok()) {
      co_return means.status();
    }
    if (!*means) {
      continue;
    }
    (*means)->held_by = std::move(held_by);
    auto attempt = co_await RecordDecision(dependencies, keys, file, std::move(verdict.decision),
                                           std::move(**means), deadline);
    const bool may_be_given = attempt.ok() ? std::holds_alternative<DecidedIncident>(*attempt)
                                           : attempt.status().reason() == "STORE_UNCERTAIN";
    if (counted && may_be_given) {
      counted->Given();
    }
    co_return attempt;
  }
}

}  // namespace kulanz::app
