#include <algorithm>
#include <vector>

#include "tests/simulation/simulator/client_calls.h"

namespace kulanz::simulation {
namespace {

// A client that is told that the customer is unknown, or that the incident is, tries again so often.
constexpr std::size_t kNotYetMax = 30;

bool IsNotYet(const Status& status) {
  return status.reason() == "UNKNOWN_CUSTOMER" || status.reason() == "DECISION_NOT_FOUND";
}

std::string Describe(const SeenDecision& seen) {
  std::string text = std::string(OutcomeName(seen.decision.outcome)) + " " + seen.decision.reason;
  text += seen.amount() > 0 ? " " + std::to_string(seen.amount()) : "";
  text += seen.code.empty() ? "" : " code " + seen.code;
  text += seen.withdrawn ? " withdrawn" : "";
  return text + (seen.replayed ? " (replayed)" : "");
}

}  // namespace

std::string OutcomeOf(const Attempt& attempt) {
  if (attempt.connection_lost) {
    return "no answer";
  }
  return attempt.status.ok() ? "ok" : std::string(attempt.status.reason());
}

bool Attempt::HadNoEffect() const {
  switch (status.code()) {
    case Code::kInvalidArgument:
    case Code::kAlreadyExists:
    case Code::kFailedPrecondition:
    case Code::kResourceExhausted:
    case Code::kNotFound:
    case Code::kPermissionDenied:
    case Code::kUnauthenticated:
    case Code::kOutOfRange:
      return !connection_lost;
    default:
      return false;
  }
}

SeenDecision Seen(const app::DecidedIncident& decided, const Attempt& attempt) {
  SeenDecision seen;
  seen.asked = attempt.asked;
  seen.answered = attempt.answered;
  seen.decision = decided.decision;
  seen.replayed = decided.replayed;
  seen.withdrawn = decided.withdrawn.has_value();
  seen.code = decided.code ? decided.code->Reveal("") : "";
  seen.voucher = decided.voucher;
  seen.delivery = decided.voucher ? std::optional(decided.voucher->delivery) : decided.letter;
  return seen;
}

Task<bool> Clients::TriesAgain(const Attempt& last, std::size_t attempts, int attempts_max) {
  const bool not_yet = !last.IsUnknown() && IsNotYet(last.status) && attempts < kNotYetMax;
  if (process_.dead() || (!last.IsUnknown() && !not_yet) ||
      (attempts_max > 0 && attempts >= static_cast<std::size_t>(attempts_max))) {
    co_return false;
  }
  const Duration pause{cluster_.world().random().Between(5, 60)};
  co_await process_.Sleep(pause);
  co_return !process_.dead();
}

// ---- Incidents ------------------------------------------------------------------------------------

void Clients::Report(const Facts& facts, int attempts_max) {
  journal_.reports.push_back({facts, {}, {}});
  Start(Repeat(facts, journal_.reports.back(), attempts_max));
}

Task<void> Clients::Repeat(const Facts& facts, ReportLog& log, int attempts_max) {
  log.facts = facts;
  const std::string what = "report " + NameOf(facts) + " of " + CustomerName(facts.customer) +
                           " (O-" + std::to_string(facts.order) + ", " +
                           std::to_string(facts.days_ago) + " days ago, " +
                           std::to_string(facts.days_late) + " late) -> ";
  const Call<app::DecidedIncident> call = [facts](SimServer& server, Deadline deadline) {
    return server.incidents().Report(ToIncident(facts), {}, deadline);
  };
  for (bool again = true; again;) {
    auto told = co_await Ask<app::DecidedIncident>(call);
    log.attempts.push_back(told.attempt);
    if (told.value) {
      log.seen.push_back(Seen(*told.value, told.attempt));
      cluster_.trace().Note(what + Describe(log.seen.back()));
      if (!log.seen.back().code.empty()) {
        NotePoolCode(log.seen.back().code, log.seen.back().voucher->id);
        Learn(log.seen.back().code, log.facts);
      }
    } else {
      cluster_.trace().Note(what + OutcomeOf(told.attempt));
    }
    again = co_await TriesAgain(told.attempt, log.attempts.size(), attempts_max);
  }
}

void Clients::Withdraw(std::size_t incident) {
  journal_.withdrawals.push_back({incident, {}});
  Start(Withdrawal(journal_.withdrawals.back()));
}

Task<void> Clients::Withdrawal(WithdrawalLog& log) {
  const IncidentId id(IncidentName(log.incident));
  const Call<app::DecidedIncident> call = [id](SimServer& server, Deadline deadline) {
    return server.incidents().Withdraw(id, "not ours", deadline);
  };
  for (bool again = true; again;) {
    auto told = co_await Ask<app::DecidedIncident>(call);
    log.attempts.push_back(told.attempt);
    cluster_.trace().Note("withdraw " + id.text() + " -> " + OutcomeOf(told.attempt));
    again = co_await TriesAgain(told.attempt, log.attempts.size(), 0);
  }
}

Task<void> Clients::Get(Facts facts) {
  const Call<app::DecidedIncident> call = [facts](SimServer& server, Deadline deadline) {
    return server.incidents().Get(IncidentId(IncidentName(facts.incident)), facts.revision,
                                  deadline);
  };
  auto found = co_await AskOn<app::DecidedIncident>(call, "get " + NameOf(facts));
  std::optional<SeenDecision>& seen = journal_.decisions[{facts.incident, facts.revision}];
  if (found) {
    seen = Seen(*found, {});
    if (seen->voucher) {
      NotePoolCode(seen->code, seen->voucher->id);
    }
    cluster_.trace().Note(NameOf(facts) + " is " + Describe(*seen));
  }
}

Task<void> Clients::List(std::size_t customer) {
  std::vector<std::string>& listed = journal_.listed[customer];
  std::string token;
  do {
    const Call<app::DecisionPage> call = [customer, token](SimServer& server, Deadline deadline) {
      return server.incidents().List(CustomerId(CustomerName(customer)), 3, token, deadline);
    };
    auto page = co_await AskOn<app::DecisionPage>(call, "list " + CustomerName(customer));
    if (!page) {
      co_return;
    }
    for (const app::DecidedIncident& decided : page->decisions) {
      const Incident& incident = decided.decision.incident;
      listed.push_back(incident.id.text() + "/" + std::to_string(incident.revision));
    }
    token = page->next_page_token;
  } while (!token.empty());
}

// ---- Customers ------------------------------------------------------------------------------------

void Clients::Introduce(std::size_t customer) { Start(Introduction(customer)); }

Task<void> Clients::Introduction(std::size_t number) {
  Customer customer;
  customer.id = CustomerId(CustomerName(number));
  customer.email = CustomerName(number) + "@example.com";
  customer.contact_consent = number >= plan_.customers.size() || plan_.customers[number].consents;
  const Call<bool> call = [customer](SimServer& server, Deadline deadline) {
    return server.customers().Upsert(customer, {}, deadline);
  };
  co_await AskOn<bool>(call, "import " + customer.id.text());
}

void Clients::Erase(std::size_t customer) {
  journal_.erasures.push_back(cluster_.world().now());
  Start(Erasure(customer));
}

Task<void> Clients::Erasure(std::size_t number) {
  const CustomerId id(CustomerName(number));
  const Call<bool> call = [id](SimServer& server, Deadline deadline) {
    return server.customers().Erase(id, deadline);
  };
  co_await AskOn<bool>(call, "erase " + id.text());
}

}  // namespace kulanz::simulation
