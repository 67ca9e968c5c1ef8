#include "service/app/incidents.h"

#include <utility>
#include <variant>

#include "service/app/case_file.h"
#include "service/app/claim.h"
#include "service/app/contention.h"
#include "service/app/decide_case.h"
#include "service/app/grant.h"
#include "service/app/incident_answer.h"
#include "service/app/keys.h"
#include "service/app/policy_holder.h"
#include "service/app/store_time.h"
#include "service/ports/scheduler.h"
#include "service/ports/telemetry.h"

namespace kulanz::app {
namespace {

Status UnknownCustomer(const CustomerId& customer) {
  return Status(Code::kFailedPrecondition, "UNKNOWN_CUSTOMER",
                "customer '" + customer.text() +
                    "' is not known; import the customer and report the incident again")
      .WithMetadata("customerId", customer.text());
}

Status CheckIntake(const IntakeWindow& intake, const Incident& incident, Instant now) {
  if (incident.occurred_at < now - intake.max_age) {
    return Status(Code::kFailedPrecondition, "INCIDENT_TOO_OLD",
                  "the incident occurred at " + FormatInstant(incident.occurred_at) +
                      ", before the oldest accepted " + FormatInstant(now - intake.max_age));
  }
  if (incident.occurred_at > now + intake.max_ahead) {
    return Status(Code::kFailedPrecondition, "INCIDENT_IN_FUTURE",
                  "the incident occurred at " + FormatInstant(incident.occurred_at) +
                      ", which is in the future; now is " + FormatInstant(now));
  }
  return Status::Ok();
}

// What every report and evaluation starts from.
Result<Admission> Admit(const Dependencies& dependencies, const Incident& incident,
                        Violations violations) {
  std::shared_ptr<const policy::PolicySet> policies = dependencies.policies.Current();
  if (policies == nullptr) {
    return Status(Code::kUnavailable, "POLICIES_NOT_LOADED", "no policy set is active yet")
        .WithRetryAfter(std::chrono::seconds{1});
  }
  policy::ValidateIncident(*policies, incident, violations);
  if (!violations.empty()) {
    return Status::Invalid(std::move(violations));
  }
  const Result<Instant> now = StoreTime(dependencies.store);
  if (!now.ok()) {
    return now.status();
  }
  return Admission{std::move(policies), *now};
}

// The recorded answer. The usual one needs nothing more than what was read already. `confirmation` gets a
// check of every record that says which voucher is the answer.
Task<Result<DecidedIncident>> ReadAnswer(const Dependencies& dependencies, const CaseKeys& keys,
                                         CaseFile& file, std::uint32_t revision,
                                         ports::Transaction& confirmation, Deadline deadline) {
  confirmation.partition = keys.first.partition;
  confirmation.checks.emplace_back(ports::CheckVersion{keys.first, file.first_version});
  StoredDecision stored = *std::move(file.first);
  DecidedIncident decided;
  if (stored.decision.incident.revision != revision) {
    std::vector<ports::Key> wanted = {keys.later};
    const auto records = co_await dependencies.store.Read(std::move(wanted), deadline);
    if (!records.ok()) {
      co_return records.status();
    }
    auto later = dependencies.codec.DecodeDecision(keys.later, records->front().value);
    if (!later.ok()) {
      co_return later.status();
    }
    confirmation.checks.emplace_back(ports::CheckVersion{keys.later, records->front().version});
    stored = *std::move(later);
  } else if (stored.decision.outcome != Outcome::kApologised &&
             (!stored.voucher_key || (file.voucher && *stored.voucher_key == keys.voucher.hash))) {
    if (stored.voucher_key) {
      auto code = CodeIn(dependencies, keys, *file.voucher, stored.decision);
      if (!code.ok()) {
        co_return code.status();
      }
      decided.code = *std::move(code);
      decided.voucher = Join(*file.voucher, stored.decision, keys.voucher);
    }
    decided.withdrawn = std::move(stored.withdrawn);
    decided.decision = std::move(stored.decision);
    decided.replayed = true;
    co_return decided;
  }
  auto read = co_await ReadDecided(dependencies, keys.first.partition, std::move(stored), deadline);
  if (read.ok()) {
    read->replayed = true;
  }
  co_return read;
}

// The answer to a repetition. The store confirms what it stands on, so that it is as durable as the first,
// and no code that was replaced while it was read.
Task<Result<DecidedIncident>> Replay(const Dependencies& dependencies, const CaseKeys& keys,
                                     CaseFile file, std::uint32_t revision, Deadline deadline) {
  dependencies.telemetry.DecisionReplayed();
  do {
    ports::Transaction confirmation;
    auto answer = co_await ReadAnswer(dependencies, keys, file, revision, confirmation, deadline);
    if (!answer.ok()) {
      co_return answer;
    }
    const auto outcome = co_await dependencies.store.Commit(std::move(confirmation), deadline);
    if (!outcome.ok()) {
      co_return outcome.status();
    }
    if (std::holds_alternative<ports::Committed>(*outcome)) {
      co_return answer;
    }
    auto fresh = co_await ReadCase(dependencies, keys, deadline);
    if (!fresh.ok()) {
      co_return fresh.status();
    }
    file = *std::move(fresh);
  } while (dependencies.scheduler.Now() < deadline && file.first);
  co_return Contention("the incident was changed by others at once");
}

// Whether this revision, which was not decided yet, still can be.
Status CheckOpen(const CaseFile& file, const Incident& incident) {
  if (!file.customer) {
    return UnknownCustomer(incident.customer);
  }
  if (!file.first) {
    return Status::Ok();
  }
  if (file.first->withdrawn) {
    return Status(Code::kFailedPrecondition, "INCIDENT_WITHDRAWN",
                  "incident '" + incident.id.text() + "' was withdrawn; report a new incident")
        .WithMetadata("incidentId", incident.id.text());
  }
  return CheckRoomForRevision(*file.first, incident.id);
}

// Decides until it is recorded, here or by somebody else.
Task<Result<DecidedIncident>> DecideAndRecord(const Dependencies& dependencies, Admission admission,
                                              Incident incident, CaseKeys keys, CaseFile file,
                                              Deadline deadline) {
  Shortages shortages;
  while (!file.first || !HasDecided(*file.first, incident.revision)) {
    if (Status status = CheckOpen(file, incident); !status.ok()) {
      co_return status;
    }
    auto attempt =
        co_await DecideOnce(dependencies, admission, incident, keys, file, shortages, deadline);
    if (!attempt.ok()) {
      co_return attempt.status();
    }
    if (auto* decided = std::get_if<DecidedIncident>(&*attempt)) {
      co_return std::move(*decided);
    }
  }
  co_return co_await Replay(dependencies, keys, std::move(file), incident.revision, deadline);
}

}  // namespace

Incidents::Incidents(const Dependencies& dependencies) : dependencies_(dependencies) {}

Task<Result<DecidedIncident>> Incidents::Report(Incident incident, Violations violations,
                                                Deadline deadline) {
  auto admission = Admit(dependencies_, incident, std::move(violations));
  if (!admission.ok()) {
    co_return admission.status();
  }
  if (Status status = CheckIntake(dependencies_.intake, incident, admission->now); !status.ok()) {
    co_return status;
  }
  const auto keys = CaseKeys::Of(dependencies_, incident);
  if (!keys.ok()) {
    co_return keys.status();
  }
  auto [claimed, file] = co_await WhenAll(ClaimIncident(dependencies_, incident, deadline),
                                          ReadCase(dependencies_, *keys, deadline));
  if (!claimed.ok()) {
    co_return claimed;
  }
  if (!file.ok()) {
    co_return file.status();
  }
  co_return co_await DecideAndRecord(dependencies_, *std::move(admission), std::move(incident),
                                     *keys, *std::move(file), deadline);
}

Task<Result<EvaluatedIncident>> Incidents::Evaluate(Incident incident, Violations violations,
                                                    Deadline deadline) {
  const auto admission = Admit(dependencies_, incident, std::move(violations));
  if (!admission.ok()) {
    co_return admission.status();
  }
  const auto keys = CaseKeys::Of(dependencies_, incident);
  if (!keys.ok()) {
    co_return keys.status();
  }
  const auto file = co_await ReadCase(dependencies_, *keys, deadline);
  if (!file.ok()) {
    co_return file.status();
  }
  EvaluatedIncident evaluated;
  evaluated.already_decided = file->first && HasDecided(*file->first, incident.revision);
  if (Status status = CheckOpen(*file, incident);
      !status.ok() && !(file->customer && evaluated.already_decided)) {
    co_return status;
  }
  const Shortages shortages;
  const engine::Facts facts = FactsOf(incident, *file, shortages, admission->now);
  engine::Verdict verdict =
      engine::DecideAndExplain(*admission->policies, facts, evaluated.explanation);
  evaluated.decision = std::move(verdict.decision);
  evaluated.policies = admission->policies;
  co_return evaluated;
}

}  // namespace kulanz::app
