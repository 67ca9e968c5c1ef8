#include "service/adapters/redis/options.h"

#include <utility>

namespace kulanz::redis {

Status RedisOptions::Validate() const {
  const auto bad = [](std::string message) {
    return Status(Code::kInvalidArgument, "REDIS_OPTIONS", std::move(message));
  };
  KULANZ_RETURN_IF_ERROR(address.Validate());
  if (connections == 0 || connections > kConnectionsMax) {
    return bad("connections: 1 to kConnectionsMax of " + std::to_string(kConnectionsMax));
  }
  if (calls_max == 0) {
    return bad("calls_max: at least 1");
  }
  if (connect_timeout <= Duration::zero() || reply_timeout <= Duration::zero() ||
      clock_interval <= Duration::zero() || topology_interval <= Duration::zero()) {
    return bad("connect_timeout, reply_timeout, clock_interval and topology_interval are positive");
  }
  if (backoff_min <= Duration::zero() || backoff_max < backoff_min) {
    return bad("0 < backoff_min <= backoff_max");
  }
  if (replicas_to_wait > 0 && (wait_timeout <= Duration::zero() || wait_timeout >= reply_timeout)) {
    return bad("wait_timeout is positive and below reply_timeout");
  }
  return genesis ? genesis->Validate() : Status::Ok();
}

}  // namespace kulanz::redis
