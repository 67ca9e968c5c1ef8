// TempCluster: a Redis Cluster of a test's own: masters that share the slots, and replicas.
//
// Returns from the constructor once every node finds the cluster complete. Slots are moved step by step,
// as redis-cli does it, so that a test can look in between.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/redis/temp_redis.h"

namespace kulanz::testing {

class TempClusterNode : public TempRedis {
 public:
  explicit TempClusterNode(int node_timeout_ms, const std::vector<std::string>& arguments = {},
                           const PortInFront& in_front = {},
                           const TestCertificates* certificates = nullptr);
  std::uint16_t port() const { return port_; }
  // Where clients and replicas find it.
  redis::Endpoint endpoint() const { return {"127.0.0.1", announced_}; }
  std::string id() const;

 private:
  // Its own port, and the announced one.
  TempClusterNode(std::pair<std::uint16_t, std::uint16_t> ports, int node_timeout_ms,
                  const std::vector<std::string>& arguments, const TestCertificates* certificates);
  const std::uint16_t port_;
  const std::uint16_t announced_;
};

class TempCluster {
 public:
  struct Options {
    int masters = 3;
    int replicas = 3;  // of the masters in turn
    // How long a node has to be silent to be down. The tests of failovers keep it short.
    int node_timeout_ms = 30'000;
    std::vector<std::string> arguments = {};         // of each node
    PortInFront in_front = {};                       // of each node, for clients and replicas
    const TestCertificates* certificates = nullptr;  // of all nodes, which then speak TLS only
  };
  explicit TempCluster(const Options& options);

  redis::RedisAddress address() const;  // of all nodes
  TempClusterNode& node(std::size_t number) { return *nodes_.at(number); }
  std::vector<std::unique_ptr<TempClusterNode>>& nodes() { return nodes_; }
  // The running master that has the partition's slot.
  TempClusterNode& OwnerOf(std::uint16_t partition);

  // A new master without slots, known to all.
  TempClusterNode& AddMaster();
  // Moves the slot of a partition, as far as one says.
  static void BeginMove(std::uint16_t partition, TempClusterNode& from, TempClusterNode& to);
  // At most so many keys; how many were moved.
  static std::size_t MoveKeys(std::uint16_t partition, TempClusterNode& from, TempClusterNode& to,
                              std::size_t keys);
  void EndMove(std::uint16_t partition, TempClusterNode& to);
  // Before a key was moved: as if it had not begun.
  static void AbortMove(std::uint16_t partition, TempClusterNode& from, TempClusterNode& to);
  // All of it.
  void Move(std::uint16_t partition, TempClusterNode& to);

 private:
  void Meet(const TempClusterNode& node) const;
  bool AllAreWell() const;

  const Options options_;
  std::vector<std::unique_ptr<TempClusterNode>> nodes_;
};

}  // namespace kulanz::testing
