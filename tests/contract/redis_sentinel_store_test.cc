// The contract on a master with a replica, found through Sentinels.
#include "tests/contract/redis_store_under_test.h"
#include "tests/support/redis/temp_sentinels.h"

namespace kulanz::contract {

// One master for the program; each test has its database for itself.
std::unique_ptr<StoreUnderTest> MakeStoreUnderTest() {
  static testing::TempSentinels servers({.replicas = 1, .sentinels = 3});
  servers.master().Run({"FLUSHALL"});
  return std::make_unique<RedisStoreUnderTest>(
      servers.address(),
      [](ports::PartitionId) -> testing::TempServer& { return servers.master(); });
}

}  // namespace kulanz::contract
