// LetterService of proto/kulanz/v1 over app::Letters. Thread-safe.
#pragma once

#include <string_view>
#include <utility>

#include "kulanz/v1/letter_service.grpc.pb.h"
#include "service/adapters/grpc/call_pipeline.h"
#include "service/adapters/grpc/use_cases.h"

namespace kulanz::rpc {

using RawLetterService = v1::LetterService::WithRawCallbackMethod_ListDeadLetters<
    v1::LetterService::WithRawCallbackMethod_GetLetter<
        v1::LetterService::WithRawCallbackMethod_ResendLetter<v1::LetterService::Service>>>;

class LetterService final : public RawLetterService {
 public:
  LetterService(const UseCases& use_cases, CallPipeline& pipeline)
      : use_cases_(use_cases), pipeline_(pipeline) {}

  using Context = grpc::CallbackServerContext;
  using Bytes = grpc::ByteBuffer;
  using Reactor = grpc::ServerUnaryReactor;

  Reactor* ListDeadLetters(Context* context, const Bytes* request, Bytes* response) override;
  Reactor* GetLetter(Context* context, const Bytes* request, Bytes* response) override;
  Reactor* ResendLetter(Context* context, const Bytes* request, Bytes* response) override;

 private:
  Task<Status> List(Call& call, const Bytes& request, Bytes& response);
  Task<Status> Get(Call& call, const Bytes& request, Bytes& response);
  Task<Status> Resend(Call& call, const Bytes& request, Bytes& response);

  template <typename Work>
  grpc::ServerUnaryReactor* Serve(grpc::CallbackServerContext& context, std::string_view method,
                                  Work work) {
    return pipeline_.Serve(FindMethod(v1::LetterService::service_full_name(), method), context,
                           std::move(work));
  }

  const UseCases use_cases_;
  CallPipeline& pipeline_;
};

}  // namespace kulanz::rpc
