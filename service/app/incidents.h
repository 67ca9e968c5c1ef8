// Incidents: the use-cases around one incident: report it, try it out, read what was decided.
//
// Report is the main flow of the service (ARCHITECTURE.md, "life of a request"): validate, claim the
// incident id, decide purely, commit atomically. It is safe to repeat for ever with the identical
// request; every repetition gets the first answer with `replayed` set, and the same voucher code.
//
// An incident that grew is reported again with another `revision`: that is decided anew, with what the
// others gave in hand, so that only the difference is given. Every revision is decided once, in whatever
// order they arrive, and is repeated like any other report.
//
// Thread-safety: any method from any thread, any number at once. Tasks resume on the store's threads.
// All dependencies must outlive every task.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "service/app/decided_incident.h"
#include "service/app/dependencies.h"
#include "service/base/result.h"
#include "service/base/task.h"
#include "service/domain/decision.h"
#include "service/domain/voucher.h"
#include "service/domain/voucher_code.h"
#include "service/engine/decide.h"

namespace kulanz::app {

struct EvaluatedIncident {
  Decision decision;  // what Report would record now; nothing is stored
  std::shared_ptr<const policy::PolicySet>
      policies;  // that decided; the explanation points into it
  engine::Explanation explanation;
  bool already_decided = false;  // a recorded decision exists; it would be answered instead
};

struct DecisionPage {
  std::vector<DecidedIncident> decisions;  // newest incident first
  std::string next_page_token;             // empty: no more
};

inline constexpr std::uint32_t kDecisionPageDefault = 20;
inline constexpr std::uint32_t kDecisionPageMax = 50;

class Incidents {
 public:
  explicit Incidents(const Dependencies& dependencies);

  // `violations` are those that the caller found while reading the request; the ones against the
  // policy set's declarations are added, and if there are any, nothing is stored.
  //   INVALID_ARGUMENT / INVALID_REQUEST         all violations by field path; no effect.
  //   ALREADY_EXISTS / INCIDENT_CONFLICT         the id is claimed with other facts; metadata "fields"
  //                                              names them, comma-separated; no effect.
  //   FAILED_PRECONDITION / UNKNOWN_CUSTOMER     report again once the customer exists; not recorded.
  //   FAILED_PRECONDITION / INCIDENT_TOO_OLD, INCIDENT_IN_FUTURE   outside the intake window.
  //   FAILED_PRECONDITION / INCIDENT_WITHDRAWN   a revision that was not decided before the withdrawal.
  //   FAILED_PRECONDITION / TOO_MANY_REVISIONS   of this incident were decided (app/grant.h).
  //   UNAVAILABLE / BUDGET_UNSETTLED             money is held by others for the moment; repeat.
  //   UNAVAILABLE / POLICIES_NOT_LOADED
  //   UNAVAILABLE / CONTENTION, REQUEST_DELAYED  lost to others, or held up; repeat.
  //   DATA_LOSS / RECORD_CORRUPT                 a stored record fails its MAC; never a decision.
  //   and every failure of the store.
  Task<Result<DecidedIncident>> Report(Incident incident, Violations violations, Deadline deadline);

  // The same decision without any effect. INVALID_ARGUMENT and UNKNOWN_CUSTOMER as above; the intake
  // window and claims of the id do not matter, and budgets count as full.
  Task<Result<EvaluatedIncident>> Evaluate(Incident incident, Violations violations,
                                           Deadline deadline);

  // The decision on that revision; without one, on the highest that was decided.
  // NOT_FOUND / DECISION_NOT_FOUND.
  Task<Result<DecidedIncident>> Get(IncidentId incident, std::optional<std::uint32_t> revision,
                                    Deadline deadline);

  // Takes back an incident that turned out not to be one: its unused vouchers are revoked, letters that
  // were not sent yet are cancelled, and limits no longer count it. A used voucher stays. Money does not
  // go back to its budget. Idempotent: the first `reason` stays, and `replayed` is set. Gives the latest
  // decision.
  //   NOT_FOUND / DECISION_NOT_FOUND       only what was answered can be withdrawn.
  //   UNAVAILABLE / CONTENTION             lost to others again and again; repeat.
  //   DATA_LOSS / RECORD_CORRUPT, and every failure of the store.
  Task<Result<DecidedIncident>> Withdraw(IncidentId incident, std::string reason,
                                         Deadline deadline);

  // Decisions of a customer by the incident's time, newest first; each revision's by itself. `page_size` 0: the default; above
  // the maximum: the maximum. INVALID_ARGUMENT / INVALID_PAGE_TOKEN for a token that is not ours or
  // belongs to another customer.
  Task<Result<DecisionPage>> List(CustomerId customer, std::uint32_t page_size,
                                  std::string page_token, Deadline deadline);

 private:
  const Dependencies& dependencies_;
};

}  // namespace kulanz::app
