#include "tests/support/redis/temp_cluster.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "service/adapters/redis/cluster_slots.h"
#include "tests/support/eventually.h"

namespace kulanz::testing {
namespace {

std::string SlotText(std::uint16_t partition) { return std::to_string(redis::SlotOf({partition})); }

}  // namespace

TempClusterNode::TempClusterNode(int node_timeout_ms, const std::vector<std::string>& arguments,
                                 const PortInFront& in_front, const TestCertificates* certificates)
    : TempClusterNode(
          [&] {
            const std::uint16_t port = FreePort();
            return std::pair(port, in_front ? in_front(port) : port);
          }(),
          node_timeout_ms, arguments, certificates) {}

TempClusterNode::TempClusterNode(std::pair<std::uint16_t, std::uint16_t> ports, int node_timeout_ms,
                                 const std::vector<std::string>& arguments,
                                 const TestCertificates* certificates)
    : TempRedis([&] {
        std::vector<std::string> all = OnPort(ports.first, certificates);
        const std::string bus = std::to_string(FreePort());
        all.insert(all.end(),
                   {"--cluster-enabled", "yes", "--cluster-port", bus, "--cluster-node-timeout",
                    std::to_string(node_timeout_ms), "--cluster-replica-validity-factor", "0",
                    "--cluster-allow-replica-migration", "no"});
        if (ports.second != ports.first) {
          all.insert(all.end(), {"--cluster-announce-port", std::to_string(ports.second),
                                 "--cluster-announce-bus-port", bus});
        }
        all.insert(all.end(), arguments.begin(), arguments.end());
        return all;
      }()),
      port_(ports.first),
      announced_(ports.second) {}

std::string TempClusterNode::id() const { return Run({"CLUSTER", "MYID"}).text; }

TempCluster::TempCluster(const Options& options) : options_(options) {
  const int nodes = options.masters + options.replicas;
  for (int node = 0; node < nodes; ++node) {
    nodes_.push_back(std::make_unique<TempClusterNode>(options.node_timeout_ms, options.arguments,
                                                       options.in_front, options.certificates));
  }
  for (int master = 0; master < options.masters; ++master) {
    const std::uint32_t first = redis::kClusterSlots * static_cast<std::uint32_t>(master) /
                                static_cast<std::uint32_t>(options.masters);
    const std::uint32_t end = redis::kClusterSlots * static_cast<std::uint32_t>(master + 1) /
                              static_cast<std::uint32_t>(options.masters);
    TempClusterNode& node = *nodes_.at(static_cast<std::size_t>(master));
    node.Run({"CLUSTER", "ADDSLOTSRANGE", std::to_string(first), std::to_string(end - 1)});
    node.Run({"CLUSTER", "SET-CONFIG-EPOCH", std::to_string(master + 1)});
  }
  for (std::size_t node = 1; node < nodes_.size(); ++node) {
    Meet(*nodes_[node]);
  }
  for (int replica = 0; replica < options.replicas; ++replica) {
    TempClusterNode& node = *nodes_.at(static_cast<std::size_t>(options.masters + replica));
    const std::string master = nodes_.at(static_cast<std::size_t>(replica % options.masters))->id();
    EXPECT_TRUE(Eventually([&] { return node.TryRun({"CLUSTER", "REPLICATE", master}).ok(); }));
  }
  EXPECT_TRUE(Eventually([this] { return AllAreWell(); })) << "the cluster must find itself";
}

void TempCluster::Meet(const TempClusterNode& node) const {
  const std::string bus = node.Run({"CONFIG", "GET", "cluster-port"}).elements.at(1).text;
  nodes_.front()->Run({"CLUSTER", "MEET", "127.0.0.1", std::to_string(node.port()), bus});
  // Each knows of all before the next comes, so that no gossip has to be waited for.
  const std::string id = node.id();
  EXPECT_TRUE(Eventually([&] {
    return nodes_.front()->Run({"CLUSTER", "NODES"}).text.find(id) != std::string::npos;
  }));
}

// Every node sees every slot covered and every other node connected; replicas are in step.
bool TempCluster::AllAreWell() const {
  return std::all_of(nodes_.begin(), nodes_.end(), [&](const auto& node) {
    const std::string info = node->Run({"CLUSTER", "INFO"}).text;
    const std::string known = "cluster_known_nodes:" + std::to_string(nodes_.size()) + "\r";
    if (info.find("cluster_state:ok") == std::string::npos ||
        info.find(known) == std::string::npos) {
      return false;
    }
    const std::string replication = node->Run({"INFO", "replication"}).text;
    return replication.find("master_link_status:down") == std::string::npos;
  });
}

redis::RedisAddress TempCluster::address() const {
  redis::RedisAddress address;
  address.topology = redis::Topology::kCluster;
  for (const std::unique_ptr<TempClusterNode>& node : nodes_) {
    address.seeds.push_back(node->endpoint());
  }
  if (options_.certificates != nullptr) {
    address.tls = true;
    address.tls_options = options_.certificates->ClientOptions();
  }
  return address;
}

TempClusterNode& TempCluster::OwnerOf(std::uint16_t partition) {
  for (const std::unique_ptr<TempClusterNode>& node : nodes_) {
    if (!node->is_running() || !node->IsMaster()) {
      continue;
    }
    const Result<redis::Reply> reply = node->TryRun({"CLUSTER", "SLOTS"});
    const auto slots = redis::ParseClusterSlots(reply.ok() ? *reply : redis::Reply{}, "127.0.0.1");
    if (slots.ok() && redis::OwnerOf(*slots, redis::SlotOf({partition})) == node->endpoint()) {
      return *node;
    }
  }
  ADD_FAILURE() << "nobody has the slot of partition " << partition;
  return *nodes_.front();
}

TempClusterNode& TempCluster::AddMaster() {
  nodes_.push_back(std::make_unique<TempClusterNode>(options_.node_timeout_ms, options_.arguments,
                                                     options_.in_front, options_.certificates));
  Meet(*nodes_.back());
  EXPECT_TRUE(Eventually([this] { return AllAreWell(); }));
  return *nodes_.back();
}

void TempCluster::BeginMove(std::uint16_t partition, TempClusterNode& from, TempClusterNode& to) {
  to.Run({"CLUSTER", "SETSLOT", SlotText(partition), "IMPORTING", from.id()});
  from.Run({"CLUSTER", "SETSLOT", SlotText(partition), "MIGRATING", to.id()});
}

std::size_t TempCluster::MoveKeys(std::uint16_t partition, TempClusterNode& from,
                                  TempClusterNode& to, std::size_t keys) {
  const redis::Reply found =
      from.Run({"CLUSTER", "GETKEYSINSLOT", SlotText(partition), std::to_string(keys)});
  if (found.elements.empty()) {
    return 0;
  }
  std::vector<std::string> migrate{"MIGRATE", "127.0.0.1", std::to_string(to.port()), "", "0",
                                   "5000",    "KEYS"};
  for (const redis::Reply& key : found.elements) {
    migrate.push_back(key.text);
  }
  EXPECT_TRUE(from.TryRun(migrate).ok());
  return found.elements.size();
}

void TempCluster::EndMove(std::uint16_t partition, TempClusterNode& to) {
  const std::string id = to.id();
  // The new owner first, then all other masters.
  to.Run({"CLUSTER", "SETSLOT", SlotText(partition), "NODE", id});
  for (const std::unique_ptr<TempClusterNode>& node : nodes_) {
    if (node.get() != &to && node->is_running() && node->IsMaster()) {
      node->Run({"CLUSTER", "SETSLOT", SlotText(partition), "NODE", id});
    }
  }
}

void TempCluster::AbortMove(std::uint16_t partition, TempClusterNode& from, TempClusterNode& to) {
  from.Run({"CLUSTER", "SETSLOT", SlotText(partition), "STABLE"});
  to.Run({"CLUSTER", "SETSLOT", SlotText(partition), "STABLE"});
}

void TempCluster::Move(std::uint16_t partition, TempClusterNode& to) {
  TempClusterNode& from = OwnerOf(partition);
  BeginMove(partition, from, to);
  while (MoveKeys(partition, from, to, 100) > 0) {
  }
  EndMove(partition, to);
}

}  // namespace kulanz::testing
