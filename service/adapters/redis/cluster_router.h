// ClusterRouter: each master of a cluster has its own connections, and a partition's slot decides which.
//
// The map of slots comes from the nodes: at the start, every topology_interval, and at once when a
// connection is lost or a node answers MOVED. A partition goes to another master once a connection to
// that is ready; until then the one before answers that it has moved, and calls wait for a moment
// (connection_redirects.cc) rather than fail.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <vector>

#include "service/adapters/redis/cluster_client.h"
#include "service/adapters/redis/router.h"
#include "service/adapters/redis/topology_watch.h"

namespace kulanz::redis {

// Masters that are connected to at once.
inline constexpr std::size_t kClusterMastersMax = 128;

class ClusterRouter final : public Router {
 public:
  ClusterRouter(StoreState& state, std::function<void()> on_change);
  ~ClusterRouter() override;

  void ServerLost() override { watch_.Ask(); }
  void Moved(ports::PartitionId partition, const Endpoint& node) override;
  Connection* ConnectionTo(ports::PartitionId partition, const Endpoint& node) override;
  std::optional<HandshakeScope> ScopeOf(const Connection& connection) const override;

 private:
  // The connections to one node; without one they are free for the next.
  struct Group {
    std::optional<Endpoint> node;
    std::vector<Connection*> connections;
    Deadline patience_until{};  // until then partitions wait for it to be reached
    Deadline keep_until{};      // although it has no slots yet
  };

  // All below but Look and Find under groups_mutex_.
  void Look();
  Result<ClusterView> Find();
  void Apply(const ClusterView& view);
  // The group for `node`, made if need be; nothing when there are too many.
  Group* GroupOf(const Endpoint& node);
  static Connection* ConnectionIn(const Group& group, ports::PartitionId partition);
  // To `group`, unless that was not reached yet and the one before still is. True when it is done.
  bool RouteWhenReady(ports::PartitionId partition, const Group& group);
  void Release();
  void LogMasters();

  const std::array<std::uint16_t, ports::kPartitionsMax> slot_of_;  // by partition
  std::deque<Endpoint> candidates_;  // to be asked, the best first; on the watch's thread only

  mutable std::mutex groups_mutex_;
  std::deque<Group> groups_;       // never shrinks
  std::vector<SlotRange> slots_;   // as known last
  std::vector<Endpoint> masters_;  // as logged last
  TopologyWatch watch_;            // last: it uses everything above
};

}  // namespace kulanz::redis
