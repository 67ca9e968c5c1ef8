// TempRedis: a real redis-server of a test's own (temp_server.h): append-only, fsync every second, no
// snapshots, noeviction; on TCP only when asked.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/support/redis/temp_server.h"

namespace kulanz::testing {

class TempRedis : public TempServer {
 public:
  // `arguments` of redis-server, behind and so above the defaults.
  explicit TempRedis(std::vector<std::string> arguments = {});

  // As arguments: listens on this port of loopback, too.
  static std::vector<std::string> OnPort(std::uint16_t port);
};

// A Redis on TCP that follows another, or none (0), and loses no time over it.
class TempReplica : public TempRedis {
 public:
  explicit TempReplica(std::uint16_t master_port, std::vector<std::string> arguments = {});
  std::uint16_t port() const { return port_; }
  redis::Endpoint endpoint() const { return {"127.0.0.1", port_}; }

 private:
  TempReplica(std::uint16_t port, std::uint16_t master_port, std::vector<std::string> arguments);
  const std::uint16_t port_;
};

}  // namespace kulanz::testing
