// PoolService of proto/kulanz/v1 over app::CodePools. Thread-safe.
#pragma once

#include "kulanz/v1/pool_service.grpc.pb.h"
#include "service/adapters/grpc/unary_call.h"

namespace kulanz::rpc {

using RawPoolService = v1::PoolService::WithRawCallbackMethod_ImportPoolCodes<
    v1::PoolService::WithRawCallbackMethod_GetPool<v1::PoolService::Service>>;

class PoolService final : public RawPoolService {
 public:
  explicit PoolService(const UseCases& use_cases) : use_cases_(use_cases) {}

  grpc::ServerReadReactor<grpc::ByteBuffer>* ImportPoolCodes(grpc::CallbackServerContext* context,
                                                             grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* GetPool(grpc::CallbackServerContext* context,
                                    const grpc::ByteBuffer* request,
                                    grpc::ByteBuffer* response) override;

 private:
  Task<Status> Get(const grpc::ServerContextBase& context, const grpc::ByteBuffer& request,
                   grpc::ByteBuffer& response, Deadline deadline);

  const UseCases use_cases_;
};

}  // namespace kulanz::rpc
