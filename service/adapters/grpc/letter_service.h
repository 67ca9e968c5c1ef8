// LetterService of proto/kulanz/v1 over app::Letters. Thread-safe.
#pragma once

#include "kulanz/v1/letter_service.grpc.pb.h"
#include "service/adapters/grpc/unary_call.h"

namespace kulanz::rpc {

using RawLetterService = v1::LetterService::WithRawCallbackMethod_ListDeadLetters<
    v1::LetterService::WithRawCallbackMethod_GetLetter<
        v1::LetterService::WithRawCallbackMethod_ResendLetter<v1::LetterService::Service>>>;

class LetterService final : public RawLetterService {
 public:
  explicit LetterService(const UseCases& use_cases) : use_cases_(use_cases) {}

  using Context = grpc::CallbackServerContext;
  using Bytes = grpc::ByteBuffer;
  using Reactor = grpc::ServerUnaryReactor;

  Reactor* ListDeadLetters(Context* context, const Bytes* request, Bytes* response) override;
  Reactor* GetLetter(Context* context, const Bytes* request, Bytes* response) override;
  Reactor* ResendLetter(Context* context, const Bytes* request, Bytes* response) override;

 private:
  Task<Status> List(const Bytes& request, Bytes& response, Deadline deadline);
  Task<Status> Get(const Bytes& request, Bytes& response, Deadline deadline);
  Task<Status> Resend(const Bytes& request, Bytes& response, Deadline deadline);

  const UseCases use_cases_;
};

}  // namespace kulanz::rpc
