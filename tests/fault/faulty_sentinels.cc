// A master and a replica, each behind a gate, and three Sentinels; every commit waits for the replica.
#include <gtest/gtest.h>

#include <algorithm>

#include "service/adapters/redis/initialise.h"
#include "tests/fault/faulty_redis.h"
#include "tests/support/eventually.h"
#include "tests/support/redis/temp_sentinels.h"

namespace kulanz::testing {
namespace {

using audit::Chance;

class FaultySentinels final : public FaultyRedis {
 public:
  FaultySentinels()
      : servers_({.replicas = 1,
                  .sentinels = 3,
                  .down_after_ms = 1'000,
                  // What a fault sets for a while must not be rewritten into the file.
                  .redis_arguments = {"--appendfsync", "always", "--repl-timeout", "5",
                                      "--maxmemory", "0", "--min-replicas-to-write", "0"},
                  .in_front = [this](std::uint16_t port) {
                    return AddGate({.unix_path = {}, .port = port});
                  }}) {
    EXPECT_TRUE(redis::Initialise({servers_.address(), {"test", kPartitions}}).ok());
    AddFaultsOfOne([this](Chance&) -> TempRedis& { return servers_.master(); });
    AddFault("master killed", [this](Chance&) {
      TempReplica& master = servers_.master();
      TempReplica& replica = OtherThan(master);
      master.Kill();
      EXPECT_TRUE(IsPromoted(replica));
      master.Start();
      Follow(master, replica);
    });
    AddFault("master stopped until it is replaced", [this](Chance& chance) {
      TempReplica& master = servers_.master();
      TempReplica& replica = OtherThan(master);
      master.Freeze();
      EXPECT_TRUE(IsPromoted(replica));
      Hold(chance, 0, 300);
      master.Thaw();  // as a master that does not know yet
      Hold(chance, 0, 300);
      Follow(master, replica);
    });
    AddFault("failover by command", [this](Chance&) {
      TempReplica& replica = OtherThan(servers_.master());
      // Refused while the one before is not over; then there is none.
      if (servers_.sentinels()
              .front()
              ->TryRun({"SENTINEL", "FAILOVER", TempSentinels::kMasterName})
              .ok()) {
        EXPECT_TRUE(IsPromoted(replica));
      }
    });
    AddFault("replica killed", [this](Chance& chance) {
      TempReplica& replica = OtherThan(servers_.master());
      replica.Kill();
      Hold(chance, 50, 500);
      replica.Start();
    });
    AddFault("replica stopped", [this](Chance& chance) {
      TempReplica& replica = OtherThan(servers_.master());
      replica.Freeze();
      Hold(chance, 50, 800);
      replica.Thaw();
    });
    AddFault("a Sentinel killed", [this](Chance& chance) {
      TempSentinel& sentinel = *servers_.sentinels().at(static_cast<std::size_t>(chance.Below(3)));
      sentinel.Kill();
      Hold(chance, 50, 500);
      sentinel.Start();
    });
  }

  redis::RedisOptions OptionsFor(std::size_t /*server*/) const override {
    redis::RedisOptions options = QuickOptions();
    options.address = servers_.address();
    options.replicas_to_wait = 1;
    return options;
  }
  bool IsWhole() override {
    int masters = 0;
    for (const std::unique_ptr<TempReplica>& server : servers_.servers()) {
      const Result<redis::Reply> info = server->TryRun({"INFO", "replication"});
      if (!info.ok()) {
        return false;
      }
      if (info->text.find("role:master") != std::string::npos) {
        ++masters;
        if (info->text.find("state=online") == std::string::npos) {
          return false;
        }
        const auto is_named = [&](const std::unique_ptr<TempSentinel>& sentinel) {
          const Result<redis::Reply> named =
              sentinel->TryRun({"SENTINEL", "GET-MASTER-ADDR-BY-NAME", TempSentinels::kMasterName});
          return named.ok() && named->elements.size() == 2 &&
                 named->elements[1].text == std::to_string(server->port());
        };
        if (!std::all_of(servers_.sentinels().begin(), servers_.sentinels().end(), is_named)) {
          return false;
        }
      } else if (info->text.find("master_link_status:up") == std::string::npos) {
        return false;
      }
    }
    return masters == 1;
  }

 private:
  TempReplica& OtherThan(const TempReplica& one) {
    return &one == servers_.servers()[0].get() ? *servers_.servers()[1] : *servers_.servers()[0];
  }
  // The Sentinels do the same, after ten seconds.
  static void Follow(const TempReplica& replica, const TempReplica& master) {
    replica.Run({"REPLICAOF", "127.0.0.1", std::to_string(master.port())});
  }
  static bool IsPromoted(const TempReplica& replica) {
    return Eventually([&] { return replica.IsMaster(); }, std::chrono::seconds(60));
  }

  TempSentinels servers_;
};

}  // namespace

std::unique_ptr<FaultyRedis> MakeFaultySentinels() { return std::make_unique<FaultySentinels>(); }

}  // namespace kulanz::testing
