// FaultyRedis: Redis as operators run it, with everything that can go wrong with its servers and on the way
// to them, one fault after another or several at once.
//
//   auto redis = MakeFaultyRedis(redis::Topology::kSentinel);
//   Chance chance(seed);
//   redis->server_faults()[0].strike(chance);   // happens, lasts a moment, is over
//   EXPECT_TRUE(redis->BecomesWhole());
//
// Durability is the strongest that the topology has, so that nothing that was acknowledged may be lost:
// fsync always, and a WAIT for the replica. Server faults come one at a time, with BecomesWhole between
// them: two at once are more than that level promises to survive. Network faults may come at any time.
// Every way to a Redis leads through a gate, that of replicas and of Sentinels to it, too.
//
// Thread-safety: server faults by one thread, network faults by another.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "service/adapters/redis/options.h"
#include "tests/fault/faulty_disk.h"
#include "tests/fault/gate.h"
#include "tests/support/audit/workload.h"

namespace kulanz::testing {

struct Fault {
  std::string name;
  // Makes it, lets it last, and ends it.
  std::function<void(audit::Chance&)> strike;
};

class FaultyRedis {
 public:
  static constexpr std::uint32_t kPartitions = 32;
  static constexpr std::size_t kServersMax = 4;  // of Kulanz

  virtual ~FaultyRedis();
  FaultyRedis(const FaultyRedis&) = delete;
  FaultyRedis& operator=(const FaultyRedis&) = delete;

  // How the server of Kulanz with this number reaches it.
  virtual redis::RedisOptions OptionsFor(std::size_t server) const = 0;
  // Every Redis is up, in its place and in step.
  virtual bool IsWhole() = 0;
  // Waits for that; false when it takes too long.
  bool BecomesWhole();
  // Ends what network faults there are.
  void HealNetwork();

  const std::vector<Fault>& server_faults() const { return server_faults_; }
  const std::vector<Fault>& network_faults() const { return network_faults_; }

 protected:
  FaultyRedis();
  // A gate before the server; its port.
  std::uint16_t AddGate(Gate::Target target);
  std::uint16_t GatePort(std::size_t gate) const { return gates_.at(gate)->port(); }
  void AddFault(std::string name, std::function<void(audit::Chance&)> strike) {
    server_faults_.push_back({std::move(name), std::move(strike)});
  }
  // What can happen to any Redis that is in charge; `pick` names one.
  void AddFaultsOfOne(const std::function<class TempRedis&(audit::Chance&)>& pick);
  static redis::RedisOptions QuickOptions();
  const FaultyDisk& disk() const { return disk_; }

 private:
  using GateFault = std::function<void(Gate&, audit::Chance&)>;
  void AddNetworkFault(std::string name, const GateFault& strike);

  const FaultyDisk disk_{FaultyDisk::Sync::kSkip};  // of every Redis
  std::vector<std::unique_ptr<Gate>> gates_;
  std::vector<Fault> server_faults_;
  std::vector<Fault> network_faults_;
};

// For a while: between so many milliseconds.
void Hold(audit::Chance& chance, int at_least, int at_most);

// Initialised as a store, with servers and gates.
std::unique_ptr<FaultyRedis> MakeFaultyRedis(redis::Topology topology);
std::unique_ptr<FaultyRedis> MakeFaultyStandalone();
std::unique_ptr<FaultyRedis> MakeFaultySentinels();
std::unique_ptr<FaultyRedis> MakeFaultyCluster();

}  // namespace kulanz::testing
