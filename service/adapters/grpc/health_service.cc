#include "service/adapters/grpc/health_service.h"

#include <utility>
#include <vector>

namespace kulanz::rpc {

using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;

// One watch: writes the status when it differs from the one written last. Owned by the service until gRPC
// is done with it. No lock is held over StartWrite or Finish.
class HealthWatch final : public grpc::ServerWriteReactor<HealthCheckResponse> {
 public:
  HealthWatch(HealthService& service, std::string name, grpc::CallbackServerContext& context)
      : service_(service),
        name_(std::move(name)),
        call_(FindMethod(grpc::health::v1::Health::service_full_name(), "Watch"), context) {}

  Call& call() { return call_; }

  // In place of Look.
  void Refuse(const Status& status) {
    {
      const std::lock_guard lock(mutex_);
      finished_ = true;
    }
    service_.pipeline_.Close(call_, status);
    Finish(ToGrpc(status, call_.context));
  }

  // Asked under the lock, so that who looks last tells what is true last.
  void Look() {
    std::unique_lock lock(mutex_);
    wanted_ = service_.StatusOf(name_);
    Go(std::move(lock));
  }

  void End() {
    std::unique_lock lock(mutex_);
    ending_ = true;
    Go(std::move(lock));
  }

 private:
  void Go(std::unique_lock<std::mutex> lock) {
    if (writing_ || finished_) {
      return;
    }
    if (ending_) {
      finished_ = true;
      lock.unlock();
      service_.pipeline_.Close(call_, Status::Ok());
      Finish({grpc::StatusCode::CANCELLED, "the watch has ended"});
    } else if (!written_ || *written_ != wanted_) {
      writing_ = true;
      written_ = wanted_;
      message_.set_status(wanted_);
      lock.unlock();
      StartWrite(&message_);
    }
  }

  void OnWriteDone(bool ok) override {
    std::unique_lock lock(mutex_);
    writing_ = false;
    ending_ = ending_ || !ok;
    Go(std::move(lock));
  }
  void OnCancel() override { End(); }
  void OnDone() override { service_.Remove(*this); }

  HealthService& service_;
  const std::string name_;
  Call call_;
  HealthCheckResponse message_;
  std::mutex mutex_;
  // Under mutex_:
  HealthCheckResponse::ServingStatus wanted_ = HealthCheckResponse::UNKNOWN;
  std::optional<HealthCheckResponse::ServingStatus> written_;
  bool writing_ = false;
  bool ending_ = false;
  bool finished_ = false;
};

HealthService::Serving HealthService::StatusOf(const std::string& service) const {
  if (service == "liveness") {
    return HealthCheckResponse::SERVING;
  }
  if (service.empty() || service == "readiness" || service == "kulanz.v1.IncidentService" ||
      service == "kulanz.v1.CustomerService" || service == "kulanz.v1.VoucherService" ||
      service == "kulanz.v1.LetterService" || service == "kulanz.v1.EventService" ||
      service == "kulanz.v1.PoolService" || service == "kulanz.v1.BreakerService") {
    return !stopped_ && ready_() ? HealthCheckResponse::SERVING : HealthCheckResponse::NOT_SERVING;
  }
  return HealthCheckResponse::SERVICE_UNKNOWN;
}

grpc::ServerUnaryReactor* HealthService::Check(grpc::CallbackServerContext* context,
                                               const HealthCheckRequest* request,
                                               HealthCheckResponse* response) {
  return pipeline_.Serve(FindMethod(grpc::health::v1::Health::service_full_name(), "Check"),
                         *context,
                         [=, this](Call&) -> Task<Status> { return Answer(*request, *response); });
}

Task<Status> HealthService::Answer(const HealthCheckRequest& request,
                                   HealthCheckResponse& response) const {
  const Serving serving = StatusOf(request.service());
  if (serving == HealthCheckResponse::SERVICE_UNKNOWN) {
    co_return Status(Code::kNotFound, "UNKNOWN_SERVICE", "there is no service of that name");
  }
  response.set_status(serving);
  co_return Status::Ok();
}

grpc::ServerWriteReactor<HealthCheckResponse>* HealthService::Watch(
    grpc::CallbackServerContext* context, const HealthCheckRequest* request) {
  auto watch = std::make_shared<HealthWatch>(*this, request->service(), *context);
  if (Status status = pipeline_.Open(watch->call()); !status.ok()) {
    {
      const std::lock_guard lock(mutex_);
      watches_.emplace(watch.get(), watch);
    }
    watch->Refuse(status);
    return watch.get();
  }
  bool ended = false;
  {
    const std::lock_guard lock(mutex_);
    watches_.emplace(watch.get(), watch);
    ended = ended_;
  }
  watch->Look();
  if (ended) {
    watch->End();
  }
  return watch.get();
}

void HealthService::Refresh() {
  std::vector<std::shared_ptr<HealthWatch>> watches;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [pointer, watch] : watches_) {
      watches.push_back(watch);
    }
  }
  for (const std::shared_ptr<HealthWatch>& watch : watches) {
    watch->Look();
  }
}

void HealthService::StopServing() {
  stopped_ = true;
  Refresh();
}

void HealthService::EndWatches() {
  std::vector<std::shared_ptr<HealthWatch>> watches;
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
    for (const auto& [pointer, watch] : watches_) {
      watches.push_back(watch);
    }
  }
  for (const std::shared_ptr<HealthWatch>& watch : watches) {
    watch->End();
  }
}

void HealthService::Remove(HealthWatch& watch) {
  std::shared_ptr<HealthWatch> removed;
  const std::lock_guard lock(mutex_);
  if (const auto found = watches_.find(&watch); found != watches_.end()) {
    removed = std::move(found->second);
    watches_.erase(found);
  }
}

}  // namespace kulanz::rpc
