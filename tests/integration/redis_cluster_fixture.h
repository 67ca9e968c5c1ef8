// RedisCluster: a store over a cluster of the test's own, and what the tests ask of it.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/integration/redis_fixture.h"
#include "tests/support/redis/temp_cluster.h"

namespace kulanz::redis {

using testing::TempCluster;
using testing::TempClusterNode;

class RedisCluster : public RedisStoreFixture {
 protected:
  void Start(const TempCluster::Options& cluster) { Open(std::make_shared<TempCluster>(cluster)); }
  // Over a cluster that may have been somebody's before.
  void Open(std::shared_ptr<TempCluster> cluster) {
    cluster_ = std::move(cluster);
    for (const std::unique_ptr<TempClusterNode>& node : cluster_->nodes()) {
      if (node->IsMaster()) {
        node->Run({"FLUSHALL"});
      }
    }
    ASSERT_THAT(Initialise({cluster_->address(), TestGenesis()}), IsOk());
    OpenStore(ClusterOptions());
  }
  RedisOptions ClusterOptions() const {
    RedisOptions options = QuickOptions();
    options.address = cluster_->address();
    options.topology_interval = Duration(200);
    return options;
  }
  ~RedisCluster() override { store_.reset(); }  // before its servers

  Status PutIn(std::uint16_t partition, std::string_view name, std::string value,
               std::chrono::milliseconds time = std::chrono::seconds(10)) {
    return SyncWait(store_->Commit(PutTransaction(RecordKey(name, partition), std::move(value)),
                                   In(time)))
        .status();
  }
  Result<std::string> GetFrom(std::uint16_t partition, std::string_view name) {
    std::vector<ports::Key> keys{RecordKey(name, partition)};
    Result<std::vector<ports::Record>> records =
        SyncWait(store_->Read(std::move(keys), In(std::chrono::seconds(10))));
    if (!records.ok()) {
      return records.status();
    }
    return records->front().value;
  }
  // A client's documented policy: what is unavailable is repeated, nothing else.
  Status PutWithRetries(std::uint16_t partition, std::string_view name, const std::string& value) {
    Status status;
    const Deadline give_up = In(std::chrono::seconds(20));
    do {
      status = PutIn(partition, name, value, std::chrono::seconds(2));
    } while (status.code() == Code::kUnavailable && std::chrono::steady_clock::now() < give_up);
    return status;
  }
  void FillPartitions(const std::string& value) {
    for (std::uint16_t partition = 0; partition < kTestPartitions; ++partition) {
      ASSERT_THAT(PutIn(partition, "a", value), IsOk());
    }
  }
  void ExpectInPartitions(const std::string& value) {
    for (std::uint16_t partition = 0; partition < kTestPartitions; ++partition) {
      const Result<std::string> found = GetFrom(partition, "a");
      ASSERT_THAT(found, IsOk()) << partition;
      EXPECT_EQ(*found, value) << partition;
    }
  }
  bool AllRecover() {
    return Eventually([this] {
      for (std::uint16_t partition = 0; partition < kTestPartitions; ++partition) {
        if (!PutIn(partition, "probe", "x").ok()) {
          return false;
        }
      }
      return store_->Health().ok();
    });
  }
  // A master other than the owner of the partition.
  TempClusterNode& AnotherMaster(std::uint16_t partition) {
    TempClusterNode& owner = cluster_->OwnerOf(partition);
    for (const std::unique_ptr<TempClusterNode>& node : cluster_->nodes()) {
      if (node.get() != &owner && node->IsMaster()) {
        return *node;
      }
    }
    ADD_FAILURE() << "there is no other master";
    return owner;
  }

  std::shared_ptr<TempCluster> cluster_;
};

}  // namespace kulanz::redis
