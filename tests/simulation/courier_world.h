// CourierWorld: couriers over one faulty store, a post office that counts what it was handed, and
// vouchers that are issued behind the use-cases' back.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "service/app/agenda.h"
#include "service/app/budget_ledger.h"
#include "service/app/courier.h"
#include "service/app/courier_follow_up.h"
#include "service/app/dependencies.h"
#include "service/app/keys.h"
#include "service/app/policy_holder.h"
#include "service/app/record_codec.h"
#include "service/app/voucher_secrets.h"
#include "service/ports/log.h"
#include "service/ports/messenger.h"
#include "tests/simulation/post_office.h"
#include "tests/simulation/sim_store.h"
#include "tests/simulation/sim_telemetry.h"
#include "tests/simulation/sim_world.h"

namespace kulanz::simulation {

inline app::CourierSettings FastCourier() {
  app::CourierSettings settings;
  settings.poll = Duration{100};
  settings.lease = Duration{5'000};
  settings.backoff_first = Duration{200};
  settings.backoff_max = Duration{5'000};
  settings.attempts_max = 6;
  settings.pause = Duration{1'000};
  settings.store_timeout = Duration{200};
  settings.in_flight_max = 4;
  return settings;
}

class NoBudgets final : public app::BudgetLedger {
 public:
  Task<Result<app::BudgetAnswer>> Take(engine::BudgetPeriod, Money, Deadline) override {
    co_return app::BudgetAnswer(app::BudgetExhausted{});
  }
};

class CourierWorld {
 public:
  struct Replica {
    Replica(CourierWorld& world, std::uint64_t seed)
        : process(world.world_),
          store(world.database_, process),
          entropy(seed),
          messenger(process, world.office),
          dependencies{.store = store,
                       .scheduler = process,
                       .telemetry = world.telemetry,
                       .log = world.log_,
                       .policies = world.policies_,
                       .keys = world.keys_,
                       .codec = world.codec_,
                       .secrets = world.secrets_,
                       .budgets = world.budgets_,
                       .courier = nullptr,
                       .intake = {}},
          courier(
              std::make_unique<app::Courier>(dependencies, messenger, entropy, world.settings)) {
      SpawnThen(courier->Run(), [this] { ended = true; });
    }
    SimProcess process;
    SimStore store;
    Random entropy;
    SimMessenger messenger;
    app::Dependencies dependencies;
    std::unique_ptr<app::Courier> courier;
    bool ended = false;
  };
  // What may be wrong with a voucher from the beginning.
  struct Issue {
    Duration wait{0};
    bool profile = true;
    bool consent = true;
    bool blocked = false;
    VoucherState state = VoucherState::kIssued;
    std::string secret_id = "s1";
    Duration valid_for = std::chrono::hours{24 * 90};
    bool apology = false;  // without a voucher
    std::optional<QuietHours> quiet_hours = std::nullopt;
    std::string time_zone = {};  // the customer's
    std::optional<FollowUp> reminder = std::nullopt;
    std::optional<FollowUp> feedback = std::nullopt;
  };

  explicit CourierWorld(std::uint64_t seed)
      : world_(seed), database_(world_, kPartitions), keys_(kPartitions) {}
  ~CourierWorld() {
    for (const auto& replica : replicas_) {
      replica->process.Kill();
    }
  }

  SimWorld& world() { return world_; }
  SimDatabase& database() { return database_; }
  const app::Keys& keys() const { return keys_; }
  const app::RecordCodec& codec() const { return codec_; }
  const app::VoucherSecrets& secrets() const { return secrets_; }
  Replica& AddReplica() {
    replicas_.push_back(std::make_unique<Replica>(*this, world_.random().Next()));
    return *replicas_.back();
  }
  void Kill(Replica& replica) { replica.process.Kill(); }
  std::vector<Replica*> Living() {
    std::vector<Replica*> living;
    for (const auto& replica : replicas_) {
      if (!replica->process.dead()) {
        living.push_back(replica.get());
      }
    }
    return living;
  }

  // A granted incident of a customer of its own, with its letter on the agenda.
  void Grant(const std::string& incident, const Issue& issue);
  void Grant(const std::string& incident) { Grant(incident, Issue{}); }
  app::StoredVoucher VoucherOf(const std::string& incident);
  app::StoredApology ApologyOf(const std::string& incident);
  ports::Record RecordOf(const ports::Key& key) {
    std::vector<ports::Key> keys{key};
    return SyncWait(database_.store().Read(std::move(keys), Deadline{}))->front();
  }
  ports::Key VoucherKey(const std::string& incident) const {
    const auto derived = secrets_.Derive(IncidentId(incident), 0, Instant{}, PartitionOf(incident));
    return keys_.Voucher(PartitionOf(incident), derived->voucher);
  }
  ports::Key ApologyKey(const std::string& incident) const {
    return keys_.Apology(PartitionOf(incident), app::HashOf(IncidentId(incident)));
  }
  ports::PartitionId PartitionOf(const std::string& incident) const {
    return keys_.PartitionOf(CustomerId("C-" + incident));
  }
  void Put(const ports::Key& key, std::string value) {
    ports::Transaction transaction;
    transaction.partition = key.partition;
    transaction.writes.emplace_back(ports::Put{key, std::move(value), std::nullopt});
    EXPECT_TRUE(database_.Apply(transaction).ok());
  }
  std::uint64_t AgendaSize();

  PostOffice office;
  SimTelemetry telemetry;
  app::CourierSettings settings = FastCourier();

 private:
  static constexpr std::uint32_t kPartitions = 8;
  static app::VoucherSecrets Secrets() {
    std::vector<app::CodeSecret> secrets;
    secrets.push_back({"s1", Instant{}, HmacKey(std::string(32, 's'))});
    return {std::move(secrets), HmacKey(std::string(32, 'l'))};
  }

  SimWorld world_;
  SimDatabase database_;
  app::Keys keys_;
  app::RecordCodec codec_{HmacKey(std::string(32, 'k'))};
  app::VoucherSecrets secrets_ = Secrets();
  app::PolicyHolder policies_;
  NoBudgets budgets_;
  ports::NullLog log_;
  std::vector<std::unique_ptr<Replica>> replicas_;
};

inline void CourierWorld::Grant(const std::string& incident, const Issue& issue) {
  const Currency eur = *Currency::FromCode("EUR");
  const Instant now = world_.wall();
  app::StoredDecision stored;
  Decision& decision = stored.decision;
  decision.incident.id = IncidentId(incident);
  decision.incident.customer = CustomerId("C-" + incident);
  decision.incident.type = "late_delivery";
  decision.incident.occurred_at = now;
  decision.outcome = Outcome::kGranted;
  decision.reason = reason::kGranted;
  decision.revision = PolicyRevision(std::string(64, 'a'));
  decision.decided_at = now;
  decision.voucher.emplace(VoucherTerms{.amount = *Money::Parse("5", eur),
                                        .valid_until = now + issue.valid_for,
                                        .zone = "UTC",
                                        .prefix = "",
                                        .minimum_order = std::nullopt,
                                        .transferable = false});
  decision.delivery = DeliveryTerms{"late-delivery",   "anna",         issue.wait,
                                    issue.quiet_hours, issue.reminder, issue.feedback};
  const ports::PartitionId partition = PartitionOf(incident);
  const ports::Key voucher_key = VoucherKey(incident);
  stored.voucher_key = voucher_key.hash;
  app::StoredVoucher voucher;
  voucher.incident = app::HashOf(decision.incident.id);
  voucher.state = issue.state;
  voucher.remaining_minor_units = 500;
  voucher.secret_id = issue.secret_id;
  voucher.delivery.updated_at = now;
  if (issue.apology) {
    decision.outcome = Outcome::kApologised;
    decision.reason = reason::kApologised;
    decision.voucher.reset();
    stored.voucher_key.reset();
  }
  const ports::Key decision_key = keys_.Decision(partition, decision.incident.id);
  Put(decision_key, codec_.Encode(decision_key, stored));
  if (issue.profile) {
    Customer customer;
    customer.id = decision.incident.customer;
    customer.email = "someone@example.com";
    customer.contact_consent = issue.consent;
    customer.blocked = issue.blocked;
    customer.time_zone = issue.time_zone;
    const ports::Key profile_key = keys_.Profile(customer.id);
    Put(profile_key, codec_.Encode(profile_key, customer));
  }
  ports::Transaction transaction;
  transaction.partition = partition;
  const ports::Key apology_key = ApologyKey(incident);
  const ports::Key letter_key = issue.apology ? apology_key : voucher_key;
  transaction.writes.emplace_back(ports::Put{letter_key,
                                             issue.apology
                                                 ? codec_.Encode(apology_key, app::StoredApology{})
                                                 : codec_.Encode(voucher_key, voucher),
                                             std::nullopt});
  const std::string member = app::EncodeAgendaMember(
      {issue.apology ? app::AgendaKind::kApology : app::AgendaKind::kDelivery, letter_key.hash});
  transaction.writes.emplace_back(
      ports::IndexPut{keys_.Agenda(partition), {member, ToMillis(now + issue.wait)}});
  app::ScheduleFollowUps(keys_, voucher_key, decision, now + issue.wait, transaction);
  EXPECT_TRUE(database_.Apply(transaction).ok());
}

inline app::StoredVoucher CourierWorld::VoucherOf(const std::string& incident) {
  const ports::Key key = VoucherKey(incident);
  return *codec_.DecodeVoucher(key, RecordOf(key).value);
}

inline app::StoredApology CourierWorld::ApologyOf(const std::string& incident) {
  const ports::Key key = ApologyKey(incident);
  return *codec_.DecodeApology(key, RecordOf(key).value);
}

inline std::uint64_t CourierWorld::AgendaSize() {
  std::uint64_t size = 0;
  for (std::uint16_t number = 0; number < kPartitions; ++number) {
    const ports::Key agenda = keys_.Agenda({number});
    size += SyncWait(database_.store().SummarizeIndex(agenda, Deadline{}))->size;
  }
  return size;
}

}  // namespace kulanz::simulation
