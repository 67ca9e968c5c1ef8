#include "tests/fault/faulty_redis.h"

#include <gtest/gtest.h>
#include <poll.h>

#include <utility>

#include "tests/support/eventually.h"
#include "tests/support/redis/temp_redis.h"

namespace kulanz::testing {

using audit::Chance;
using Milliseconds = Gate::Milliseconds;

void Hold(Chance& chance, int at_least, int at_most) {
  poll(nullptr, 0, at_least + chance.Below(at_most - at_least + 1));
}

FaultyRedis::FaultyRedis() {
  AddNetworkFault("connections cut", [](Gate& gate, Chance&) { gate.Cut(); });
  AddNetworkFault("cut in a request", [](Gate& gate, Chance& chance) {
    gate.CutAfter(Gate::kToServer, static_cast<std::size_t>(chance.Below(4'000)));
    Hold(chance, 20, 200);
  });
  AddNetworkFault("cut in a reply", [](Gate& gate, Chance& chance) {
    gate.CutAfter(Gate::kToClient, static_cast<std::size_t>(chance.Below(2'000)));
    Hold(chance, 20, 200);
  });
  AddNetworkFault("requests stalled", [](Gate& gate, Chance& chance) {
    gate.Stall(Gate::kToServer);
    Hold(chance, 50, 900);
  });
  AddNetworkFault("replies stalled", [](Gate& gate, Chance& chance) {
    gate.Stall(Gate::kToClient);
    Hold(chance, 50, 900);
  });
  // TCP loses nothing from the middle: what was swallowed, was swallowed by a connection that ends.
  AddNetworkFault("requests swallowed", [](Gate& gate, Chance& chance) {
    gate.Swallow(Gate::kToServer);
    Hold(chance, 50, 600);
    gate.Cut();
  });
  AddNetworkFault("replies swallowed", [](Gate& gate, Chance& chance) {
    gate.Swallow(Gate::kToClient);
    Hold(chance, 50, 600);
    gate.Cut();
  });
  AddNetworkFault("delayed", [](Gate& gate, Chance& chance) {
    gate.Delay(Milliseconds(1 + chance.Below(60)));
    Hold(chance, 100, 600);
  });
  AddNetworkFault("in slices", [](Gate& gate, Chance& chance) {
    gate.Slice(static_cast<std::size_t>(20 + chance.Below(1'000)), Milliseconds(1));
    Hold(chance, 100, 600);
  });
  AddNetworkFault("refused", [](Gate& gate, Chance& chance) {
    gate.Shut();
    Hold(chance, 50, 900);
  });
}

FaultyRedis::~FaultyRedis() { FaultyDisk::StopInheriting(); }

std::uint16_t FaultyRedis::AddGate(Gate::Target target) {
  gates_.push_back(std::make_unique<Gate>(std::move(target)));
  return gates_.back()->port();
}

void FaultyRedis::AddNetworkFault(std::string name, const GateFault& strike) {
  network_faults_.push_back({std::move(name), [this, strike](Chance& chance) {
                               Gate& gate = *gates_.at(static_cast<std::size_t>(
                                   chance.Below(static_cast<int>(gates_.size()))));
                               strike(gate, chance);
                               gate.Heal();
                             }});
}

void FaultyRedis::AddFaultsOfOne(const std::function<TempRedis&(Chance&)>& pick) {
  AddFault("killed and restarted", [pick](Chance& chance) {
    TempRedis& redis = pick(chance);
    redis.Kill();
    redis.Start();
  });
  AddFault("stopped for a moment", [pick](Chance& chance) {
    TempRedis& redis = pick(chance);
    redis.Freeze();
    Hold(chance, 50, 500);
    redis.Thaw();
  });
  AddFault("SCRIPT FLUSH", [pick](Chance& chance) { pick(chance).Run({"SCRIPT", "FLUSH"}); });
  AddFault("CLIENT PAUSE ALL", [pick](Chance& chance) {
    pick(chance).Run({"CLIENT", "PAUSE", std::to_string(50 + chance.Below(450)), "ALL"});
  });
  AddFault("CLIENT PAUSE WRITE", [pick](Chance& chance) {
    pick(chance).Run({"CLIENT", "PAUSE", std::to_string(50 + chance.Below(450)), "WRITE"});
  });
  AddFault("CLIENT KILL", [pick](Chance& chance) {
    pick(chance).Run({"CLIENT", "KILL", "TYPE", "normal"});
  });
  AddFault("out of memory", [pick](Chance& chance) {
    TempRedis& redis = pick(chance);
    redis.Run({"CONFIG", "SET", "maxmemory", "1"});
    Hold(chance, 50, 500);
    redis.Run({"CONFIG", "SET", "maxmemory", "0"});
  });
  AddFault("too few replicas", [pick](Chance& chance) {
    TempRedis& redis = pick(chance);
    redis.Run({"CONFIG", "SET", "min-replicas-to-write", "5"});
    Hold(chance, 50, 500);
    redis.Run({"CONFIG", "SET", "min-replicas-to-write", "0"});
  });
}

bool FaultyRedis::BecomesWhole() {
  return Eventually([this] { return IsWhole(); }, std::chrono::seconds(90));
}

void FaultyRedis::HealNetwork() {
  for (const std::unique_ptr<Gate>& gate : gates_) {
    gate->Heal();
  }
}

redis::RedisOptions FaultyRedis::QuickOptions() {
  redis::RedisOptions options;
  options.connections = 2;
  options.connect_timeout = Duration(1'000);
  options.reply_timeout = Duration(600);
  options.wait_timeout = Duration(400);
  options.backoff_min = Duration(5);
  options.backoff_max = Duration(100);
  options.clock_interval = Duration(50);
  options.topology_interval = Duration(100);
  return options;
}

std::unique_ptr<FaultyRedis> MakeFaultyRedis(redis::Topology topology) {
  switch (topology) {
    case redis::Topology::kStandalone:
      return MakeFaultyStandalone();
    case redis::Topology::kSentinel:
      return MakeFaultySentinels();
    case redis::Topology::kCluster:
      break;
  }
  return MakeFaultyCluster();
}

}  // namespace kulanz::testing
