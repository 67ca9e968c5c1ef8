#include "tests/simulation/simulator/server.h"

#include <utility>
#include <vector>

#include "service/base/check.h"
#include "service/policy/loader.h"
#include "tests/support/paths/paths.h"

namespace kulanz::simulation {
namespace {

app::VoucherSecrets Secrets() {
  // Another secret for incidents of this year than for older ones, as after a rotation.
  std::vector<app::CodeSecret> secrets;
  secrets.push_back({"s1", Instant{}, HmacKey(std::string(32, 's'))});
  secrets.push_back({"s2", *ParseInstant("2026-02-20T00:00:00Z"), HmacKey(std::string(32, 't'))});
  return {std::move(secrets), HmacKey(std::string(32, 'l'))};
}

app::PoolCipher PoolSecrets() {
  std::vector<app::PoolKey> keys;
  keys.push_back(app::MakePoolKey("pool", kMinInstant, std::string(32, 'p')));
  return app::PoolCipher(std::move(keys));
}

std::shared_ptr<const policy::PolicySet> Policies() {
  static const auto kLoaded = policy::LoadPolicySet(test::SourcePath("tests/simulation/rules"));
  KULANZ_CHECK(kLoaded.ok(), "the simulator's own policies are right");
  return kLoaded.policies;
}

app::LeasedBudgetLedger::Ports LedgerPorts(ports::Store& store, SimProcess& process,
                                           Random& entropy, Common& common) {
  return {store, process, entropy, common.telemetry, common.log, common.keys, common.codec};
}

}  // namespace

ServerSettings FastServers() {
  ServerSettings settings;
  app::BudgetSettings& budgets = settings.budgets;
  budgets.patience = Duration{100};
  budgets.store_timeout = Duration{200};
  budgets.backoff = Duration{50};
  budgets.beat = Duration{300};
  budgets.recover_after = Duration{1'200};
  budgets.watch = Duration{50};
  budgets.idle_return = Duration{50};
  budgets.idle_alone = Duration{200};
  budgets.close_after = Duration{2'000};
  budgets.unknown_patience = Duration{200};
  budgets.tick = Duration{50};
  budgets.trust = Duration{6'000};
  app::CourierSettings& courier = settings.courier;
  courier.poll = Duration{500};
  courier.lease = Duration{2'000};
  courier.backoff_first = Duration{200};
  courier.backoff_max = Duration{2'000};
  courier.attempts_max = 6;
  courier.pause = Duration{500};
  courier.store_timeout = Duration{200};
  courier.in_flight_max = 4;
  settings.expiry.poll = Duration{700};
  settings.expiry.store_timeout = Duration{200};
  settings.pools.count_every = Duration{700};
  settings.pools.believe_empty = Duration{300};
  settings.pools.store_timeout = Duration{200};
  return settings;
}

Common::Common(std::uint32_t partitions)
    : keys(partitions),
      codec(HmacKey(std::string(32, 'k'))),
      secrets(Secrets()),
      pool_cipher(PoolSecrets()) {
  policies.Replace(Policies());
}

SimServer::SimServer(SimDatabase& database, Common& common, PostOffice& office, std::string name,
                     Bug bug)
    : name_(std::move(name)),
      process_(database.world()),
      connection_(database, process_, name_),
      planted_(PlantInProcess(bug, connection_)),
      store_(planted_ ? *planted_ : connection_),
      entropy_(database.world().random().Next()),
      messenger_(process_, office),
      ledger_(LedgerPorts(store_, process_, entropy_, common), common.settings.budgets),
      pools_({.store = store_,
              .scheduler = process_,
              .entropy = entropy_,
              .telemetry = common.telemetry,
              .log = common.log,
              .keys = common.keys,
              .codec = common.codec,
              .cipher = common.pool_cipher,
              .policies = common.policies},
             common.settings.pools),
      dependencies_{.store = store_,
                    .scheduler = process_,
                    .telemetry = common.telemetry,
                    .log = common.log,
                    .policies = common.policies,
                    .keys = common.keys,
                    .codec = common.codec,
                    .secrets = common.secrets,
                    .budgets = ledger_,
                    .courier = nullptr,
                    .intake = {},
                    .deliver_at_once = false,
                    .events = {},
                    .pools = &pools_} {
  courier_ =
      std::make_unique<app::Courier>(dependencies_, messenger_, entropy_, common.settings.courier);
  dependencies_.courier = courier_.get();
  Spawn(ledger_.Run());
  expiry_ = std::make_unique<app::VoucherExpiry>(dependencies_, common.settings.expiry);
  Spawn(courier_->Run());
  Spawn(expiry_->Run());
  if (common.watches_pools) {
    Spawn(pools_.Run());
  }
}

void SimServer::Stop(Duration length) {
  ++stops_;
  process_.Stop();
  process_.world().After(length, [this] { process_.Continue(); });
}

Task<void> SimServer::Shutdown() {
  shutting_down_ = true;
  while (calls_under_way > 0 && !process_.dead()) {
    co_await process_.Sleep(Duration{5});
  }
  courier_->Stop();
  expiry_->Stop();
  co_await ledger_.Shutdown(process_.Now() + Duration{2'000});
  // What the courier had in hand is finished by now, or dies here.
  process_.Kill();
}

}  // namespace kulanz::simulation
