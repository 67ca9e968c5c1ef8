// Asking Sentinels where a master is. Blocks; never on a loop.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "service/adapters/redis/address.h"
#include "service/base/result.h"
#include "service/domain/time.h"

namespace kulanz::redis {

struct Reply;

// A master as a Sentinel knows it. Each failover has a higher epoch.
struct SentinelView {
  Endpoint master;
  std::uint64_t epoch = 0;
};

// Of SENTINEL MASTER. Nothing when the reply has another form.
std::optional<SentinelView> ParseSentinelMaster(const Reply& reply);

// What to believe: the newest of `views`, unless it is older than `known` and comes from no more than
// half of the `sentinels` there are (a Sentinel that was cut off, or has forgotten). Nothing: no news.
std::optional<SentinelView> ChooseView(const std::vector<SentinelView>& views,
                                       std::size_t sentinels,
                                       const std::optional<SentinelView>& known);

// Asks every Sentinel of `address` (Topology::kSentinel), each for at most `timeout`, and chooses.
// UNAVAILABLE / STORE_UNREACHABLE when none knows the master, with the last one's reason.
Result<SentinelView> FindMaster(const RedisAddress& address, Duration timeout,
                                const std::optional<SentinelView>& known);

}  // namespace kulanz::redis
