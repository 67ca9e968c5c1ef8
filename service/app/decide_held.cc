#include "service/app/decide_held.h"

#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "service/app/case_file.h"
#include "service/app/contention.h"
#include "service/app/decide_case.h"
#include "service/app/grant.h"
#include "service/app/held_cases.h"
#include "service/app/policy_holder.h"
#include "service/ports/log.h"
#include "service/ports/scheduler.h"

namespace kulanz::app {
namespace {

// Takes the entry off its list, and nothing else.
Task<HeldEnd> Drop(const Dependencies& dependencies, ports::Key list, ports::IndexEntry entry,
                   HeldEnd end, Deadline deadline) {
  ports::Transaction transaction;
  transaction.partition = list.partition;
  transaction.writes.emplace_back(ports::IndexRemove{list, std::move(entry.member)});
  const auto outcome = co_await dependencies.store.Commit(std::move(transaction), deadline);
  co_return outcome.ok() ? end : HeldEnd::kFailed;
}

void TellLeft(const Dependencies& dependencies, const ports::Key& key, std::string_view incident,
              std::string_view why) {
  dependencies.log.Warning("breaker_case_left",
                           "a case that a breaker held stays in review for a person",
                           {{"decision", VoucherIdOf(key)},
                            {"incident", std::string(incident)},
                            {"reason", std::string(why)}});
}

// The case with its held decision.
struct HeldFile {
  Incident incident;
  CaseKeys keys;
  CaseFile file;
};
using HeldRead = std::variant<HeldFile, HeldEnd>;  // or why there is nothing to decide

HeldRead EndOf(const Dependencies& dependencies, const ports::Key& key, const Status& status) {
  const bool for_good = status.code() == Code::kDataLoss || status.code() == Code::kInternal;
  if (for_good) {
    TellLeft(dependencies, key, "", status.reason());
  }
  return for_good ? HeldEnd::kLeft : HeldEnd::kFailed;
}

Task<HeldRead> ReadHeld(const Dependencies& dependencies, ports::Key key, Deadline deadline) {
  std::vector<ports::Key> wanted = {key};
  const auto records = co_await dependencies.store.Read(std::move(wanted), deadline);
  if (!records.ok()) {
    co_return HeldEnd::kFailed;
  }
  if (!records->front().exists()) {
    co_return HeldEnd::kGone;
  }
  auto stored = dependencies.codec.DecodeDecision(key, records->front().value);
  if (!stored.ok()) {
    co_return EndOf(dependencies, key, stored.status());
  }
  if (!IsHeld(stored->decision)) {
    co_return HeldEnd::kGone;
  }
  Incident incident = stored->decision.incident;
  const auto keys = CaseKeys::Of(dependencies, incident);
  if (!keys.ok()) {
    co_return EndOf(dependencies, key, keys.status());
  }
  auto file = co_await ReadCase(dependencies, *keys, deadline);
  if (!file.ok()) {
    co_return EndOf(dependencies, key, file.status());
  }
  if (!file->first || file->first->withdrawn || !file->customer) {
    co_return HeldEnd::kGone;
  }
  // The version that is checked is the head's: it must be that of what is replaced.
  if (!stored->first_key && file->first != *stored) {
    co_return HeldEnd::kFailed;
  }
  file->held = *std::move(stored);
  co_return HeldFile{std::move(incident), *keys, *std::move(file)};
}

// Why it cannot be decided any more; empty: it can.
std::string_view WhyNot(const Dependencies& dependencies, const Admission& admission,
                        const HeldFile& held) {
  Violations violations;
  policy::ValidateIncident(*admission.policies, held.incident, violations);
  if (!violations.empty()) {
    return "the policies of now do not take its attributes";
  }
  if (held.incident.occurred_at < admission.now - dependencies.intake.max_age) {
    return "it is older than reports may be";
  }
  const Status room = CheckRoomForRevision(*held.file.first, held.incident.id);
  return room.ok() ? std::string_view() : "the incident was decided in too many revisions";
}

Task<Result<Attempt>> DecideOrDismiss(const Dependencies& dependencies, const Admission& admission,
                                      HeldFile& held, bool dismiss, Shortages& shortages,
                                      Deadline deadline) {
  if (!dismiss) {
    co_return co_await DecideOnce(dependencies, admission, held.incident, held.keys, held.file,
                                  shortages, deadline);
  }
  Decision decision = held.file.held->decision;
  decision.outcome = Outcome::kDenied;
  decision.decided_at = admission.now;
  Means none;
  co_return co_await RecordDecision(dependencies, held.keys, held.file, std::move(decision),
                                    std::move(none), deadline);
}

}  // namespace

Task<HeldEnd> DecideHeld(const Dependencies& dependencies, ports::Key list, ports::IndexEntry entry,
                         bool dismiss, Deadline deadline) {
  const auto hash = DecisionOfHeld(entry.member);
  if (!hash) {
    co_return HeldEnd::kFailed;  // of a version that knows more
  }
  const ports::Key key = dependencies.keys.Decision(list.partition, *hash);
  Shortages shortages;
  for (int attempt = 0; attempt < kRaceTriesMax; ++attempt) {
    HeldRead read = co_await ReadHeld(dependencies, key, deadline);
    if (const HeldEnd* end = std::get_if<HeldEnd>(&read)) {
      if (*end == HeldEnd::kFailed) {
        co_return HeldEnd::kFailed;
      }
      co_return co_await Drop(dependencies, list, std::move(entry), *end, deadline);
    }
    HeldFile& held = std::get<HeldFile>(read);
    const auto now = dependencies.store.Now();
    const Admission admission{dependencies.policies.Current(), now.value_or(Instant{})};
    if (!now || admission.policies == nullptr) {
      co_return HeldEnd::kFailed;
    }
    std::string_view why = dismiss ? std::string_view() : WhyNot(dependencies, admission, held);
    if (!why.empty()) {
      TellLeft(dependencies, key, held.incident.id.text(), why);
      co_return co_await Drop(dependencies, list, std::move(entry), HeldEnd::kLeft, deadline);
    }
    const auto done =
        co_await DecideOrDismiss(dependencies, admission, held, dismiss, shortages, deadline);
    if (!done.ok()) {
      co_return HeldEnd::kFailed;
    }
    if (std::holds_alternative<DecidedIncident>(*done)) {
      co_return HeldEnd::kDecided;
    }
  }
  co_return HeldEnd::kFailed;
}

}  // namespace kulanz::app
