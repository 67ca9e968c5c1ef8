#include "service/adapters/redis/redis_store.h"

#include <poll.h>

#include "service/adapters/redis/initialise.h"
#include "service/adapters/redis/key_codec.h"
#include "service/base/check.h"
#include "tests/contract/store_contract.h"
#include "tests/support/redis/temp_redis.h"

namespace kulanz::contract {
namespace {

// One server for the program; each test has its database for itself.
testing::TempRedis& Server() {
  static testing::TempRedis server;
  return server;
}

class RedisStoreUnderTest final : public StoreUnderTest {
 public:
  RedisStoreUnderTest() {
    Server().Run({"FLUSHALL"});
    const Status initialised = redis::Initialise({Server().address(), {"contract", kPartitions}});
    KULANZ_CHECK(initialised.ok(), "an empty database can be initialised");
    redis::RedisOptions options;
    options.address = Server().address();
    options.clock_interval = Duration(20);
    auto store = redis::RedisStore::Open(options, log_, telemetry_,
                                         std::chrono::steady_clock::now() + Duration(10'000));
    KULANZ_CHECK(store.ok(), "an initialised database can be opened");
    store_ = *std::move(store);
  }

  ports::Store& store() override { return *store_; }
  void LoseGenesis(ports::PartitionId partition) override {
    Server().Run({"DEL", redis::GenesisKey(partition)});
  }
  void ReplaceGenesis(ports::PartitionId partition) override {
    std::string value;
    redis::AppendVersion(1, value);
    value += redis::Genesis{"another", kPartitions}.Text(partition);
    Server().Run({"SET", redis::GenesisKey(partition), value});
  }
  void LetTimePass() override { poll(nullptr, 0, 5); }

 private:
  ports::NullLog log_;
  ports::NullTelemetry telemetry_;
  std::unique_ptr<redis::RedisStore> store_;
};

}  // namespace

std::unique_ptr<StoreUnderTest> MakeStoreUnderTest() {
  return std::make_unique<RedisStoreUnderTest>();
}

}  // namespace kulanz::contract
