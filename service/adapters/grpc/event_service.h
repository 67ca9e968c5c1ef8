// EventService of proto/kulanz/v1 over app::DeadEvents. Thread-safe.
#pragma once

#include <string_view>
#include <utility>

#include "kulanz/v1/event_service.grpc.pb.h"
#include "service/adapters/grpc/call_pipeline.h"
#include "service/adapters/grpc/use_cases.h"

namespace kulanz::rpc {

using RawEventService = v1::EventService::WithRawCallbackMethod_ListDeadEvents<
    v1::EventService::WithRawCallbackMethod_ResendEvents<v1::EventService::Service>>;

class EventService final : public RawEventService {
 public:
  EventService(const UseCases& use_cases, CallPipeline& pipeline)
      : use_cases_(use_cases), pipeline_(pipeline) {}

  using Context = grpc::CallbackServerContext;
  using Bytes = grpc::ByteBuffer;
  using Reactor = grpc::ServerUnaryReactor;

  Reactor* ListDeadEvents(Context* context, const Bytes* request, Bytes* response) override;
  Reactor* ResendEvents(Context* context, const Bytes* request, Bytes* response) override;

 private:
  Task<Status> List(Call& call, const Bytes& request, Bytes& response);
  Task<Status> Resend(Call& call, const Bytes& request, Bytes& response);

  template <typename Work>
  grpc::ServerUnaryReactor* Serve(grpc::CallbackServerContext& context, std::string_view method,
                                  Work work) {
    return pipeline_.Serve(FindMethod(v1::EventService::service_full_name(), method), context,
                           std::move(work));
  }

  const UseCases use_cases_;
  CallPipeline& pipeline_;
};

}  // namespace kulanz::rpc
