// One Redis with fsync always, and a gate for each server of Kulanz.
#include <gtest/gtest.h>

#include "service/adapters/redis/initialise.h"
#include "tests/fault/faulty_redis.h"
#include "tests/support/redis/temp_redis.h"

namespace kulanz::testing {
namespace {

using audit::Chance;

class FaultyStandalone final : public FaultyRedis {
 public:
  FaultyStandalone() : server_({"--appendfsync", "always"}) {
    for (std::size_t server = 0; server < kServersMax; ++server) {
      AddGate({.unix_path = server_.directory() + "/s"});
    }
    EXPECT_TRUE(redis::Initialise({server_.address(), {"test", kPartitions}}).ok());
    AddFaultsOfOne([this](Chance&) -> TempRedis& { return server_; });
    AddFault("killed for a while", [this](Chance& chance) {
      server_.Kill();
      Hold(chance, 50, 800);
      server_.Start();
    });
    AddFault("made a replica", [this](Chance& chance) {
      // Of nobody, so that it keeps what it has.
      server_.Run({"REPLICAOF", "127.0.0.1", std::to_string(FreePort())});
      Hold(chance, 50, 500);
      server_.Run({"REPLICAOF", "NO", "ONE"});
    });
    AddFault("slow disk", [this](Chance& chance) {
      disk().Hold();
      Hold(chance, 50, 500);
      disk().Release();
    });
    AddFault("killed while the disk is slow", [this](Chance& chance) {
      disk().Hold();
      Hold(chance, 50, 300);
      server_.Kill();
      disk().Release();
      server_.Start();
    });
    AddFault("disk full", [this](Chance& chance) {
      // With fsync always Redis would rather end than lose what it acknowledged.
      disk().Fill();
      Hold(chance, 50, 400);
      server_.Kill();
      disk().Release();
      server_.Start();
    });
  }

  redis::RedisOptions OptionsFor(std::size_t server) const override {
    redis::RedisOptions options = QuickOptions();
    options.address.host = "127.0.0.1";
    options.address.port = GatePort(server);
    return options;
  }
  bool IsWhole() override { return server_.IsMaster(); }

 private:
  TempRedis server_;
};

}  // namespace

std::unique_ptr<FaultyRedis> MakeFaultyStandalone() { return std::make_unique<FaultyStandalone>(); }

}  // namespace kulanz::testing
