// SimServer: one process with all use-cases of the service, over the shared database.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "service/app/budget_leases.h"
#include "service/app/code_pools.h"
#include "service/app/courier.h"
#include "service/app/customers.h"
#include "service/app/dependencies.h"
#include "service/app/incidents.h"
#include "service/app/keys.h"
#include "service/app/policy_holder.h"
#include "service/app/pool_cipher.h"
#include "service/app/record_codec.h"
#include "service/app/voucher_expiry.h"
#include "service/app/voucher_secrets.h"
#include "service/app/vouchers.h"
#include "service/ports/log.h"
#include "tests/simulation/post_office.h"
#include "tests/simulation/sim_store.h"
#include "tests/simulation/sim_telemetry.h"
#include "tests/simulation/simulator/planted_bugs.h"

namespace kulanz::simulation {

// As the servers are configured: the same for all.
struct ServerSettings {
  app::BudgetSettings budgets;
  app::CourierSettings courier;
  app::VoucherExpirySettings expiry;
  app::PoolSettings pools;
};
// Seconds for minutes and milliseconds for seconds, so that leases run out within a run.
ServerSettings FastServers();

// What all servers share: configuration, and what only counts.
struct Common {
  explicit Common(std::uint32_t partitions);
  app::Keys keys;
  app::RecordCodec codec;
  app::VoucherSecrets secrets;
  app::PoolCipher pool_cipher;
  app::PolicyHolder policies;
  SimTelemetry telemetry;
  ports::NullLog log;
  ServerSettings settings = FastServers();
  bool watches_pools = false;
};

class SimServer {
 public:
  SimServer(SimDatabase& database, Common& common, PostOffice& office, std::string name, Bug bug);
  ~SimServer() { process_.Kill(); }
  SimServer(const SimServer&) = delete;
  SimServer& operator=(const SimServer&) = delete;

  const std::string& name() const { return name_; }
  SimProcess& process() { return process_; }
  app::Incidents& incidents() { return incidents_; }
  app::Vouchers& vouchers() { return vouchers_; }
  app::Customers& customers() { return customers_; }
  app::CodePools& pools() { return pools_; }

  // Whether new connections are accepted.
  bool serving() const { return !process_.dead() && !shutting_down_; }
  // How often it was stopped: an answer after that may be late.
  int stops() const { return stops_; }

  void Kill() { process_.Kill(); }
  void Stop(Duration length);
  // As SIGTERM: finishes what it was asked, gives back its leases, ends.
  Task<void> Shutdown();

  int calls_under_way = 0;

 private:
  const std::string name_;
  SimProcess process_;
  SimStore connection_;
  const std::unique_ptr<ports::Store> planted_;
  ports::Store& store_;
  Random entropy_;
  SimMessenger messenger_;
  app::LeasedBudgetLedger ledger_;
  app::CodePools pools_;
  std::unique_ptr<app::Courier> courier_;
  app::Dependencies dependencies_;
  app::Incidents incidents_{dependencies_};
  app::Vouchers vouchers_{dependencies_};
  app::Customers customers_{dependencies_};
  std::unique_ptr<app::VoucherExpiry> expiry_;
  bool shutting_down_ = false;
  int stops_ = 0;
};

}  // namespace kulanz::simulation
