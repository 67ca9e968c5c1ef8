// TempRedis: a real redis-server of a test's own (temp_server.h): append-only, fsync every second, no
// snapshots, noeviction; on TCP only when asked.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/redis/temp_server.h"
#include "tests/support/redis/test_certificates.h"

namespace kulanz::testing {

class TempRedis : public TempServer {
 public:
  // `arguments` of redis-server, behind and so above the defaults.
  // `file`: lines of its configuration file, which Redis rewrites when a Sentinel tells it to.
  explicit TempRedis(std::vector<std::string> arguments = {}, const std::string& file = {});

  // What it says itself; false when it does not answer.
  bool IsMaster() const;

  // As arguments: listens on this port of loopback, too; with certificates by TLS only.
  static std::vector<std::string> OnPort(std::uint16_t port,
                                         const TestCertificates* certificates = nullptr);
};

// What a server is to be found at by others: the port of a proxy in front of it, say. Given its own port.
using PortInFront = std::function<std::uint16_t(std::uint16_t port)>;

// A Redis on TCP that follows another, or none (0), and loses no time over it.
class TempReplica : public TempRedis {
 public:
  explicit TempReplica(std::uint16_t master_port, std::vector<std::string> arguments = {},
                       const PortInFront& in_front = {},
                       const TestCertificates* certificates = nullptr);
  // Where others find it.
  std::uint16_t port() const { return announced_; }
  redis::Endpoint endpoint() const { return {"127.0.0.1", announced_}; }

 private:
  // Its own port, and the announced one.
  TempReplica(std::pair<std::uint16_t, std::uint16_t> ports, std::uint16_t master_port,
              std::vector<std::string> arguments, const TestCertificates* certificates);
  const std::uint16_t announced_;
};

}  // namespace kulanz::testing
