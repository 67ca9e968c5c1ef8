// Three masters with a replica each, every one behind a gate; every commit waits for the replica.
#include <gtest/gtest.h>

#include <algorithm>

#include "service/adapters/redis/initialise.h"
#include "tests/fault/faulty_redis.h"
#include "tests/support/eventually.h"
#include "tests/support/redis/temp_cluster.h"

namespace kulanz::testing {
namespace {

using audit::Chance;

class FaultyCluster final : public FaultyRedis {
 public:
  FaultyCluster()
      : cluster_({.masters = 3,
                  .replicas = 3,
                  .node_timeout_ms = 1'500,
                  .arguments = {"--appendfsync", "always", "--repl-timeout", "5"},
                  .in_front = [this](std::uint16_t port) {
                    return AddGate({.unix_path = {}, .port = port});
                  }}) {
    EXPECT_TRUE(redis::Initialise({cluster_.address(), {"test", kPartitions}}).ok());
    AddFaultsOfOne([this](Chance& chance) -> TempRedis& { return AnyMaster(chance); });
    AddFault("master killed", [this](Chance& chance) {
      TempClusterNode& master = AnyMaster(chance);
      TempClusterNode& replica = ReplicaOf(master);
      master.Kill();
      EXPECT_TRUE(IsPromoted(replica));
      master.Start();
    });
    AddFault("master stopped until it is replaced", [this](Chance& chance) {
      TempClusterNode& master = AnyMaster(chance);
      TempClusterNode& replica = ReplicaOf(master);
      master.Freeze();
      EXPECT_TRUE(IsPromoted(replica));
      Hold(chance, 0, 300);
      master.Thaw();  // as a master that does not know yet
    });
    AddFault("failover by command", [this](Chance& chance) {
      TempClusterNode& replica = ReplicaOf(AnyMaster(chance));
      if (replica.TryRun({"CLUSTER", "FAILOVER"}).ok()) {
        // The master may refuse, when it is busy; then there is none.
        static_cast<void>(Eventually([&] { return replica.IsMaster(); }, std::chrono::seconds(6)));
      }
    });
    AddFault("replica killed", [this](Chance& chance) {
      TempClusterNode& replica = ReplicaOf(AnyMaster(chance));
      replica.Kill();
      Hold(chance, 50, 500);
      replica.Start();
    });
    AddFault("replica stopped", [this](Chance& chance) {
      TempClusterNode& replica = ReplicaOf(AnyMaster(chance));
      replica.Freeze();
      Hold(chance, 50, 800);
      replica.Thaw();
    });
    const auto move = [this](Chance& chance) {
      const auto partition =
          static_cast<std::uint16_t>(chance.Below(static_cast<int>(kPartitions)));
      TempClusterNode& from = cluster_.OwnerOf(partition);
      TempClusterNode& to = AnyMaster(chance);
      if (&from == &to) {
        return;
      }
      TempCluster::BeginMove(partition, from, to);
      while (TempCluster::MoveKeys(partition, from, to,
                                   1 + static_cast<std::size_t>(chance.Below(40))) > 0) {
      }
      cluster_.EndMove(partition, to);
    };
    AddFault("a slot moved", move);
    AddFault("several slots moved", [move](Chance& chance) {
      for (int slot = 0; slot < 4; ++slot) {
        move(chance);
      }
    });
  }

  redis::RedisOptions OptionsFor(std::size_t /*server*/) const override {
    redis::RedisOptions options = QuickOptions();
    options.connections = 1;
    options.address = cluster_.address();
    options.replicas_to_wait = 1;
    return options;
  }
  bool IsWhole() override {
    int masters = 0;
    for (const std::unique_ptr<TempClusterNode>& node : cluster_.nodes()) {
      const Result<redis::Reply> info = node->TryRun({"CLUSTER", "INFO"});
      const Result<redis::Reply> replication = node->TryRun({"INFO", "replication"});
      if (!info.ok() || !replication.ok() ||
          info->text.find("cluster_state:ok") == std::string::npos ||
          info->text.find("cluster_slots_pfail:0") == std::string::npos) {
        return false;
      }
      const Result<redis::Reply> nodes = node->TryRun({"CLUSTER", "NODES"});
      if (!nodes.ok() || nodes->text.find("fail") != std::string::npos) {
        return false;
      }
      if (replication->text.find("role:master") != std::string::npos) {
        ++masters;
        if (replication->text.find("state=online") == std::string::npos) {
          return false;
        }
      } else if (replication->text.find("master_link_status:up") == std::string::npos) {
        return false;
      }
    }
    return masters == 3;
  }

 private:
  TempClusterNode& AnyMaster(Chance& chance) {
    std::vector<TempClusterNode*> masters;
    for (const std::unique_ptr<TempClusterNode>& node : cluster_.nodes()) {
      if (node->IsMaster()) {
        masters.push_back(node.get());
      }
    }
    EXPECT_FALSE(masters.empty());
    return *masters.at(static_cast<std::size_t>(chance.Below(static_cast<int>(masters.size()))));
  }
  TempClusterNode& ReplicaOf(const TempClusterNode& master) {
    for (const std::unique_ptr<TempClusterNode>& node : cluster_.nodes()) {
      const Result<redis::Reply> role = node->TryRun({"ROLE"});
      if (role.ok() && role->elements.size() > 2 && role->elements[0].text == "slave" &&
          role->elements[2].integer == master.endpoint().port) {
        return *node;
      }
    }
    ADD_FAILURE() << "a master without a replica";
    return *cluster_.nodes().front();
  }
  static bool IsPromoted(const TempClusterNode& replica) {
    return Eventually([&] { return replica.IsMaster(); }, std::chrono::seconds(60));
  }

  TempCluster cluster_;
};

}  // namespace

std::unique_ptr<FaultyRedis> MakeFaultyCluster() { return std::make_unique<FaultyCluster>(); }

}  // namespace kulanz::testing
