// Asking the nodes of a cluster who has what. Blocks; never on a loop.
#pragma once

#include <cstdint>
#include <vector>

#include "service/adapters/redis/address.h"
#include "service/adapters/redis/cluster_slots.h"
#include "service/adapters/redis/key_codec.h"
#include "service/base/result.h"
#include "service/domain/time.h"

namespace kulanz::redis {

// The cluster as one of its nodes sees it. Whatever changes raises the epoch.
struct ClusterView {
  std::vector<SlotRange> slots;
  std::uint64_t epoch = 0;
  bool is_ok = false;  // the node finds every slot covered, and itself in the majority
};

// CLUSTER SLOTS and CLUSTER INFO of one node.
Result<ClusterView> AskNode(const RedisAddress& address, const Endpoint& node, Duration timeout);

// The genesis that the owner of partition 0 has. FAILED_PRECONDITION / NO_GENESIS when it has none.
Result<Genesis> ReadClusterGenesis(const RedisAddress& address, const ClusterView& view,
                                   Duration timeout);

}  // namespace kulanz::redis
