// Incidents: the use-cases around one incident: report it, try it out, read what was decided.
//
// Report is the main flow of the service (ARCHITECTURE.md, "life of a request"): validate, claim the
// incident id, decide purely, commit atomically. It is safe to repeat for ever with the identical
// request; every repetition gets the first answer with `replayed` set, and the same voucher code.
//
// Thread-safety: any method from any thread, any number at once. Tasks resume on the store's threads.
// All dependencies must outlive every task.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "service/app/dependencies.h"
#include "service/base/result.h"
#include "service/base/task.h"
#include "service/domain/decision.h"
#include "service/domain/voucher.h"
#include "service/domain/voucher_code.h"
#include "service/engine/decide.h"

namespace kulanz::app {

// The recorded answer, with the voucher as it is now.
struct DecidedIncident {
  Decision decision;
  bool replayed = false;            // it had been decided before
  std::optional<VoucherCode> code;  // granted only
  std::optional<Voucher> voucher;   // granted only
};

struct EvaluatedIncident {
  Decision decision;  // what Report would record now; nothing is stored
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

  // NOT_FOUND / DECISION_NOT_FOUND.
  Task<Result<DecidedIncident>> Get(IncidentId incident, Deadline deadline);

  // Decisions of a customer by the incident's time, newest first. `page_size` 0: the default; above
  // the maximum: the maximum. INVALID_ARGUMENT / INVALID_PAGE_TOKEN for a token that is not ours or
  // belongs to another customer.
  Task<Result<DecisionPage>> List(CustomerId customer, std::uint32_t page_size,
                                  std::string page_token, Deadline deadline);

 private:
  const Dependencies& dependencies_;
};

}  // namespace kulanz::app
