// HealthService: grpc.health.v1 over one question, "can requests be served now?".
//
// "" and "readiness" and every service of kulanz.v1 answer that question; "liveness" is always SERVING,
// so that an orchestrator does not restart a server because its store is away. Check asks at once; Watch
// is told of changes by Refresh(), which the owner calls regularly. Thread-safe.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

#include "grpc/health/v1/health.grpc.pb.h"
#include "service/adapters/grpc/call_pipeline.h"

namespace kulanz::rpc {

class HealthWatch;

class HealthService final : public grpc::health::v1::Health::CallbackService {
 public:
  // `ready`: cheap, callable from any thread. `pipeline` outlives this.
  HealthService(std::function<bool()> ready, CallPipeline& pipeline)
      : ready_(std::move(ready)), pipeline_(pipeline) {}

  // Tells watchers when the answer has changed.
  void Refresh();
  // From now on NOT_SERVING, whatever `ready` says; watchers are told.
  void StopServing();
  // Ends every watch with CANCELLED, as gRPC's own service does at shutdown, and each later one at once.
  void EndWatches();

  grpc::ServerUnaryReactor* Check(grpc::CallbackServerContext* context,
                                  const grpc::health::v1::HealthCheckRequest* request,
                                  grpc::health::v1::HealthCheckResponse* response) override;
  grpc::ServerWriteReactor<grpc::health::v1::HealthCheckResponse>* Watch(
      grpc::CallbackServerContext* context,
      const grpc::health::v1::HealthCheckRequest* request) override;

 private:
  friend class HealthWatch;
  using Serving = grpc::health::v1::HealthCheckResponse::ServingStatus;
  Serving StatusOf(const std::string& service) const;
  Task<Status> Answer(const grpc::health::v1::HealthCheckRequest& request,
                      grpc::health::v1::HealthCheckResponse& response) const;
  void Remove(HealthWatch& watch);

  const std::function<bool()> ready_;
  CallPipeline& pipeline_;
  std::atomic<bool> stopped_{false};
  std::mutex mutex_;
  bool ended_ = false;
  std::unordered_map<HealthWatch*, std::shared_ptr<HealthWatch>> watches_;
};

}  // namespace kulanz::rpc
