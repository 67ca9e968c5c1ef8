#include "tests/simulation/simulator/clients.h"

#include <algorithm>
#include <vector>

namespace kulanz::simulation {
namespace {

// A client that is told that the customer is unknown, or that the incident is, tries again so often.
constexpr std::size_t kNotYetMax = 30;

bool IsNotYet(const Status& status) {
  return status.reason() == "UNKNOWN_CUSTOMER" || status.reason() == "DECISION_NOT_FOUND";
}

std::string Outcome(const Attempt& attempt) {
  if (attempt.connection_lost) {
    return "no answer";
  }
  return attempt.status.ok() ? "ok" : std::string(attempt.status.reason());
}

std::string Describe(const SeenDecision& seen) {
  std::string text = std::string(OutcomeName(seen.decision.outcome)) + " " + seen.decision.reason;
  text += seen.amount() > 0 ? " " + std::to_string(seen.amount()) : "";
  text += seen.code.empty() ? "" : " code " + seen.code;
  text += seen.withdrawn ? " withdrawn" : "";
  return text + (seen.replayed ? " (replayed)" : "");
}

}  // namespace

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

template <typename T>
Task<Clients::Told<T>> Clients::Ask(Call<T> call) {
  SimWorld& world = cluster_.world();
  SimServer& server = cluster_.Any();
  const int stops = server.stops();
  const bool stood_still = server.process().stopped();
  Told<T> told;
  told.attempt.asked = world.now();
  auto value = std::make_shared<std::optional<Result<T>>>();
  auto start = [&](auto resume) {
    const std::uint64_t wait =
        process_.Expect([value, resume](bool) { resume(std::exchange(*value, std::nullopt)); });
    const auto answered = [this, &server, value, wait](Result<T> result) {
      --server.calls_under_way;
      if (!server.process().dead()) {
        value->emplace(std::move(result));
      }
      process_.Arrive(wait);
    };
    ++server.calls_under_way;
    const std::uint64_t arrival = server.process().Expect([=, this, &server](bool died) {
      if (died) {
        process_.Arrive(wait);
      } else {
        SpawnThen(call(server, server.process().Now() + kDeadline), answered);
      }
    });
    world.After(Duration{world.random().Between(0, 3)},
                [&server, arrival] { server.process().Arrive(arrival); });
    world.After(kPatience, [this, wait] { process_.Arrive(wait); });
  };
  auto answer = Complete<std::optional<Result<T>>>(start);
  std::optional<Result<T>> result = co_await answer;
  told.attempt.answered = world.now();
  const bool late = !result && !server.process().dead() && !stood_still && server.stops() == stops;
  if (late && !process_.dead()) {
    journal_.unanswered = server.name() + " gave no answer within its deadline";
  }
  if (!result || world.random().Chance(plan_.connections_lost)) {
    told.attempt.connection_lost = true;
  } else {
    told.attempt.status = result->status();
    if (result->ok()) {
      told.value = **std::move(result);
    }
  }
  co_return told;
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

template <typename T>
Task<std::optional<T>> Clients::AskOn(Call<T> call, std::string what) {
  for (bool again = true; again;) {
    Told<T> told = co_await Ask<T>(call);
    if (!told.attempt.IsUnknown()) {
      cluster_.trace().Note(what + " -> " + Outcome(told.attempt));
      co_return std::move(told.value);
    }
    again = co_await TriesAgain(told.attempt, 1, 0);
  }
  co_return std::nullopt;
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
        Learn(log.seen.back().code, log.facts);
      }
    } else {
      cluster_.trace().Note(what + Outcome(told.attempt));
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
    cluster_.trace().Note("withdraw " + id.text() + " -> " + Outcome(told.attempt));
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

// ---- Vouchers -------------------------------------------------------------------------------------

void Clients::Learn(const std::string& code, const Facts& facts) {
  if (shops_open_ && learned_.insert(code).second &&
      cluster_.world().random().Chance(plan_.redeemed)) {
    GoShopping(code, facts);
  }
}

// One purchase, and sometimes what else may be tried with the same voucher.
void Clients::GoShopping(const std::string& code, const Facts& facts) {
  Random& random = cluster_.world().random();
  RedemptionLog first;
  first.code = code;
  first.id = "R-" + std::to_string(journal_.redemptions.size());
  first.order = "S-" + std::to_string(journal_.redemptions.size());
  first.customer = CustomerName(facts.customer);
  first.order_total = random.Chance(100) ? kMinimumOrder - 1 : kMinimumOrder + random.Below(3'000);
  std::vector<RedemptionLog> attempts = {first};
  if (random.Chance(250)) {  // the same click twice
    attempts.push_back(first);
  }
  if (random.Chance(250)) {  // another checkout, at once
    attempts.push_back(first);
    attempts.back().id += "-other";
    attempts.back().order += "-other";
    attempts.back().order_total = kMinimumOrder;
  }
  if (random.Chance(100)) {  // a shop that numbers its redemptions twice
    attempts.push_back(first);
    attempts.back().order += "-conflict";
  }
  if (random.Chance(100)) {  // somebody who found the code
    attempts.push_back(first);
    attempts.back().id += "-finder";
    attempts.back().order += "-finder";
    attempts.back().customer = CustomerName(facts.customer + 1);
  }
  const Duration about{random.Below(800)};
  for (RedemptionLog& attempt : attempts) {
    ++open_;
    const int attempts_max = random.Chance(150) ? 1 : 0;
    cluster_.world().After(about + Duration{random.Below(30)}, [this, attempt, attempts_max] {
      journal_.redemptions.push_back(attempt);
      SpawnThen(Redeem(journal_.redemptions.back(), attempts_max), [this] { --open_; });
    });
  }
}

Task<void> Clients::Redeem(RedemptionLog& log, int attempts_max) {
  const Currency eur = *Currency::FromCode("EUR");
  const app::RedeemRequest request{log.code, CustomerId(log.customer), RedemptionId(log.id),
                                   OrderId(log.order),
                                   *Money::FromMinorUnits(log.order_total, eur)};
  const Call<app::RedeemedVoucher> call = [request](SimServer& server, Deadline deadline) {
    return server.vouchers().Redeem(request, deadline);
  };
  const std::string what =
      "redeem " + log.code + " as " + log.id + " for " + log.order + " by " + log.customer + " -> ";
  for (bool again = true; again;) {
    auto told = co_await Ask<app::RedeemedVoucher>(call);
    log.attempts.push_back(told.attempt);
    if (told.value) {
      const app::RedeemedVoucher& redeemed = *told.value;
      log.successes.push_back(
          {log.attempts.size() - 1, redeemed.redemption.amount.minor_units(), redeemed.replayed});
    }
    cluster_.trace().Note(what + Outcome(told.attempt) +
                          (told.value && told.value->replayed ? " (replayed)" : ""));
    again = co_await TriesAgain(told.attempt, log.attempts.size(), attempts_max);
  }
}

Task<void> Clients::Look(std::string code) {
  const Call<Voucher> call = [code](SimServer& server, Deadline deadline) {
    return server.vouchers().Get(code, deadline);
  };
  auto voucher = co_await AskOn<Voucher>(call, "look at " + code);
  if (voucher) {
    cluster_.trace().Note(code + " is " + std::string(VoucherStateName(voucher->state)) +
                          ", letter " + std::string(DeliveryStateName(voucher->delivery.state)));
    journal_.vouchers.insert_or_assign(code, *std::move(voucher));
  }
}

}  // namespace kulanz::simulation
