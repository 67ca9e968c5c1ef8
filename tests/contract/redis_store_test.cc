// The contract on one Redis, on a Unix socket.
#include "tests/contract/redis_store_under_test.h"
#include "tests/support/redis/temp_redis.h"

namespace kulanz::contract {

// One server for the program; each test has its database for itself.
std::unique_ptr<StoreUnderTest> MakeStoreUnderTest() {
  static testing::TempRedis server;
  server.Run({"FLUSHALL"});
  return std::make_unique<RedisStoreUnderTest>(
      server.address(), [](ports::PartitionId) -> testing::TempServer& { return server; });
}

}  // namespace kulanz::contract
