#include "tests/support/redis/temp_redis.h"

#include <utility>

namespace kulanz::testing {

TempRedis::TempRedis(std::vector<std::string> arguments) {
  std::vector<std::string> all{"--port",
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

std::vector<std::string> TempRedis::OnPort(std::uint16_t port) {
  return {"--port", std::to_string(port)};
}

TempReplica::TempReplica(std::uint16_t master_port, std::vector<std::string> arguments)
    : TempReplica(FreePort(), master_port, std::move(arguments)) {}

TempReplica::TempReplica(std::uint16_t port, std::uint16_t master_port,
                         std::vector<std::string> arguments)
    : TempRedis([&] {
        std::vector<std::string> all = OnPort(port);
        if (master_port != 0) {
          all.insert(all.end(), {"--replicaof", "127.0.0.1 " + std::to_string(master_port)});
        }
        all.insert(all.end(), arguments.begin(), arguments.end());
        return all;
      }()),
      port_(port) {}

}  // namespace kulanz::testing
