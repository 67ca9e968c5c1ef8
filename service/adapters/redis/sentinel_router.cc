#include "service/adapters/redis/sentinel_router.h"

#include <utility>

#include "service/adapters/redis/failures.h"

namespace kulanz::redis {
namespace {

// On one network with us; a Sentinel that is slower is as good as gone.
constexpr Duration kSentinelTimeout{300};
constexpr Duration kPauseBetweenSentinels{50};

}  // namespace

SentinelRouter::SentinelRouter(StoreState& state, std::function<void()> on_change)
    : Router(state, std::move(on_change)),
      group_(AddConnections()),
      watch_(state.options().topology_interval, kPauseBetweenSentinels, [this] { Look(); }) {}

SentinelRouter::~SentinelRouter() { ShutDown(); }

void SentinelRouter::Look() {
  const RedisAddress& address = state_.options().address;
  const Result<SentinelView> view = FindMaster(address, kSentinelTimeout, known_);
  if (!view.ok()) {
    if (!known_) {
      SetDown(view.status());
    }
    return;
  }
  if (known_ && known_->master == view->master) {
    known_ = *view;
    return;
  }
  const Status why = Unreachable("the master is at " + view->master.ToString() +
                                 " now, which has not been reached yet");
  for (Connection* connection : group_) {
    connection->SetTarget(address.At(view->master), why);
  }
  // After that: whoever reads it is behind it.
  state_.log().Info("store_master", "the Sentinels name the master",
                    {{"master", view->master.ToString()},
                     {"epoch", std::to_string(view->epoch)},
                     {"before", known_ ? known_->master.ToString() : "none"}});
  if (!known_) {
    RouteAllTo(group_);
  }
  known_ = *view;
}

}  // namespace kulanz::redis
