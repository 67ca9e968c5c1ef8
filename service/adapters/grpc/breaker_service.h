// BreakerService of proto/kulanz/v1 over app::BreakerControl. Thread-safe.
#pragma once

#include <string_view>
#include <utility>

#include "kulanz/v1/breaker_service.grpc.pb.h"
#include "service/adapters/grpc/call_pipeline.h"
#include "service/adapters/grpc/use_cases.h"

namespace kulanz::rpc {

using RawBreakerService = v1::BreakerService::WithRawCallbackMethod_ListBreakers<
    v1::BreakerService::WithRawCallbackMethod_GetBreaker<
        v1::BreakerService::WithRawCallbackMethod_ReleaseBreaker<
            v1::BreakerService::WithRawCallbackMethod_DismissHeld<v1::BreakerService::Service>>>>;

class BreakerService final : public RawBreakerService {
 public:
  BreakerService(const UseCases& use_cases, CallPipeline& pipeline)
      : use_cases_(use_cases), pipeline_(pipeline) {}

  using Context = grpc::CallbackServerContext;
  using Bytes = grpc::ByteBuffer;
  using Reactor = grpc::ServerUnaryReactor;

  Reactor* ListBreakers(Context* context, const Bytes* request, Bytes* response) override;
  Reactor* GetBreaker(Context* context, const Bytes* request, Bytes* response) override;
  Reactor* ReleaseBreaker(Context* context, const Bytes* request, Bytes* response) override;
  Reactor* DismissHeld(Context* context, const Bytes* request, Bytes* response) override;

 private:
  Task<Status> List(Call& call, const Bytes& request, Bytes& response);
  Task<Status> Get(Call& call, const Bytes& request, Bytes& response);
  Task<Status> Release(Call& call, const Bytes& request, Bytes& response);
  Task<Status> Dismiss(Call& call, const Bytes& request, Bytes& response);
  Task<Status> Begin(Call& call, app::BreakerReleaseCommand command, Bytes& response);

  template <typename Work>
  grpc::ServerUnaryReactor* Serve(grpc::CallbackServerContext& context, std::string_view method,
                                  Work work) {
    return pipeline_.Serve(FindMethod(v1::BreakerService::service_full_name(), method), context,
                           std::move(work));
  }

  const UseCases use_cases_;
  CallPipeline& pipeline_;
};

}  // namespace kulanz::rpc
