#include "tests/support/redis/temp_redis.h"

#include <fstream>
#include <utility>

namespace kulanz::testing {

TempRedis::TempRedis(std::vector<std::string> arguments, const std::string& file) {
  const std::string path = directory() + "/redis.conf";
  std::ofstream(path) << file;
  std::vector<std::string> all{path,
                               "--port",
                               "0",
                               "--bind",
                               "127.0.0.1",
                               "--unixsocket",
                               directory() + "/s",
                               "--dir",
                               directory(),
                               "--save",
                               "",
                               "--appendonly",
                               "yes",
                               "--maxmemory-policy",
                               "noeviction",
                               "--enable-debug-command",
                               "yes",
                               "--repl-diskless-sync-delay",
                               "0",
                               "--repl-ping-replica-period",
                               "1"};
  all.insert(all.end(), arguments.begin(), arguments.end());
  SetArguments(std::move(all));
  Start();
}

bool TempRedis::IsMaster() const {
  const Result<redis::Reply> role = TryRun({"ROLE"});
  return role.ok() && !role->elements.empty() && role->elements.front().text == "master";
}

std::vector<std::string> TempRedis::OnPort(std::uint16_t port,
                                           const TestCertificates* certificates) {
  return certificates == nullptr ? std::vector<std::string>{"--port", std::to_string(port)}
                                 : certificates->OnlyTlsArguments(port);
}

TempReplica::TempReplica(std::uint16_t master_port, std::vector<std::string> arguments,
                         const PortInFront& in_front, const TestCertificates* certificates)
    : TempReplica(
          [&] {
            const std::uint16_t port = FreePort();
            return std::pair(port, in_front ? in_front(port) : port);
          }(),
          master_port, std::move(arguments), certificates) {}

TempReplica::TempReplica(std::pair<std::uint16_t, std::uint16_t> ports, std::uint16_t master_port,
                         std::vector<std::string> arguments, const TestCertificates* certificates)
    : TempRedis(
          [&] {
            std::vector<std::string> all = OnPort(ports.first, certificates);
            all.insert(all.end(), {"--replica-announce-ip", "127.0.0.1", "--replica-announce-port",
                                   std::to_string(ports.second)});
            all.insert(all.end(), arguments.begin(), arguments.end());
            return all;
          }(),
          // In the file, so that it comes back as what it last was.
          master_port == 0 ? "" : "replicaof 127.0.0.1 " + std::to_string(master_port) + "\n"),
      announced_(ports.second) {}

}  // namespace kulanz::testing
