// CaseWorld: several servers' use-cases over one faulty store, clients who report incidents in several
// revisions and withdraw some, each until it has an answer, and an auditor who reads the records.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "service/app/budget_leases.h"
#include "service/app/case_file.h"
#include "service/app/decided_incident.h"
#include "service/app/dependencies.h"
#include "service/app/incidents.h"
#include "service/app/keys.h"
#include "service/app/policy_holder.h"
#include "service/app/record_codec.h"
#include "service/app/voucher_secrets.h"
#include "service/policy/loader.h"
#include "service/ports/log.h"
#include "tests/simulation/budget_world.h"
#include "tests/simulation/sim_store.h"
#include "tests/simulation/sim_telemetry.h"
#include "tests/simulation/sim_world.h"
#include "tests/support/paths/paths.h"

namespace kulanz::simulation {

class CaseWorld {
 public:
  // tests/unit/app/rules: 5.00 from the first day late, 10.00 from the third; two vouchers per customer in
  // 90 days; 40.00 a month.
  static constexpr std::int64_t kCap = 4'000;
  static constexpr std::size_t kLimit = 2;
  static std::int64_t WorthOf(int days_late) { return days_late >= 3 ? 1'000 : 500; }

  struct Replica {
    Replica(CaseWorld& world, std::uint64_t seed)
        : process(world.world_), store(world.database_, process), entropy(seed) {
      app::LeasedBudgetLedger::Ports ports{store,      process,     entropy,     world.telemetry_,
                                           world.log_, world.keys_, world.codec_};
      ledger = std::make_unique<app::LeasedBudgetLedger>(ports, FastBudgets());
      dependencies =
          std::make_unique<app::Dependencies>(app::Dependencies{.store = store,
                                                                .scheduler = process,
                                                                .telemetry = world.telemetry_,
                                                                .log = world.log_,
                                                                .policies = world.policies_,
                                                                .keys = world.keys_,
                                                                .codec = world.codec_,
                                                                .secrets = world.secrets_,
                                                                .budgets = *ledger,
                                                                .courier = nullptr,
                                                                .intake = {},
                                                                .deliver_at_once = false});
      incidents = std::make_unique<app::Incidents>(*dependencies);
      Spawn(ledger->Run());
    }
    SimProcess process;
    SimStore store;
    Random entropy;
    std::unique_ptr<app::LeasedBudgetLedger> ledger;
    std::unique_ptr<app::Dependencies> dependencies;
    std::unique_ptr<app::Incidents> incidents;
  };

  struct Report {
    std::size_t customer = 0;
    std::size_t incident = 0;
    std::uint32_t revision = 0;
    int days_late = 0;
  };

  explicit CaseWorld(std::uint64_t seed) : world_(seed), database_(world_, kPartitions) {
    auto loaded = policy::LoadPolicySet(test::SourcePath("tests/unit/app/rules"));
    EXPECT_TRUE(loaded.ok());
    policies_.Replace(loaded.policies);
  }
  ~CaseWorld() {
    for (const auto& replica : replicas_) {
      replica->process.Kill();
    }
    clients_.Kill();
  }

  SimWorld& world() { return world_; }
  SimDatabase& database() { return database_; }
  Replica& AddReplica() {
    replicas_.push_back(std::make_unique<Replica>(*this, world_.random().Next()));
    return *replicas_.back();
  }
  std::vector<Replica*> Living() {
    std::vector<Replica*> living;
    for (const auto& replica : replicas_) {
      if (!replica->process.dead()) {
        living.push_back(replica.get());
      }
    }
    return living;
  }
  void AddCustomer(std::size_t customer);
  void Ask(const Report& report) {
    ++open_;
    Spawn(ReportClient(report));
  }
  void Withdraw(std::size_t incident) {
    ++open_;
    Spawn(WithdrawClient(incident));
  }
  std::size_t open() const { return open_; }
  std::size_t topped_up() const { return topped_up_; }
  std::size_t withdrawals() const { return withdrawals_; }

  // What is wrong with the records in the end, or empty.
  std::string Audit(const std::vector<Report>& reports);

 private:
  static constexpr std::uint32_t kPartitions = 8;
  static app::VoucherSecrets Secrets() {
    std::vector<app::CodeSecret> secrets;
    secrets.push_back({"s1", Instant{}, HmacKey(std::string(32, 's'))});
    return {std::move(secrets), HmacKey(std::string(32, 'l'))};
  }
  static CustomerId CustomerOf(std::size_t number) {
    return CustomerId("C-" + std::to_string(number));
  }
  static IncidentId IncidentOf(std::size_t number) {
    return IncidentId("I-" + std::to_string(number));
  }
  Incident MakeIncident(const Report& report) const;
  Replica& AnyReplica() {
    const auto living = Living();
    return *living[static_cast<std::size_t>(
        world_.random().Below(static_cast<std::int64_t>(living.size())))];
  }
  Task<void> ReportClient(Report report);
  Task<void> WithdrawClient(std::size_t incident);
  void Answered(const Report& report, const app::DecidedIncident& decided);
  template <typename Decode>
  auto Stored(const ports::Key& key, Decode decode) {
    std::vector<ports::Key> wanted{key};
    const auto records = SyncWait(database_.store().Read(std::move(wanted), Deadline{}));
    return decode(key, records->front());
  }
  std::string AuditIncident(std::size_t incident, const std::vector<Report>& reports,
                            std::map<std::string, std::int64_t>& given, std::int64_t& spent);

  SimWorld world_;
  SimDatabase database_;
  SimProcess clients_{world_};
  app::Keys keys_{kPartitions};
  app::RecordCodec codec_{HmacKey(std::string(32, 'k'))};
  app::VoucherSecrets secrets_ = Secrets();
  app::PolicyHolder policies_;
  SimTelemetry telemetry_;
  ports::NullLog log_;
  const Instant occurred_ = world_.wall();
  std::vector<std::unique_ptr<Replica>> replicas_;
  std::map<std::pair<std::size_t, std::uint32_t>, std::string> codes_;  // "-": none
  std::string violation_;
  std::size_t open_ = 0;
  std::size_t topped_up_ = 0;
  std::size_t withdrawals_ = 0;
};

inline void CaseWorld::AddCustomer(std::size_t number) {
  Customer customer;
  customer.id = CustomerOf(number);
  const ports::Key key = keys_.Profile(customer.id);
  ports::Transaction transaction;
  transaction.partition = key.partition;
  transaction.writes.emplace_back(ports::Put{key, codec_.Encode(key, customer), std::nullopt});
  EXPECT_TRUE(database_.Apply(transaction).ok());
}

inline Incident CaseWorld::MakeIncident(const Report& report) const {
  Incident incident;
  incident.id = IncidentOf(report.incident);
  incident.customer = CustomerOf(report.customer);
  incident.type = "late_delivery";
  incident.occurred_at = occurred_;
  incident.revision = report.revision;
  incident.order = Order{OrderId("O-" + incident.id.text()), std::nullopt, std::nullopt};
  incident.attributes = {{"delivered_at", occurred_},
                         {"promised_at", occurred_ - std::chrono::days(report.days_late)},
                         {"cause", std::string("carrier")}};
  return incident;
}

inline void CaseWorld::Answered(const Report& report, const app::DecidedIncident& decided) {
  const std::string code = decided.code ? decided.code->Reveal("") : "-";
  const auto [known, is_new] = codes_.emplace(std::pair(report.incident, report.revision), code);
  if (!is_new && known->second != code) {
    violation_ = "a repetition got another answer";
  }
  topped_up_ += decided.code && decided.decision.given_before && !decided.replayed ? 1U : 0U;
}

inline Task<void> CaseWorld::ReportClient(Report report) {
  for (bool done = false; !done && !clients_.dead();) {
    Incident incident = MakeIncident(report);
    app::Incidents& incidents = *AnyReplica().incidents;
    const Deadline deadline = world_.now() + Duration{2'000};
    const auto answer = co_await incidents.Report(std::move(incident), {}, deadline);
    done = answer.ok() || answer.status().code() != Code::kUnavailable;
    if (answer.ok()) {
      Answered(report, *answer);
    } else if (done && answer.status().reason() != "INCIDENT_WITHDRAWN") {
      violation_ = answer.status().ToString();
    }
    co_await clients_.Sleep(Duration{world_.random().Between(5, 60)});
  }
  --open_;
}

inline Task<void> CaseWorld::WithdrawClient(std::size_t incident) {
  for (bool done = false; !done && !clients_.dead();) {
    app::Incidents& incidents = *AnyReplica().incidents;
    const Deadline deadline = world_.now() + Duration{2'000};
    const auto answer = co_await incidents.Withdraw(IncidentOf(incident), "found", deadline);
    // What was not answered yet cannot be withdrawn yet.
    done = answer.ok() || (answer.status().code() != Code::kUnavailable &&
                           answer.status().code() != Code::kNotFound);
    if (answer.ok()) {
      ++withdrawals_;
    } else if (done) {
      violation_ = answer.status().ToString();
    }
    co_await clients_.Sleep(Duration{world_.random().Between(5, 60)});
  }
  --open_;
}

inline std::string CaseWorld::AuditIncident(std::size_t number, const std::vector<Report>& reports,
                                            std::map<std::string, std::int64_t>& given,
                                            std::int64_t& spent) {
  const auto mine = std::find_if(reports.begin(), reports.end(),
                                 [number](const Report& r) { return r.incident == number; });
  const ports::PartitionId partition = keys_.PartitionOf(CustomerOf(mine->customer));
  const auto decision_at = [this](const ports::Key& key, const ports::Record& record) {
    return record.exists() ? std::optional(*codec_.DecodeDecision(key, record.value))
                           : std::nullopt;
  };
  const auto first = Stored(keys_.Decision(partition, IncidentOf(number)), decision_at);
  if (!first) {
    return "no decision";
  }
  std::int64_t sum = 0;
  std::int64_t most = 0;
  std::int64_t nothing_to_add = 0;
  for (const Report& report : reports) {
    const bool is_first = first->decision.incident.revision == report.revision;
    if (report.incident != number || !app::HasDecided(*first, report.revision)) {
      continue;
    }
    const ports::Key key =
        is_first ? keys_.Decision(partition, IncidentOf(number))
                 : keys_.Decision(partition, app::HashOf(IncidentOf(number), report.revision));
    const auto stored = Stored(key, decision_at);
    if (!stored) {
      return "a decided revision has no decision";
    }
    if (stored->decision.reason == reason::kNothingToAdd) {
      nothing_to_add = std::max(nothing_to_add, WorthOf(report.days_late));
    }
    if (!stored->decision.voucher) {
      continue;
    }
    sum += stored->decision.voucher->amount.minor_units();
    most = std::max(most, WorthOf(report.days_late));
    const auto voucher = Stored(keys_.Voucher(partition, *stored->voucher_key),
                                [this](const ports::Key& k, const ports::Record& record) {
                                  return *codec_.DecodeVoucher(k, record.value);
                                });
    if ((voucher.state == VoucherState::kRevoked) != first->withdrawn.has_value()) {
      return "a voucher is revoked and its incident not withdrawn, or the other way round";
    }
  }
  spent += sum;
  if (sum != most) {
    return "gave " + std::to_string(sum) + ", not the most of its revisions, " +
           std::to_string(most);
  }
  if (nothing_to_add > sum) {
    return "a revision was told that there is nothing to add";
  }
  if (sum > 0 && !first->withdrawn) {
    given[IncidentOf(number).text()] = sum;
  }
  return "";
}

inline std::string CaseWorld::Audit(const std::vector<Report>& reports) {
  if (!violation_.empty()) {
    return violation_;
  }
  std::map<std::size_t, std::map<std::string, std::int64_t>> given;  // by customer
  std::map<std::size_t, std::size_t> customer_of;
  for (const Report& report : reports) {
    customer_of[report.incident] = report.customer;
  }
  std::int64_t spent = 0;
  for (const auto& [incident, customer] : customer_of) {
    const std::string wrong = AuditIncident(incident, reports, given[customer], spent);
    if (!wrong.empty()) {
      return "I-" + std::to_string(incident) + ": " + wrong;
    }
  }
  if (spent > kCap) {
    return "overspent: " + std::to_string(spent);
  }
  for (const auto& [customer, expected] : given) {
    const History history = Stored(keys_.HistoryOf(CustomerOf(customer)),
                                   [this](const ports::Key& key, const ports::Record& record) {
                                     return *codec_.DecodeHistory(key, record.value);
                                   });
    std::map<std::string, std::int64_t> held;
    for (const GivenGesture& gesture : history.gestures) {
      held[gesture.incident.text()] += gesture.amount.minor_units();
    }
    if (held != expected) {
      return "the history of C-" + std::to_string(customer) + " is not what was given";
    }
    if (held.size() > kLimit) {
      return "C-" + std::to_string(customer) + " was given more than the limit allows";
    }
  }
  return "";
}

}  // namespace kulanz::simulation
