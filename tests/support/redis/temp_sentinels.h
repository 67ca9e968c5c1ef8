// TempSentinels: a master, replicas and Sentinels that watch them, all of a test's own.
//
// Returns from the constructor once every Sentinel knows the replicas and the others. Which Redis is the
// master changes with failovers: `master()` asks the Redis' themselves.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tests/support/redis/temp_redis.h"

namespace kulanz::testing {

class TempSentinel : public TempServer {
 public:
  TempSentinel(std::uint16_t master_port, int quorum, const std::vector<std::string>& lines,
               const TestCertificates* certificates);
  redis::Endpoint endpoint() const { return {"127.0.0.1", port_}; }

 private:
  const std::uint16_t port_;
};

class TempSentinels {
 public:
  static constexpr const char* kMasterName = "main";

  struct Options {
    int replicas = 1;
    int sentinels = 3;
    // How long a master has to be silent to be down. The tests of failovers keep it short.
    int down_after_ms = 30'000;
    std::vector<std::string> redis_arguments = {};
    std::vector<std::string> sentinel_lines = {};    // of sentinel.conf
    PortInFront in_front = {};                       // of each Redis, for Sentinels and clients
    const TestCertificates* certificates = nullptr;  // of all of them, which then speak TLS only
  };
  explicit TempSentinels(const Options& options);

  redis::RedisAddress address() const;  // of the Sentinels
  // The one that says it is a master; the first if several do.
  TempReplica& master();
  std::vector<std::unique_ptr<TempReplica>>& servers() { return servers_; }
  std::vector<std::unique_ptr<TempSentinel>>& sentinels() { return sentinels_; }
  // Until every Sentinel names the server at `port` as the master.
  bool AllName(std::uint16_t port) const;

 private:
  const TestCertificates* const certificates_;
  std::vector<std::unique_ptr<TempReplica>> servers_;
  std::vector<std::unique_ptr<TempSentinel>> sentinels_;
};

}  // namespace kulanz::testing
