// AuditedServer: the use-cases as kulanzd wires them, over a Redis store of its own, without the wire: one of
// several servers in a test. Its letters go to the auditor, which counts them.
//
// Thread-safety: use_cases() from any thread; made and destroyed by one owner, with no call under way.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "service/adapters/redis/redis_store.h"
#include "service/adapters/system/system_entropy.h"
#include "service/app/policy_holder.h"
#include "service/kulanzd/application.h"
#include "service/ports/log.h"
#include "service/ports/messenger.h"
#include "service/ports/telemetry.h"
#include "service/wiring/secrets.h"
#include "tests/support/audit/auditor.h"
#include "tests/support/audit/service_client.h"

namespace kulanz::audit {

// What all servers of a test share: the policies and the secrets.
//
// Policies: one per round, "round-<n>", for incidents of the type "round_<n>": 5.00 EUR each, two vouchers
// per customer in 90 days, out of a budget of the round's own.
class AuditedSetup {
 public:
  static constexpr int kRounds = 200;
  static constexpr AuditedRules kRules{
      .amount = 500, .vouchers_per_customer = 2, .budget_cap = 35'000};
  static std::string TypeOf(int round) { return "round_" + std::to_string(round % kRounds); }

  AuditedSetup();
  // As a folder of rules for programs, with the letter that the policies send.
  static void WriteRules(const std::string& directory);
  const app::PolicyHolder& policies() const { return policies_; }
  const wiring::Secrets& secrets() const { return *secrets_; }

 private:
  app::PolicyHolder policies_;
  std::unique_ptr<const wiring::Secrets> secrets_;
};

class AuditedServer final : public ServiceClient {
 public:
  // The store must be initialised. Fails the test when it cannot be opened.
  AuditedServer(const AuditedSetup& setup, redis::RedisOptions options, Auditor& auditor);
  // Gives back what it leased, if the store lets it.
  ~AuditedServer() override;
  AuditedServer(const AuditedServer&) = delete;
  AuditedServer& operator=(const AuditedServer&) = delete;

  Status Upsert(const Customer& customer, Deadline deadline) override;
  Result<AnsweredDecision> Report(const Incident& incident, Deadline deadline) override;
  Result<AnsweredDecision> GetDecision(const IncidentId& incident, Deadline deadline) override;
  Status Redeem(const app::RedeemRequest& request, Deadline deadline) override;
  Result<std::vector<std::string>> RedemptionsOf(const std::string& code,
                                                 Deadline deadline) override;

  rpc::UseCases use_cases() { return application_->use_cases(); }
  ports::Store& store() { return *store_; }
  bool Ready() const { return application_->Ready(); }
  // Acknowledged writes that the store noticed to be lost.
  bool lost_writes() const { return log_.Has("store_lost_writes"); }
  // Whether it logged the event.
  bool Logged(std::string_view event) const { return log_.Has(event); }

 private:
  // Hands the letters to the auditor; some only at the second attempt, some twice.
  class Post final : public ports::Messenger {
   public:
    explicit Post(Auditor& auditor) : auditor_(auditor) {}
    Task<ports::DeliveryReport> Send(ports::Delivery delivery) override;

   private:
    Auditor& auditor_;
    std::atomic<std::uint64_t> attempts_{0};
  };
  class KeptLog final : public ports::Log {
   public:
    void Write(ports::LogLevel level, std::string_view event, std::string_view message,
               std::initializer_list<Field> fields) override;
    bool Has(std::string_view event) const;

   private:
    mutable std::mutex mutex_;
    std::set<std::string, std::less<>> events_;  // under mutex_
  };
  Post post_;
  KeptLog log_;
  ports::NullTelemetry telemetry_;
  adapters::SystemEntropy entropy_;
  std::unique_ptr<redis::RedisStore> store_;
  std::unique_ptr<server::Application> application_;
};

}  // namespace kulanz::audit
