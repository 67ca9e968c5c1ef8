#include "tests/e2e/rolling_fleet.h"

#include <gmock/gmock.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/support/channel_arguments.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <iostream>
#include <utility>

#include "service/adapters/redis/redis_store.h"
#include "service/app/record_budget.h"
#include "service/ports/log.h"
#include "service/ports/telemetry.h"
#include "service/wiring/redis_access.h"
#include "service/wiring/secrets.h"
#include "tests/support/eventually.h"
#include "tests/support/paths/paths.h"

namespace kulanz::e2e {
namespace {

using kulanz::testing::Eventually;
using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr int kClients = 8;
constexpr seconds kPatience{120};
// A server's own: --drain-wait, --grace, and the time that it takes to give leases back.
constexpr milliseconds kDrainWait{300};
constexpr seconds kGrace{10};
constexpr seconds kLeaseReturn{5};
// A letter that a server left in hand would come after its claim of a minute.
constexpr seconds kLettersPatience{40};

std::shared_ptr<grpc::Channel> ChannelTo(const std::vector<std::string>& addresses) {
  std::string target = "ipv4:";
  for (const std::string& address : addresses) {
    target += (target.back() == ':' ? "" : ",") + address;
  }
  grpc::ChannelArguments arguments;
  arguments.SetServiceConfigJSON(ReadFile(test::SourcePath("deploy/client/service-config.json")));
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);  // a client of its own
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 1'000);
  return grpc::CreateCustomChannel(target, grpc::InsecureChannelCredentials(), arguments);
}

}  // namespace

RollingFleet::RollingFleet(std::size_t servers, const std::string& program, std::string redis_url,
                           audit::Auditor& auditor)
    : redis_url_(std::move(redis_url)),
      auditor_(auditor),
      fleet_({.servers = servers,
              .arguments = {"--drain-wait", std::to_string(kDrainWait.count()) + "ms", "--grace",
                            std::to_string(kGrace.count()) + "s"},
              .program = program,
              .keeps_addresses = true},
             redis_url_, auditor) {}

RollingFleet::~RollingFleet() = default;

bool RollingFleet::Start() {
  if (!fleet_.AwaitServing()) {
    return false;
  }
  std::vector<std::string> addresses;
  for (std::size_t number = 0; number < fleet_.size(); ++number) {
    addresses.push_back(fleet_.program(number).address());
  }
  std::vector<audit::ServiceClient*> clients;
  for (int client = 0; client < kClients; ++client) {
    clients_.push_back(std::make_unique<RemoteService>());
    clients_.back()->ConnectTo(ChannelTo(addresses));
    clients.push_back(clients_.back().get());
  }
  audit::Workload::Options options;
  options.clients = kClients;
  options.deadline = seconds(20);  // longer than the service config's
  options.patience = kPatience;
  load_ = std::make_unique<audit::Workload>(options, clients, auditor_);
  load_->Start();
  return GoesOn(50);
}

bool RollingFleet::GoesOn(std::uint64_t operations) const {
  const std::uint64_t goal = load_->operations() + operations;
  return Eventually([&] { return load_->operations() >= goal; }, kPatience);
}

std::chrono::milliseconds RollingFleet::End(std::size_t number) {
  holders_max_ = std::max(holders_max_, LeaseHolders().size());
  ServerProcess& program = fleet_.program(number);
  const auto start = std::chrono::steady_clock::now();
  program.Signal(SIGTERM);
  EXPECT_EQ(program.AwaitExit(kGrace + kLeaseReturn + seconds(10)), 0) << program.log();
  const auto took =
      std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - start);
  endings_.push_back(took);
  EXPECT_LT(took, kDrainWait + kGrace + kLeaseReturn);
  EXPECT_THAT(program.log(), HasSubstr("stopped in order"));
  EXPECT_THAT(program.log(), Not(HasSubstr("leases_left")));
  // The others', and nobody's beside them.
  EXPECT_LT(LeaseHolders().size(), fleet_.size());
  return took;
}

bool RollingFleet::Begin(std::size_t number, const std::string& program) {
  if (!fleet_.Restart(number, program)) {
    return false;
  }
  // Balancers take a while to find it again, each its own; until then the others must not leave.
  const std::string peer = "ipv4:" + fleet_.program(number).address();
  return std::all_of(clients_.begin(), clients_.end(), [&](const auto& client) {
    const std::uint64_t before = client->answers()[peer];
    return Eventually([&] { return client->answers()[peer] > before; }, kPatience);
  });
}

void RollingFleet::Finish() {
  load_->Stop();
  EXPECT_TRUE(Eventually([this] { return auditor_.letters_missing() == 0; }, kLettersPatience))
      << auditor_.letters_missing() << " letters were left in hand";
  EXPECT_EQ(auditor_.letters_repeated(), 0U);
  load_->Confirm();
  EXPECT_THAT(auditor_.Audit(true), IsEmpty());
  const Outcome examined = fleet_.Examine();
  EXPECT_EQ(examined.exit_code, 0) << examined.output;
  for (std::size_t number = 0; number < fleet_.size(); ++number) {
    End(number);
  }
  EXPECT_THAT(LeaseHolders(), IsEmpty());
  // A code is a bearer secret, and all of these policies begin so.
  EXPECT_THAT(fleet_.AllLogs(), Not(HasSubstr("AUDIT-")));
}

std::set<std::string> RollingFleet::LeaseHolders() const {
  std::set<std::string> holders;
  ports::NullLog log;
  ports::NullTelemetry telemetry;
  const auto deadline = [] { return std::chrono::steady_clock::now() + seconds(30); };
  redis::RedisOptions options;
  options.address = wiring::RedisAddressOf(redis_url_, {}).value();
  auto store = redis::RedisStore::Open(options, log, telemetry, deadline());
  const auto secrets = wiring::LoadSecrets(fleet_.secrets());
  EXPECT_TRUE(store.ok() && secrets.ok());
  std::string cursor;
  do {
    const auto page = SyncWait((*store)->Scan(cursor, ports::kScanLimitMax, deadline()));
    EXPECT_TRUE(page.ok()) << page.status().ToString();
    for (const ports::Key& key : page->keys) {
      if (key.kind != ports::RecordKind::kBudget) continue;
      const auto records = SyncWait((*store)->Read({key}, deadline()));
      EXPECT_TRUE(records.ok()) << records.status().ToString();
      const auto budget = app::DecodeBudget((*secrets)->codec, key, records->front().value);
      EXPECT_TRUE(budget.ok()) << budget.status().ToString();
      for (const app::BudgetLease& lease : budget->leases) holders.insert(lease.holder);
    }
    cursor = page->next;
  } while (!cursor.empty());
  return holders;
}

void RollingFleet::Print(const std::string& what) const {
  std::vector<milliseconds> endings = endings_;
  std::sort(endings.begin(), endings.end());
  std::cout << what << ": " << load_->operations() << " operations (" << load_->attempts()
            << " calls), the longest " << load_->longest_wait().count() << " ms; "
            << auditor_.vouchers() << " vouchers, " << auditor_.redeemed() << " redeemed, "
            << auditor_.letters_repeated() << " letters repeated\n  " << endings.size()
            << " ended by SIGTERM, within " << endings[endings.size() / 2].count()
            << " ms (median), " << endings.back().count() << " ms (longest); up to " << holders_max_
            << " servers had leases\n";
  for (const auto& [reason, count] : errors()) {
    std::cout << "  " << count << " calls told " << reason << "\n";
  }
}

}  // namespace kulanz::e2e
