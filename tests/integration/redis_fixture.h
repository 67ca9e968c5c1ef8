// What the tests of RedisStore on a real server share.
#pragma once

#include <gmock/gmock.h>

#include <atomic>
#include <chrono>
#include <latch>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "service/adapters/redis/initialise.h"
#include "service/adapters/redis/redis_store.h"
#include "service/base/crypto.h"
#include "tests/support/eventually.h"
#include "tests/support/redis/temp_redis.h"
#include "tests/support/status_matchers.h"

namespace kulanz::redis {

using ::kulanz::testing::Eventually;
using ::kulanz::testing::IsOk;
using ::kulanz::testing::StatusIs;
using ::kulanz::testing::TempRedis;

// Keeps what was logged.
class RecordingLog final : public ports::Log {
 public:
  void Write(ports::LogLevel, std::string_view event, std::string_view message,
             std::initializer_list<Field> fields) override {
    const std::lock_guard lock(mutex_);
    std::string line(event);
    line.append(" ").append(message);
    for (const Field& field : fields) {
      line.append(" ").append(field.first).append("=").append(field.second);
    }
    lines_.push_back(std::move(line));
  }
  // Whether a line contains `text`.
  bool Has(std::string_view text) const {
    const std::lock_guard lock(mutex_);
    for (const std::string& line : lines_) {
      if (line.find(text) != std::string::npos) {
        return true;
      }
    }
    return false;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> lines_;
};

inline constexpr std::uint32_t kTestPartitions = 8;

// As servers that start at the same moment do; what each was told.
inline std::vector<Status> InitialiseTogether(const InitialiseOptions& options) {
  std::vector<Status> told(8);
  std::latch start(static_cast<std::ptrdiff_t>(told.size()));
  std::vector<std::thread> servers;
  for (Status& status : told) {
    servers.emplace_back([&] {
      start.arrive_and_wait();
      status = Initialise(options);
    });
  }
  for (std::thread& server : servers) {
    server.join();
  }
  return told;
}

inline Deadline In(std::chrono::milliseconds time) {
  return std::chrono::steady_clock::now() + time;
}

inline ports::Key RecordKey(std::string_view name, std::uint16_t partition = 1) {
  ports::Key key{{partition}, ports::RecordKind::kDecision, {}};
  const Sha256Digest digest = Sha256(name);
  std::copy_n(digest.begin(), key.hash.size(), key.hash.begin());
  return key;
}

inline ports::Transaction PutTransaction(const ports::Key& key, std::string value) {
  ports::Transaction transaction;
  transaction.partition = key.partition;
  transaction.writes.emplace_back(ports::Put{key, std::move(value), {}});
  return transaction;
}

// A store over whatever server a test has.
class RedisStoreFixture : public ::testing::Test {
 protected:
  // Without an address.
  static RedisOptions QuickOptions() {
    RedisOptions options;
    options.backoff_min = Duration(5);
    options.backoff_max = Duration(50);
    options.clock_interval = Duration(20);
    return options;
  }
  static Genesis TestGenesis() { return {"test", kTestPartitions}; }
  void OpenStore(const RedisOptions& options) {
    OpenStoreUnready(options, std::chrono::seconds(20));
    ASSERT_THAT(store_->Health(), IsOk());
  }
  // Whether it has reached a server or not.
  void OpenStoreUnready(const RedisOptions& options,
                        std::chrono::milliseconds time = std::chrono::milliseconds(50)) {
    Result<std::unique_ptr<RedisStore>> store =
        RedisStore::Open(options, log_, telemetry_, In(time));
    ASSERT_THAT(store, IsOk());
    store_ = *std::move(store);
  }

  Status Put(std::string_view name, std::string value,
             std::chrono::milliseconds time = std::chrono::seconds(10)) {
    return SyncWait(store_->Commit(PutTransaction(RecordKey(name), std::move(value)), In(time)))
        .status();
  }
  Result<std::string> Get(std::string_view name,
                          std::chrono::milliseconds time = std::chrono::seconds(10)) {
    std::vector<ports::Key> keys{RecordKey(name)};
    Result<std::vector<ports::Record>> records = SyncWait(store_->Read(std::move(keys), In(time)));
    if (!records.ok()) {
      return records.status();
    }
    return records->front().value;
  }
  // Until the store works again, by itself.
  bool Recovers() {
    return Eventually([this] { return store_->Health().ok() && Put("probe", "x").ok(); });
  }

  class CountingTelemetry : public ports::Telemetry {
   public:
    void DecisionMade(std::string_view, Outcome, std::string_view) override {}
    void ShadowDecisionMade(std::string_view, Outcome, std::string_view) override {}
    void HoldoutDecisionMade(std::string_view, bool) override {}
    void DecisionReplayed() override {}
    void TopUpGiven(std::string_view, Money) override {}
    void IncidentWithdrawn(std::string_view) override {}
    void VoucherIssued(std::string_view, Money) override {}
    void VoucherRedeemed(std::string_view, Money) override {}
    void VoucherValueMoved(std::string_view, Money) override {}
    void LiabilityObserved(Currency, std::int64_t) override {}
    void DeliveryAttempted(std::string_view, std::string_view) override {}
    void MessengerCallFinished(std::string_view, Seconds) override {}
    void ApologyDelivered(Seconds, Seconds) override {}
    void DeliveriesPaused(bool) override {}
    void AgendaObserved(std::uint64_t, Seconds) override {}
    void EventTold(std::string_view, std::string_view) override {}
    void OutboxObserved(std::uint64_t, Seconds) override {}
    void WebhookDisabled(std::string_view, bool) override {}
    void PolicySetReloaded(std::string_view) override {}
    void PolicySetActive(std::string_view, std::size_t) override {}
    void SecretsReloaded(std::string_view, std::size_t) override {}
    void RpcFinished(std::string_view, std::string_view, Seconds) override {}
    void StoreCallFinished(std::string_view operation, std::string_view result,
                           Seconds latency) override {
      EXPECT_GE(latency.count(), 0);
      const std::lock_guard lock(mutex_);
      calls_.push_back(std::string(operation) + "/" + std::string(result));
    }
    void StoreRolledBack() override { rollbacks_.fetch_add(1); }
    void BudgetLeaseChanged(std::string_view, std::string_view) override {}
    void VoucherGuessed(std::string_view, bool) override {}
    void PoolsObserved(std::span<const ports::PoolLevel>) override {}
    void BudgetsObserved(std::span<const ports::BudgetLevel>) override {}
    void BreakersObserved(std::span<const ports::BreakerLevel>) override {}

    std::vector<std::string> calls() const {
      const std::lock_guard lock(mutex_);
      return calls_;
    }
    int rollbacks() const { return rollbacks_.load(); }

   private:
    mutable std::mutex mutex_;
    std::vector<std::string> calls_;
    std::atomic<int> rollbacks_{0};
  };

  RecordingLog log_;
  CountingTelemetry telemetry_;
  std::unique_ptr<RedisStore> store_;
};

// With one server, on a Unix socket.
class RedisStoreTest : public RedisStoreFixture {
 protected:
  explicit RedisStoreTest(std::vector<std::string> arguments = {})
      : server_(std::move(arguments)) {}
  ~RedisStoreTest() override { store_.reset(); }  // before its server

  RedisOptions Options() const {
    RedisOptions options = QuickOptions();
    options.address = server_.address();
    return options;
  }
  void InitialiseServer() { ASSERT_THAT(Initialise({server_.address(), TestGenesis()}), IsOk()); }
  void InitialiseAndOpen(const RedisOptions& options) {
    InitialiseServer();
    OpenStore(options);
  }

  TempRedis server_;
};

}  // namespace kulanz::redis
