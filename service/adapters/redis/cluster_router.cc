#include "service/adapters/redis/cluster_router.h"

#include <algorithm>
#include <chrono>
#include <set>
#include <string>
#include <utility>

#include "service/adapters/redis/failures.h"

namespace kulanz::redis {
namespace {

// On one network with us; a node that is slower is as good as gone.
constexpr Duration kNodeTimeout{300};
constexpr Duration kPauseBetweenNodes{20};
// So many nodes have to answer before the newest answer is believed; fewer if there are no more.
constexpr std::size_t kViewsWanted = 2;
constexpr Duration kKeepWithoutSlots{2'000};
// Time for a master that is new to be reached, while the one before says that it has taken over.
constexpr Duration kPatience{1000};

std::array<std::uint16_t, ports::kPartitionsMax> SlotsOfPartitions() {
  std::array<std::uint16_t, ports::kPartitionsMax> slots{};
  for (std::uint16_t number = 0; number < ports::kPartitionsMax; ++number) {
    slots[number] = SlotOf({number});
  }
  return slots;
}

}  // namespace

ClusterRouter::ClusterRouter(StoreState& state, std::function<void()> on_change)
    : Router(state, std::move(on_change)),
      slot_of_(SlotsOfPartitions()),
      candidates_(state.options().address.seeds.begin(), state.options().address.seeds.end()),
      watch_(state.options().topology_interval, kPauseBetweenNodes, [this] { Look(); }) {}

ClusterRouter::~ClusterRouter() {
  watch_.Stop();  // it adds connections
  ShutDown();
}

void ClusterRouter::Look() {
  const RedisAddress& address = state_.options().address;
  const Result<ClusterView> view = Find();
  if (!view.ok()) {
    return SetDown(view.status());
  }
  if (state_.genesis() == nullptr) {
    const Result<Genesis> genesis = ReadClusterGenesis(address, *view, kNodeTimeout);
    const Status adopted = genesis.ok() ? state_.AdoptGenesis(*genesis) : genesis.status();
    if (!adopted.ok()) {
      return SetDown(adopted);
    }
  }
  const std::lock_guard lock(groups_mutex_);
  Apply(*view);
}

Result<ClusterView> ClusterRouter::Find() {
  std::optional<ClusterView> newest;
  Status last = Unreachable("no node of the cluster was asked");
  std::size_t views = 0;
  for (std::size_t left = candidates_.size(); left > 0 && views < kViewsWanted; --left) {
    const Endpoint node = candidates_[views];
    Result<ClusterView> view = AskNode(state_.options().address, node, kNodeTimeout);
    if (!view.ok()) {
      last = view.status();
      candidates_.erase(candidates_.begin() + static_cast<std::ptrdiff_t>(views));
      candidates_.push_back(node);
      continue;
    }
    ++views;
    if (!newest || std::pair(view->is_ok, view->epoch) > std::pair(newest->is_ok, newest->epoch)) {
      newest = *std::move(view);
    }
  }
  if (!newest) {
    return last;
  }
  // Nodes of this moment, and the named ones in case all of these go.
  std::set<Endpoint> known(candidates_.begin(), candidates_.end());
  for (const SlotRange& range : newest->slots) {
    if (known.insert(range.master).second) {
      candidates_.push_back(range.master);
    }
  }
  while (candidates_.size() > kClusterMastersMax + kSeedsMax) {
    candidates_.pop_back();
  }
  return *std::move(newest);
}

void ClusterRouter::Apply(const ClusterView& view) {
  slots_ = view.slots;
  bool is_done = true;
  for (std::uint32_t number = 0; number < state_.genesis()->partition_count; ++number) {
    const ports::PartitionId partition{static_cast<std::uint16_t>(number)};
    const std::optional<Endpoint> owner = OwnerOf(slots_, slot_of_[number]);
    Group* const group = owner ? GroupOf(*owner) : nullptr;
    if (group == nullptr) {
      SetDown(owner ? Unreachable("the cluster has more masters than kClusterMastersMax of " +
                                  std::to_string(kClusterMastersMax))
                    : ErrorStatus("CLUSTERDOWN"));
      Route(partition, nullptr);
    } else {
      is_done = RouteWhenReady(partition, *group) && is_done;
    }
  }
  Release();
  LogMasters();
  HealthChanged();
  if (!is_done) {
    watch_.Ask();
  }
}

ClusterRouter::Group* ClusterRouter::GroupOf(const Endpoint& node) {
  Group* free = nullptr;
  for (Group& group : groups_) {
    if (group.node == node) {
      return &group;
    }
    if (!group.node) {
      free = &group;
    }
  }
  if (free == nullptr) {
    if (groups_.size() >= kClusterMastersMax) {
      return nullptr;
    }
    free = &groups_.emplace_back(Group{{}, AddConnections(), {}, {}});
  }
  free->node = node;
  free->patience_until = std::chrono::steady_clock::now() + kPatience;
  for (Connection* connection : free->connections) {
    connection->SetTarget(
        state_.options().address.At(node),
        Unreachable("the master " + node.ToString() + " has not been reached yet"));
  }
  return free;
}

Connection* ClusterRouter::ConnectionIn(const Group& group, ports::PartitionId partition) {
  return group.connections[partition.number % group.connections.size()];
}

bool ClusterRouter::RouteWhenReady(ports::PartitionId partition, const Group& group) {
  const Connection* const before = ConnectionOf(partition);
  Connection* const next = ConnectionIn(group, partition);
  if (before != nullptr && before != next && before->IsReady() && !next->IsReady() &&
      std::chrono::steady_clock::now() < group.patience_until) {
    return false;
  }
  Route(partition, next);
  return true;
}

void ClusterRouter::Release() {
  const Deadline now = std::chrono::steady_clock::now();
  std::set<const Connection*> used;
  for (std::uint32_t number = 0; number < state_.genesis()->partition_count; ++number) {
    used.insert(ConnectionOf({static_cast<std::uint16_t>(number)}));
  }
  for (Group& group : groups_) {
    const bool has_slots = std::any_of(slots_.begin(), slots_.end(), [&](const SlotRange& range) {
      return group.node == range.master;
    });
    const bool is_used =
        std::any_of(group.connections.begin(), group.connections.end(),
                    [&](const Connection* connection) { return used.contains(connection); });
    if (group.node && !has_slots && !is_used && group.keep_until <= now) {
      const Status why = Unreachable(group.node->ToString() + " is no master of the cluster");
      group.node.reset();
      for (Connection* connection : group.connections) {
        connection->SetTarget(std::nullopt, why);
      }
    }
  }
}

void ClusterRouter::LogMasters() {
  std::set<Endpoint> masters;
  for (const SlotRange& range : slots_) {
    masters.insert(range.master);
  }
  if (std::equal(masters.begin(), masters.end(), masters_.begin(), masters_.end())) {
    return;
  }
  masters_.assign(masters.begin(), masters.end());
  std::string text;
  for (const Endpoint& master : masters_) {
    text += (text.empty() ? "" : ",") + master.ToString();
  }
  state_.log().Info("store_masters", "the masters of the cluster", {{"masters", text}});
}

void ClusterRouter::Moved(ports::PartitionId partition, const Endpoint& node) {
  {
    const std::lock_guard lock(groups_mutex_);
    if (Group* const group = GroupOf(node)) {
      group->keep_until = std::chrono::steady_clock::now() + kKeepWithoutSlots;
      RouteWhenReady(partition, *group);
    }
  }
  watch_.Ask();
}

Connection* ClusterRouter::ConnectionTo(ports::PartitionId partition, const Endpoint& node) {
  const std::lock_guard lock(groups_mutex_);
  Group* const group = GroupOf(node);
  if (group == nullptr) {
    return nullptr;
  }
  group->keep_until = std::chrono::steady_clock::now() + kKeepWithoutSlots;
  return ConnectionIn(*group, partition);
}

std::optional<HandshakeScope> ClusterRouter::ScopeOf(const Connection& connection) const {
  HandshakeScope scope{*state_.genesis(), {}};
  const std::lock_guard lock(groups_mutex_);
  for (const Group& group : groups_) {
    const bool is_here = std::find(group.connections.begin(), group.connections.end(),
                                   &connection) != group.connections.end();
    for (std::uint32_t number = 0; is_here && number < scope.genesis.partition_count; ++number) {
      if (group.node && OwnerOf(slots_, slot_of_[number]) == group.node) {
        scope.partitions.push_back({static_cast<std::uint16_t>(number)});
      }
    }
  }
  return scope;
}

}  // namespace kulanz::redis
