// BreakerFixture: servers that share a store and watch breakers; turns are taken by hand.
#pragma once

#include <gmock/gmock.h>

#include <algorithm>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "service/app/breaker_control.h"
#include "service/app/breaker_drip.h"
#include "service/app/breaker_watch.h"
#include "service/base/check.h"
#include "service/policy/loader.h"
#include "service/policy/policy_files.h"
#include "service/ports/telemetry.h"
#include "tests/support/paths/paths.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/app/app_fixture.h"

namespace kulanz::app {

// What was told to the log, of all servers and threads.
class BreakerLog final : public ports::Log {
 public:
  void Write(ports::LogLevel, std::string_view event, std::string_view,
             std::initializer_list<Field>) override {
    const std::lock_guard lock(mutex_);
    events_.emplace_back(event);
  }
  int Count(std::string_view event) const {
    const std::lock_guard lock(mutex_);
    return static_cast<int>(std::count(events_.begin(), events_.end(), event));
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> events_;  // under mutex_
};

// What was told of breakers last, "type/late_delivery tripped 3".
class BreakerTelemetry final : public ports::NullTelemetry {
 public:
  void BreakersObserved(std::span<const ports::BreakerLevel> levels) override {
    const std::lock_guard lock(mutex_);
    told_.clear();
    for (const ports::BreakerLevel& level : levels) {
      told_.push_back(std::string(level.breaker) + (level.tripped ? " tripped " : " passes ") +
                      std::to_string(level.held));
    }
  }
  std::vector<std::string> Told() const {
    const std::lock_guard lock(mutex_);
    return told_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> told_;  // under mutex_
};

class BreakerEntropy final : public ports::Entropy {
 public:
  void Fill(std::span<std::uint8_t> bytes) override {
    for (std::uint8_t& byte : bytes) {
      byte = next_++;
    }
  }

 private:
  std::uint8_t next_ = 0;
};

class BreakerFixture : public AppFixture {
 protected:
  struct Server {
    explicit Server(const Dependencies& shared, ports::Entropy& entropy,
                    BreakerSettings settings = {})
        : dependencies(shared),
          watch(shared, settings),
          drip(WithWatch(dependencies, watch), watch, entropy) {}
    static const Dependencies& WithWatch(Dependencies& dependencies, BreakerWatch& watch) {
      dependencies.breakers = &watch;
      return dependencies;
    }
    Dependencies dependencies;
    BreakerWatch watch;
    BreakerDrip drip;
    Incidents incidents{dependencies};
    BreakerControl control{dependencies};
  };

  BreakerFixture()
      : shared_(Loud(dependencies_, breaker_log_, breaker_telemetry_)),
        one_(Start()),
        two_(Start()) {
    UseBreakers("{type: late_delivery, gestures: 3, within: 10m}");
  }
  static Dependencies Loud(const Dependencies& quiet, ports::Log& log,
                           ports::Telemetry& telemetry) {
    return {.store = quiet.store,
            .scheduler = quiet.scheduler,
            .telemetry = telemetry,
            .log = log,
            .policies = quiet.policies,
            .keys = quiet.keys,
            .codec = quiet.codec,
            .secrets = quiet.secrets,
            .budgets = quiet.budgets,
            .courier = nullptr,
            .intake = quiet.intake,
            .deliver_at_once = false,
            .events = EventTypes::All()};
  }
  std::unique_ptr<Server> Start(BreakerSettings settings = {}) {
    return std::make_unique<Server>(shared_, entropy_, settings);
  }

  // The policies of the tests with these breakers, "{...}, {...}".
  void UseBreakers(const std::string& breakers) {
    policy::DiagnosticSink sink;
    policy::PolicyFiles files =
        policy::ReadPolicyFiles(test::SourcePath("tests/unit/app/rules"), sink);
    files.files.push_back({"settings.yaml", "kulanz: v1\nbreakers: [" + breakers + "]\n"});
    auto loaded = policy::LoadPolicySet(files);
    KULANZ_CHECK(loaded.ok(), "the breakers of the test are right");
    policies_.Replace(loaded.policies);
  }

  // An incident of a customer of its own, unless one is named.
  Incident Late(const std::string& id, std::string customer = "", int days_late = 1) {
    customer = customer.empty() ? "C-" + id : customer;
    KnownCustomer(customer);
    Incident incident = LateDelivery(id, days_late);
    incident.customer = CustomerId(customer);
    return incident;
  }
  // "granted GRANTED 5.00 EUR", "review MASS_INCIDENT"; errors by their reason.
  static std::string Say(const Result<DecidedIncident>& decided) {
    if (!decided.ok()) {
      return std::string(decided.status().reason());
    }
    const Decision& decision = decided->decision;
    std::string said = std::string(OutcomeName(decision.outcome)) + " " + decision.reason;
    return decided->code ? said + " " + decision.voucher->amount.ToString() : said;
  }
  Result<DecidedIncident> ReportTo(Server& server, const Incident& incident) {
    return SyncWait(server.incidents.Report(incident, {}, Soon()));
  }
  std::string Report(Server& server, const Incident& incident) {
    return Say(ReportTo(server, incident));
  }
  // Reports so many incidents of so many customers, named with `prefix` and a number.
  std::vector<Incident> ReportMany(Server& server, const std::string& prefix, int count) {
    std::vector<Incident> incidents;
    for (int i = 0; i < count; ++i) {
      incidents.push_back(Late(prefix + std::to_string(i)));
      EXPECT_TRUE(ReportTo(server, incidents.back()).ok());
    }
    return incidents;
  }
  int Granted(const std::vector<Incident>& incidents) {
    int granted = 0;
    for (const Incident& incident : incidents) {
      const auto read = SyncWait(incidents_.Get(incident.id, std::nullopt, Soon()));
      granted += read.ok() && read->decision.outcome == Outcome::kGranted ? 1 : 0;
    }
    return granted;
  }

  void Turn(Server& server) { SyncWait(server.watch.Turn()); }
  // A second passes, in which these servers take their turns.
  void Second(const std::vector<Server*>& servers) {
    now_ += std::chrono::seconds(1);
    for (Server* server : servers) {
      SyncWait(server->watch.Turn());
      SyncWait(server->drip.Turn());
    }
  }
  void Seconds(int seconds, const std::vector<Server*>& servers) {
    for (int i = 0; i < seconds; ++i) {
      Second(servers);
    }
  }
  BreakerView View(const std::string& breaker = "type/late_delivery") {
    auto view = SyncWait(one_->control.Get(breaker, Soon()));
    EXPECT_THAT(view.status(), kulanz::testing::IsOk());
    return view.ok() ? *view : BreakerView{};
  }
  std::uint64_t Held(const std::string& breaker = "type/late_delivery") {
    return View(breaker).held.value_or(HeldSummary{}).cases;
  }
  Result<BreakerView> Release(std::uint32_t per_minute = 60, bool dismiss = false,
                              std::string request = "rel-1",
                              std::string breaker = "type/late_delivery") {
    return SyncWait(one_->control.Release(
        {std::move(breaker), std::move(request), per_minute, dismiss}, Soon()));
  }

  BreakerLog breaker_log_;
  BreakerTelemetry breaker_telemetry_;
  BreakerEntropy entropy_;
  const Dependencies shared_;
  std::unique_ptr<Server> one_;
  std::unique_ptr<Server> two_;
};

}  // namespace kulanz::app
