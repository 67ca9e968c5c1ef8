// SentinelRouter: all connections go to the master that the Sentinels name.
//
// They are asked every topology_interval, and at once when a connection is lost. When they name another
// master, every connection to the one before is closed at once: what was under way there is uncertain.
// That the server is a master is verified by each handshake. Until the Sentinels can say, the last known
// master stays.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "service/adapters/redis/router.h"
#include "service/adapters/redis/sentinel_client.h"
#include "service/adapters/redis/topology_watch.h"

namespace kulanz::redis {

class SentinelRouter final : public Router {
 public:
  SentinelRouter(StoreState& state, std::function<void()> on_change);
  ~SentinelRouter() override;

  void ServerLost() override { watch_.Ask(); }

 private:
  void Look();

  const std::vector<Connection*> group_;
  std::optional<SentinelView> known_;  // on the watch's thread only
  TopologyWatch watch_;                // last: it uses everything above
};

}  // namespace kulanz::redis
