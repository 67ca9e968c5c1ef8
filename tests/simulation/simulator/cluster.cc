#include "tests/simulation/simulator/cluster.h"

#include <utility>

namespace kulanz::simulation {

void Cluster::Start() {
  const std::string name = "server" + std::to_string(servers_.size() + 1);
  trace_.Note(name + " starts");
  servers_.push_back(std::make_unique<SimServer>(database_, common_, office_, name, bug_));
}

std::vector<SimServer*> Cluster::Serving() {
  std::vector<SimServer*> serving;
  for (const auto& server : servers_) {
    if (server->serving()) {
      serving.push_back(server.get());
    }
  }
  return serving;
}

SimServer& Cluster::Any() {
  const auto serving = Serving();
  return *serving[static_cast<std::size_t>(
      world().random().Below(static_cast<std::int64_t>(serving.size())))];
}

void Cluster::Suffer(const AccidentPlan& plan) {
  const std::string length = std::to_string(plan.length.count()) + " ms";
  switch (plan.accident) {
    case Accident::kKill: {
      SimServer& victim = Any();
      trace_.Note(victim.name() + " is killed");
      Start();  // before it dies, so that somebody serves
      victim.Kill();
      return;
    }
    case Accident::kStop: {
      SimServer& victim = Any();
      trace_.Note(victim.name() + " stands still for " + length);
      victim.Stop(plan.length);
      return;
    }
    case Accident::kShutdown: {
      SimServer& victim = Any();
      trace_.Note(victim.name() + " shuts down");
      Start();
      Spawn(victim.Shutdown());
      return;
    }
    case Accident::kStoreAway:
      trace_.Note("the store is away for " + length);
      database_.away = true;
      journal_.store_away.push_back({world().now(), world().now() + plan.length});
      world().After(plan.length, [this] {
        trace_.Note("the store is back");
        database_.away = false;
      });
      return;
    case Accident::kClockJump:
      trace_.Note("the store's clock jumps by " + length);
      journal_.clock_jumps[world().now()] += plan.length;
      database_.JumpClock(plan.length);
      return;
  }
}

void Cluster::KillAll() {
  for (const auto& server : servers_) {
    server->Kill();
  }
}

}  // namespace kulanz::simulation
