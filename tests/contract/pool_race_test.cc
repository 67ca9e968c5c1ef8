// 32 threads race for a pool's codes over a real store: each code goes to exactly one of them.
//
// Linked with each implementation of the store that MakeStoreUnderTest knows.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "service/app/code_pools.h"
#include "service/app/policy_holder.h"
#include "tests/contract/store_contract.h"
#include "tests/support/status_matchers.h"

namespace kulanz::contract {
namespace {

using app::CodePools;
using kulanz::testing::IsOk;

constexpr int kThreads = 32;
constexpr int kReplicas = 4;

class RealTime final : public ports::Scheduler {
 public:
  Deadline Now() const override { return std::chrono::steady_clock::now(); }
  Task<void> Sleep(Duration) override { co_return; }
  bool stopping() const override { return false; }
};

class CountingEntropy final : public ports::Entropy {
 public:
  void Fill(std::span<std::uint8_t> bytes) override {
    std::uint64_t value = next_.fetch_add(1);
    for (std::uint8_t& byte : bytes) {
      byte = static_cast<std::uint8_t>(value);
      value >>= 8U;
    }
  }

 private:
  std::atomic<std::uint64_t> next_{0};
};

app::PoolCipher OneKey() {
  std::vector<app::PoolKey> keys;
  keys.push_back(app::MakePoolKey("pool", kMinInstant, std::string(32, 'p')));
  return app::PoolCipher(std::move(keys));
}

class PoolRace : public ::testing::Test {
 protected:
  static Deadline Soon() { return std::chrono::steady_clock::now() + std::chrono::seconds(60); }

  PoolRace() : under_test_(MakeStoreUnderTest()) {
    for (int i = 0; i < kReplicas; ++i) {
      replicas_.push_back(
          std::make_unique<CodePools>(CodePools::Ports{.store = under_test_->store(),
                                                       .scheduler = scheduler_,
                                                       .entropy = entropy_,
                                                       .telemetry = telemetry_,
                                                       .log = log_,
                                                       .keys = keys_,
                                                       .codec = codec_,
                                                       .cipher = cipher_,
                                                       .policies = policies_},
                                      app::PoolSettings{.believe_empty = Duration(0)}));
    }
  }
  CodePools& replica(int i) { return *replicas_.at(static_cast<std::size_t>(i % kReplicas)); }

  // As the deciding transaction does, until a code is ours (its text) or the pool is empty ("").
  std::string TakeOne(int number) {
    const ports::PartitionId partition{
        static_cast<std::uint16_t>(number % static_cast<int>(kPartitions))};
    for (;;) {
      auto answer = SyncWait(replica(number).Take("race", partition, Soon()));
      if (!answer.ok()) {
        ADD_FAILURE() << answer.status().ToString();
        return "";
      }
      if (std::holds_alternative<app::PoolEmpty>(*answer)) {
        return "";
      }
      const auto& code = std::get<app::ShelvedCode>(*answer);
      EXPECT_EQ(code.key.partition, partition);
      ports::Transaction transaction;
      transaction.partition = partition;
      app::TakeFromShelf(replica(number).tools(), code, transaction);
      auto outcome = SyncWait(under_test_->store().Commit(std::move(transaction), Soon()));
      if (!outcome.ok()) {
        ADD_FAILURE() << outcome.status().ToString();
        return "";
      }
      if (std::holds_alternative<ports::Committed>(*outcome)) {
        const auto opened = cipher_.Open("race", code.sealed);
        return opened.ok() ? opened->Reveal() : "DOES NOT OPEN";
      }
    }
  }

  void Race(int codes) {
    std::vector<PoolCode> imported;
    for (int i = 0; i < codes; ++i) {
      imported.push_back(*PoolCode::Parse("CODE-" + std::to_string(i)));
    }
    ASSERT_THAT(SyncWait(replica(0).Import("race", imported, Soon())), IsOk());
    std::mutex mutex;
    std::multiset<std::string> taken;
    std::latch start(kThreads);
    std::vector<std::thread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([&, t] {
        start.arrive_and_wait();
        // Every thread wants its share and one more.
        for (int i = 0; i <= codes / kThreads; ++i) {
          const std::string code = TakeOne(t);
          const std::lock_guard lock(mutex);
          if (!code.empty()) {
            taken.insert(code);
          }
        }
      });
    }
    for (std::thread& thread : threads) {
      thread.join();
    }
    const std::set<std::string> distinct(taken.begin(), taken.end());
    EXPECT_EQ(distinct.size(), taken.size()) << "a code was given twice";
    const auto rest = SyncWait(replica(1).Count("race", Soon()));
    ASSERT_THAT(rest, IsOk());
    EXPECT_EQ(taken.size() + rest->remaining, static_cast<std::size_t>(codes)) << "codes were lost";
    EXPECT_GE(taken.size(), 1U);
    if (codes == 1) {
      EXPECT_EQ(taken.size(), 1U);
    }
  }

  std::unique_ptr<StoreUnderTest> under_test_;
  RealTime scheduler_;
  CountingEntropy entropy_;
  ports::NullTelemetry telemetry_;
  ports::NullLog log_;
  app::Keys keys_{kPartitions};
  app::RecordCodec codec_{HmacKey(std::string(32, 'm'))};
  app::PoolCipher cipher_ = OneKey();
  app::PolicyHolder policies_;
  std::vector<std::unique_ptr<CodePools>> replicas_;
};

TEST_F(PoolRace, OneCodeIsForExactlyOneOfThirtyTwo) { Race(1); }

TEST_F(PoolRace, AHundredCodesAreForExactlyAHundred) { Race(100); }

}  // namespace
}  // namespace kulanz::contract
