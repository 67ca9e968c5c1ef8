// The contract on a cluster of three masters and three replicas.
#include "tests/contract/redis_store_under_test.h"
#include "tests/support/redis/temp_cluster.h"

namespace kulanz::contract {

// One cluster for the program; each test has its database for itself.
std::unique_ptr<StoreUnderTest> MakeStoreUnderTest() {
  static testing::TempCluster cluster({.masters = 3, .replicas = 3});
  for (const auto& node : cluster.nodes()) {
    if (node->IsMaster()) {
      node->Run({"FLUSHALL"});
    }
  }
  return std::make_unique<RedisStoreUnderTest>(
      cluster.address(), [](ports::PartitionId partition) -> testing::TempServer& {
        return cluster.OwnerOf(partition.number);
      });
}

}  // namespace kulanz::contract
