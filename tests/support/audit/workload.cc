#include "tests/support/audit/workload.h"

#include <poll.h>

#include <algorithm>
#include <set>
#include <utility>

#include "service/base/check.h"
#include "tests/support/eventually.h"

namespace kulanz::audit {
namespace {

using Clock = std::chrono::steady_clock;

// A fault ends sooner or later; the letters that it held up come after it.
constexpr std::chrono::seconds kLettersPatience{60};

const Status& StatusOf(const Status& status) { return status; }
template <typename T>
Status StatusOf(const Result<T>& result) {
  return result.status();
}

}  // namespace

std::uint64_t Chance::Next() {
  std::uint64_t z = (state_ += 0x9e3779b97f4a7c15U);
  z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
  z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
  return z ^ (z >> 31U);
}

Workload::Workload(const Options& options, std::vector<ServiceClient*> servers, Auditor& auditor)
    : options_(options),
      servers_(std::move(servers)),
      auditor_(auditor),
      first_incident_(options.first_round * kIncidentsPerRound),
      next_incident_(first_incident_) {}

Workload::~Workload() { Stop(); }

void Workload::Start() {
  stopping_.store(false);
  for (int client = 0; client < options_.clients; ++client) {
    const std::uint64_t seed = options_.seed * 1'000 + static_cast<std::uint64_t>(client);
    threads_.emplace_back([this, seed] { Client(seed); });
  }
}

void Workload::Stop() {
  stopping_.store(true);
  for (std::thread& thread : threads_) {
    thread.join();
  }
  threads_.clear();
}

void Workload::Client(std::uint64_t seed) {
  Chance chance(seed);
  while (!stopping_.load()) {
    Act(chance);
  }
}

void Workload::Act(Chance& chance) {
  const int kind = chance.Below(100);
  const int newest = next_incident_.load();
  // What others report at this moment, or have reported lately.
  const int recent = std::max(first_incident_, newest - 1 - chance.Below(30));
  if (kind < 35 && newest < kIncidentsMax - 100) {
    Report(next_incident_.fetch_add(1), chance.Percent(5), chance);
  } else if (kind < 55) {
    Report(recent, chance.Percent(10), chance);
  } else if (kind < 65) {
    Ask(recent, false, chance);
  } else {
    Redeem(chance);
  }
}

template <typename R>
R Workload::Persist(const char* what, Chance& chance,
                    const std::function<R(ServiceClient&, Deadline)>& call) {
  const auto start = Clock::now();
  for (;;) {
    ServiceClient& server =
        *servers_[static_cast<std::size_t>(chance.Below(static_cast<int>(servers_.size())))];
    R result = call(server, Clock::now() + options_.deadline);
    attempts_.fetch_add(1);
    const auto waited = std::chrono::duration_cast<Duration>(Clock::now() - start);
    const bool is_definite = !IsToBeRepeated(StatusOf(result).code());
    if (is_definite || waited > options_.patience) {
      if (!is_definite) {
        auditor_.Broken(std::string(what) + " had no answer for " + std::to_string(waited.count()) +
                        " ms: " + StatusOf(result).ToString());
      }
      operations_.fetch_add(1);
      std::int64_t longest = longest_wait_ms_.load();
      while (longest < waited.count() &&
             !longest_wait_ms_.compare_exchange_weak(longest, waited.count())) {
      }
      return result;
    }
    {
      const std::lock_guard lock(mutex_);
      ++refusals_[std::string(StatusOf(result).reason())];
    }
    const Duration asked = StatusOf(result).retry_after().value_or(Duration(20));
    const Duration pause = std::min(asked, Duration(200));
    poll(nullptr, 0, static_cast<int>(pause.count()) + chance.Below(10));
  }
}

Incident Workload::MakeIncident(int number, bool contradicts) const {
  const int round = number / kIncidentsPerRound;
  Incident incident;
  incident.id = IncidentId("I-" + std::to_string(number));
  incident.customer =
      CustomerId("C-" + std::to_string(round) + "-" + std::to_string(number % kCustomersPerRound));
  incident.type = AuditedSetup::TypeOf(round);
  incident.occurred_at = options_.occurred_at;
  incident.order = Order{OrderId("O-" + std::to_string(number)), std::nullopt, std::nullopt};
  incident.attributes = {{"cause", std::string(contradicts ? "weather" : "carrier")}};
  return incident;
}

ReportedIncident Workload::ToReport(const Incident& incident, int number, bool contradicts) {
  return {incident.id.text(), incident.customer.text(),
          "round " + std::to_string(number / kIncidentsPerRound),
          contradicts ? "weather" : "carrier"};
}

void Workload::EnsureCustomer(const CustomerId& customer, Chance& chance) {
  {
    const std::lock_guard lock(mutex_);
    if (customers_.contains(customer.text())) {
      return;
    }
  }
  Customer profile;
  profile.id = customer;
  profile.given_name = "Zoë";
  profile.email = "zoe@example.com";
  const auto upserted = Persist<Status>(
      "UpsertCustomer", chance,
      [&](ServiceClient& server, Deadline deadline) { return server.Upsert(profile, deadline); });
  if (!upserted.ok()) {
    auditor_.Broken("UpsertCustomer: " + upserted.ToString());
  }
  const std::lock_guard lock(mutex_);
  customers_.insert(customer.text());
}

void Workload::Report(int number, bool contradicts, Chance& chance) {
  const Incident incident = MakeIncident(number, contradicts);
  const ReportedIncident report = ToReport(incident, number, contradicts);
  EnsureCustomer(incident.customer, chance);
  const auto decided = Persist<Result<AnsweredDecision>>(
      "ReportIncident", chance,
      [&](ServiceClient& server, Deadline deadline) { return server.Report(incident, deadline); });
  if (decided.ok()) {
    const AnsweredDecision& answer = *decided;
    const bool is_known = auditor_.AnswerTo(report.id).has_value();
    auditor_.Decided(report, answer);
    if (!is_known && !answer.code.empty()) {
      const std::lock_guard lock(mutex_);
      vouchers_.push_back({answer.code, report.customer});
    }
  } else if (decided.status().reason() == "INCIDENT_CONFLICT") {
    auditor_.Conflicted(report);
  } else if (!IsToBeRepeated(decided.status().code())) {
    auditor_.Broken("ReportIncident " + report.id + ": " + decided.status().ToString());
  }
}

void Workload::Ask(int number, bool is_calm, Chance& chance) {
  const std::string id = MakeIncident(number, false).id.text();
  const auto before = auditor_.AnswerTo(id);
  const auto decided = Persist<Result<AnsweredDecision>>(
      "GetDecision", chance, [&](ServiceClient& server, Deadline deadline) {
        return server.GetDecision(IncidentId(id), deadline);
      });
  if (decided.ok()) {
    if (before && *before != *decided) {
      auditor_.Broken("GetDecision " + id + " tells something else than ReportIncident did");
    }
  } else if (decided.status().code() == Code::kNotFound && !is_calm) {
    stale_reads_.fetch_add(before ? 1 : 0);
  } else if (decided.status().code() != Code::kNotFound || before) {
    auditor_.Broken("GetDecision " + id + ": " + decided.status().ToString());
  }
}

std::map<std::string, std::uint64_t> Workload::refusals() const {
  const std::lock_guard lock(mutex_);
  return refusals_;
}

bool Workload::PickVoucher(Chance& chance, Known& voucher) const {
  const std::lock_guard lock(mutex_);
  if (vouchers_.empty()) {
    return false;
  }
  // Mostly a recent one, so that several redeem it at once.
  const int count = static_cast<int>(vouchers_.size());
  const int index =
      chance.Percent(70) ? std::max(0, count - 1 - chance.Below(12)) : chance.Below(count);
  voucher = vouchers_[static_cast<std::size_t>(index)];
  return true;
}

void Workload::Redeem(Chance& chance) {
  Known voucher;
  if (!PickVoucher(chance, voucher)) {
    return;
  }
  if (chance.Percent(20)) {
    Look(voucher, false, chance);
    return;
  }
  // Two shops compete for it, each under its own redemption id.
  const std::string redemption = voucher.customer + "-" + std::to_string(chance.Below(2));
  app::RedeemRequest request;
  request.code = voucher.code;
  request.customer = CustomerId(voucher.customer);
  request.redemption = RedemptionId(redemption);
  request.order = OrderId("cart " + redemption);
  const auto redeemed = Persist<Status>(
      "RedeemVoucher", chance,
      [&](ServiceClient& server, Deadline deadline) { return server.Redeem(request, deadline); });
  if (redeemed.ok()) {
    auditor_.Redeemed(voucher.code, redemption);
  } else if (redeemed.reason() == "VOUCHER_REDEEMED") {
    auditor_.RefusedAsRedeemed(voucher.code, redemption);
  } else if (!IsToBeRepeated(redeemed.code())) {
    auditor_.Broken("RedeemVoucher: " + redeemed.ToString());
  }
}

void Workload::Look(const Known& known, bool is_calm, Chance& chance) {
  const auto before = auditor_.RedemptionOf(known.code);
  const auto found = Persist<Result<std::vector<std::string>>>(
      "GetVoucher", chance, [&](ServiceClient& server, Deadline deadline) {
        return server.RedemptionsOf(known.code, deadline);
      });
  if (!found.ok()) {
    if (found.status().code() == Code::kNotFound && !is_calm) {
      stale_reads_.fetch_add(1);
    } else {
      auditor_.Broken("GetVoucher: " + found.status().ToString());
    }
    return;
  }
  if (found->size() > 1) {
    auditor_.Broken("GetVoucher tells of several redemptions");
  }
  if (before && found->empty() && !is_calm) {
    stale_reads_.fetch_add(1);
    return;
  }
  const bool is_redeemed = !found->empty();
  auditor_.Found(known.code, before, is_redeemed ? std::optional(found->front()) : std::nullopt);
}

void Workload::InParallel(int count, const std::function<void(int, Chance&)>& work) {
  std::atomic<int> next{0};
  std::vector<std::thread> threads;
  for (int client = 0; client < options_.clients; ++client) {
    threads.emplace_back([&, client] {
      Chance chance(options_.seed * 7'000 + static_cast<std::uint64_t>(client));
      for (int number = 0; (number = next.fetch_add(1)) < count;) {
        work(number, chance);
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
}

void Workload::Drain(int round, Chance& chance) {
  // Fresh customers, below their limits, until the budget says no.
  const std::string budget = "round " + std::to_string(round);
  for (int number = 0;; ++number) {
    Incident incident = MakeIncident(round * kIncidentsPerRound, false);
    const std::string suffix = std::to_string(round) + "-drain-" + std::to_string(number);
    incident.id = IncidentId("I-" + suffix);
    incident.customer = CustomerId("C-" + suffix);
    EnsureCustomer(incident.customer, chance);
    const auto decided = Persist<Result<AnsweredDecision>>(
        "ReportIncident", chance, [&](ServiceClient& server, Deadline deadline) {
          return server.Report(incident, deadline);
        });
    if (!decided.ok()) {
      auditor_.Broken("draining " + budget + ": " + decided.status().ToString());
      return;
    }
    const AnsweredDecision& answer = *decided;
    auditor_.Decided({incident.id.text(), incident.customer.text(), budget, "carrier"}, answer);
    if (answer.code.empty()) {
      return;
    }
  }
}

void Workload::Confirm() {
  const int incidents = next_incident_.load();
  // A fault may have hit before a new incident was heard of; then it is decided now.
  InParallel(incidents - first_incident_, [this](int index, Chance& chance) {
    const int number = first_incident_ + index;
    const std::string id = MakeIncident(number, false).id.text();
    Report(number, false, chance);
    Report(number, true, chance);
    Ask(number, true, chance);
    if (!auditor_.AnswerTo(id)) {
      auditor_.Broken(id + " has no answer");
    }
  });
  const int rounds = (incidents - first_incident_ + kIncidentsPerRound - 1) / kIncidentsPerRound;
  InParallel(rounds,
             [this](int round, Chance& chance) { Drain(options_.first_round + round, chance); });
  std::vector<Known> vouchers;
  {
    const std::lock_guard lock(mutex_);
    vouchers = vouchers_;
  }
  InParallel(static_cast<int>(vouchers.size()), [&](int number, Chance& chance) {
    Look(vouchers[static_cast<std::size_t>(number)], true, chance);
  });
  // What is missing is named by the audit.
  static_cast<void>(
      testing::Eventually([this] { return auditor_.letters_missing() == 0; }, kLettersPatience));
}

}  // namespace kulanz::audit
