#include "service/adapters/redis/router.h"

#include <utility>

#include "service/adapters/redis/cluster_router.h"
#include "service/adapters/redis/failures.h"
#include "service/adapters/redis/sentinel_router.h"

namespace kulanz::redis {
namespace {

// One server, or a fixed master.
class StandaloneRouter final : public Router {
 public:
  StandaloneRouter(StoreState& state, std::function<void()> on_change)
      : Router(state, std::move(on_change)) {
    const std::vector<Connection*> group = AddConnections();
    RouteAllTo(group);
    for (Connection* connection : group) {
      connection->SetTarget(state.options().address, Unreachable("Redis has not been reached yet"));
    }
  }
  ~StandaloneRouter() override { ShutDown(); }
};

}  // namespace

std::unique_ptr<Router> Router::Make(StoreState& state, std::function<void()> on_change) {
  switch (state.options().address.topology) {
    case Topology::kSentinel:
      return std::make_unique<SentinelRouter>(state, std::move(on_change));
    case Topology::kCluster:
      return std::make_unique<ClusterRouter>(state, std::move(on_change));
    case Topology::kStandalone:
      break;
  }
  return std::make_unique<StandaloneRouter>(state, std::move(on_change));
}

Router::Router(StoreState& state, std::function<void()> on_change)
    : state_(state),
      on_change_(std::move(on_change)),
      down_(Unreachable("Redis has not been reached yet")) {}

Router::~Router() { ShutDown(); }

void Router::ShutDown() {
  // All stop before any ends: until then each may still hand a call to another, and meet a master that is new.
  for (std::size_t next = 0;; ++next) {
    Connection* connection = nullptr;
    {
      const std::lock_guard lock(mutex_);
      if (next == connections_.size()) {
        return;
      }
      connection = connections_[next].get();
    }
    connection->Stop();
  }
}

bool Router::Submit(Call& call) {
  Connection* const connection = ConnectionOf(call.partition);
  if (connection == nullptr) {
    call.Fail(DownStatus());
    return false;
  }
  return connection->Submit(call);
}

Status Router::Health() const {
  const Genesis* const genesis = state_.genesis();
  const std::uint32_t partitions = genesis == nullptr ? 1 : genesis->partition_count;
  for (std::uint32_t number = 0; number < partitions; ++number) {
    const Connection* const connection = ConnectionOf({static_cast<std::uint16_t>(number)});
    KULANZ_RETURN_IF_ERROR(connection == nullptr ? DownStatus() : connection->Health());
  }
  return Status::Ok();
}

Status Router::DownStatus() const {
  const std::lock_guard lock(mutex_);
  return down_.WithRetryAfter(state_.options().backoff_min);
}

void Router::SetDown(Status why) {
  {
    const std::lock_guard lock(mutex_);
    if (down_.message() == why.message()) {
      return;
    }
    down_ = why;
  }
  state_.log().Warning(
      "store_down", why.message(),
      {{"address", state_.options().address.ToString()}, {"reason", std::string(why.reason())}});
  on_change_();
}

std::vector<Connection*> Router::AddConnections() {
  const std::lock_guard lock(mutex_);
  std::vector<Connection*> group;
  for (std::uint32_t count = 0; count < state_.options().connections; ++count) {
    const auto number = static_cast<std::uint32_t>(connections_.size());
    connections_.push_back(std::make_unique<Connection>(state_, *this, number));
    group.push_back(connections_.back().get());
  }
  return group;
}

void Router::RouteAllTo(const std::vector<Connection*>& group) {
  for (std::uint16_t number = 0; number < ports::kPartitionsMax; ++number) {
    Route({number}, group[number % group.size()]);
  }
}

}  // namespace kulanz::redis
