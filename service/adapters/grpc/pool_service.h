// PoolService of proto/kulanz/v1 over app::CodePools. Thread-safe.
#pragma once

#include <string_view>
#include <utility>

#include "kulanz/v1/pool_service.grpc.pb.h"
#include "service/adapters/grpc/call_pipeline.h"
#include "service/adapters/grpc/use_cases.h"

namespace kulanz::rpc {

using RawPoolService = v1::PoolService::WithRawCallbackMethod_ImportPoolCodes<
    v1::PoolService::WithRawCallbackMethod_GetPool<v1::PoolService::Service>>;

class PoolService final : public RawPoolService {
 public:
  PoolService(const UseCases& use_cases, CallPipeline& pipeline)
      : use_cases_(use_cases), pipeline_(pipeline) {}

  grpc::ServerReadReactor<grpc::ByteBuffer>* ImportPoolCodes(grpc::CallbackServerContext* context,
                                                             grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* GetPool(grpc::CallbackServerContext* context,
                                    const grpc::ByteBuffer* request,
                                    grpc::ByteBuffer* response) override;

 private:
  Task<Status> Get(Call& call, const grpc::ByteBuffer& request, grpc::ByteBuffer& response);

  template <typename Work>
  grpc::ServerUnaryReactor* Serve(grpc::CallbackServerContext& context, std::string_view method,
                                  Work work) {
    return pipeline_.Serve(FindMethod(v1::PoolService::service_full_name(), method), context,
                           std::move(work));
  }

  const UseCases use_cases_;
  CallPipeline& pipeline_;
};

}  // namespace kulanz::rpc
