// Router: which connection serves a partition, and so which server.
//
// Owns the connections. Those of a standalone Redis never change (this class); behind Sentinels all
// follow the master (sentinel_router.h); in a cluster each master has its own, and partitions move
// between them (cluster_router.h). A connection is never destroyed before the router: one that is not
// needed waits without a target until another server needs it.
//
// Thread-safety: any method from any thread, but the destructor.
#pragma once

#include <array>
#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "service/adapters/redis/address.h"
#include "service/adapters/redis/connection.h"
#include "service/adapters/redis/store_state.h"

namespace kulanz::redis {

class Router {
 public:
  // The router for the topology of the options, already connecting. `on_change`: Health() may have
  // changed; called on the thread of a connection. `state` is borrowed.
  static std::unique_ptr<Router> Make(StoreState& state, std::function<void()> on_change);
  virtual ~Router();
  Router(const Router&) = delete;
  Router& operator=(const Router&) = delete;

  // As Connection::Submit, to the connection of the call's partition.
  bool Submit(Call& call);
  // OK when every partition can be served.
  Status Health() const;

  // ---- For connections ----

  // Nothing: no server is known for it.
  Connection* ConnectionOf(ports::PartitionId partition) const {
    return table_[partition.number].load(std::memory_order_acquire);
  }
  // Why there is no connection for a partition.
  Status DownStatus() const;
  void HealthChanged() const { on_change_(); }
  // A connection was closed, or could not be made: there may be another master by now.
  virtual void ServerLost() {}
  // A node of a cluster answered that `partition` is at `node`.
  virtual void Moved(ports::PartitionId, const Endpoint& /*node*/) {}
  // The connection to `node` for `partition`, made when there is none; it may not be ready. Nothing:
  // there is no room for another.
  virtual Connection* ConnectionTo(ports::PartitionId, const Endpoint& /*node*/) { return nullptr; }
  // Which partitions a connection has to verify; nothing: all, whatever their number.
  virtual std::optional<HandshakeScope> ScopeOf(const Connection&) const { return std::nullopt; }

 protected:
  Router(StoreState& state, std::function<void()> on_change);
  // options().connections more, without a target.
  std::vector<Connection*> AddConnections();
  // Every partition to one of `group`.
  void RouteAllTo(const std::vector<Connection*>& group);
  void Route(ports::PartitionId partition, Connection* connection) {
    table_[partition.number].store(connection, std::memory_order_release);
  }
  void SetDown(Status why);
  // Ends every call under way. First thing in the destructor of each subclass that connections call.
  void ShutDown();

  StoreState& state_;

 private:
  const std::function<void()> on_change_;
  std::array<std::atomic<Connection*>, ports::kPartitionsMax> table_{};
  mutable std::mutex mutex_;
  Status down_;  // under mutex_
  // Under mutex_ while the router is at work. Last: their loops use all above.
  std::vector<std::unique_ptr<Connection>> connections_;
};

}  // namespace kulanz::redis
