// The contract on one Redis over TLS, with a client certificate.
#include "tests/contract/redis_store_under_test.h"
#include "tests/support/redis/temp_redis.h"
#include "tests/support/redis/test_certificates.h"

namespace kulanz::contract {

// One server for the program; each test has its database for itself.
std::unique_ptr<StoreUnderTest> MakeStoreUnderTest() {
  static const testing::TestCertificates certificates;
  static const std::uint16_t port = testing::FreePort();
  static testing::TempRedis server(certificates.ServerArguments(std::to_string(port)));
  server.Run({"FLUSHALL"});
  redis::RedisAddress address;
  address.host = "127.0.0.1";
  address.port = port;
  address.tls = true;
  address.tls_options = certificates.ClientOptions();
  return std::make_unique<RedisStoreUnderTest>(
      address, [](ports::PartitionId) -> testing::TempServer& { return server; });
}

}  // namespace kulanz::contract
