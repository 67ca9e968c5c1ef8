// What the audited tests over servers of their own share: an auditor, and calls with the documented retries.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "service/adapters/redis/initialise.h"
#include "tests/support/audit/audited_server.h"
#include "tests/support/audit/auditor.h"
#include "tests/support/eventually.h"

namespace kulanz::testing {

class AuditedTest : public ::testing::Test {
 protected:
  static constexpr std::uint32_t kPartitions = 32;

  void AddServers(std::size_t count, const redis::RedisOptions& options) {
    for (std::size_t server = 0; server < count; ++server) {
      servers_.push_back(std::make_unique<audit::AuditedServer>(setup_, options, auditor_));
    }
  }
  static void Initialise(const redis::RedisAddress& address) {
    ASSERT_TRUE(redis::Initialise({address, {"test", kPartitions}}).ok());
  }
  // Quick, over whatever is there.
  static redis::RedisOptions OptionsFor(const redis::RedisAddress& address) {
    redis::RedisOptions options;
    options.address = address;
    options.backoff_min = Duration(5);
    options.backoff_max = Duration(50);
    options.clock_interval = Duration(20);
    options.topology_interval = Duration(100);
    return options;
  }
  // Calls until the answer is not that one should repeat.
  template <typename Call>
  static auto Persist(Call call) {
    const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    for (;;) {
      auto result = call(std::chrono::steady_clock::now() + std::chrono::seconds(5));
      if (result.status().code() != Code::kUnavailable ||
          std::chrono::steady_clock::now() > give_up) {
        return result;
      }
      std::this_thread::yield();
    }
  }
  void AddCustomer(const std::string& id) {
    const auto upserted = Persist([&](Deadline deadline) {
      Customer customer;
      customer.id = CustomerId(id);
      customer.email = "zoe@example.com";
      return SyncWait(servers_[0]->use_cases().customers.Upsert(std::move(customer), {}, deadline));
    });
    EXPECT_TRUE(upserted.ok()) << upserted.status().ToString();
  }
  Incident MakeIncident(const std::string& id, const std::string& customer) const {
    Incident incident;
    incident.id = IncidentId(id);
    incident.customer = CustomerId(customer);
    incident.type = audit::AuditedSetup::TypeOf(0);
    incident.occurred_at = *occurred_;
    incident.order = Order{OrderId("O-" + id), std::nullopt, std::nullopt};
    incident.attributes = {{"cause", std::string("carrier")}};
    return incident;
  }
  // Reports, and tells the auditor.
  Result<app::DecidedIncident> Report(std::size_t server, const Incident& incident) {
    auto decided = Persist([&](Deadline deadline) {
      return SyncWait(servers_[server]->use_cases().incidents.Report(incident, {}, deadline));
    });
    EXPECT_TRUE(decided.ok()) << decided.status().ToString();
    if (decided.ok()) {
      const Decision& decision = decided->decision;
      auditor_.Decided({incident.id.text(), incident.customer.text(), "round 0", "carrier"},
                       {std::string(OutcomeName(decision.outcome)), decision.reason,
                        decided->code ? decided->code->Reveal() : "",
                        decision.voucher ? decision.voucher->amount.minor_units() : 0});
    }
    return decided;
  }
  // Of a moment ago, once a server knows the time.
  void SetTime() { occurred_ = *servers_[0]->store().Now() - std::chrono::minutes(1); }
  bool AllLettersAreSent() {
    return Eventually([this] { return auditor_.letters_missing() == 0; }, std::chrono::seconds(60));
  }

  const audit::AuditedSetup setup_;
  audit::Auditor auditor_{audit::AuditedSetup::kRules};
  std::vector<std::unique_ptr<audit::AuditedServer>> servers_;
  std::optional<Instant> occurred_;
};

}  // namespace kulanz::testing
