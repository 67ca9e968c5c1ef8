// A RedisStore for the contract suite, whatever Redis a program has.
#pragma once

#include <poll.h>

#include <chrono>
#include <functional>
#include <memory>

#include "service/adapters/redis/initialise.h"
#include "service/adapters/redis/key_codec.h"
#include "service/adapters/redis/redis_store.h"
#include "service/base/check.h"
#include "tests/contract/store_contract.h"
#include "tests/support/redis/temp_server.h"

namespace kulanz::contract {

class RedisStoreUnderTest final : public StoreUnderTest {
 public:
  // The database behind `address` is empty. `server_of`: where a partition lies.
  using ServerOf = std::function<testing::TempServer&(ports::PartitionId)>;
  RedisStoreUnderTest(redis::RedisAddress address, ServerOf server_of)
      : server_of_(std::move(server_of)) {
    const Status initialised = redis::Initialise({address, {"contract", kPartitions}});
    KULANZ_CHECK(initialised.ok(), "an empty database can be initialised");
    redis::RedisOptions options;
    options.address = std::move(address);
    options.clock_interval = Duration(20);
    auto store = redis::RedisStore::Open(options, log_, telemetry_,
                                         std::chrono::steady_clock::now() + Duration(10'000));
    KULANZ_CHECK(store.ok(), "an initialised database can be opened");
    store_ = *std::move(store);
  }

  ports::Store& store() override { return *store_; }
  ports::StoreScan& scan() override { return *store_; }
  void LoseGenesis(ports::PartitionId partition) override {
    server_of_(partition).Run({"DEL", redis::GenesisKey(partition)});
  }
  void ReplaceGenesis(ports::PartitionId partition) override {
    std::string value;
    redis::AppendVersion(1, value);
    value += redis::Genesis{"another", kPartitions}.Text(partition);
    server_of_(partition).Run({"SET", redis::GenesisKey(partition), value});
  }
  void LetTimePass() override { poll(nullptr, 0, 5); }

 private:
  const ServerOf server_of_;
  ports::NullLog log_;
  ports::NullTelemetry telemetry_;
  std::unique_ptr<redis::RedisStore> store_;
};

}  // namespace kulanz::contract
