// CustomerService of proto/kulanz/v1 over app::Customers. Thread-safe.
#pragma once

#include <string_view>
#include <utility>

#include "kulanz/v1/customer_service.grpc.pb.h"
#include "service/adapters/grpc/call_pipeline.h"
#include "service/adapters/grpc/use_cases.h"

namespace kulanz::rpc {

using RawCustomerService = v1::CustomerService::WithRawCallbackMethod_UpsertCustomer<
    v1::CustomerService::WithRawCallbackMethod_ImportCustomers<
        v1::CustomerService::WithRawCallbackMethod_GetCustomer<
            v1::CustomerService::WithRawCallbackMethod_EraseCustomer<
                v1::CustomerService::Service>>>>;

class CustomerService final : public RawCustomerService {
 public:
  CustomerService(const UseCases& use_cases, CallPipeline& pipeline)
      : use_cases_(use_cases), pipeline_(pipeline) {}

  grpc::ServerUnaryReactor* UpsertCustomer(grpc::CallbackServerContext* context,
                                           const grpc::ByteBuffer* request,
                                           grpc::ByteBuffer* response) override;
  grpc::ServerReadReactor<grpc::ByteBuffer>* ImportCustomers(grpc::CallbackServerContext* context,
                                                             grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* GetCustomer(grpc::CallbackServerContext* context,
                                        const grpc::ByteBuffer* request,
                                        grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* EraseCustomer(grpc::CallbackServerContext* context,
                                          const grpc::ByteBuffer* request,
                                          grpc::ByteBuffer* response) override;

 private:
  Task<Status> Upsert(Call& call, const grpc::ByteBuffer& request, grpc::ByteBuffer& response);
  Task<Status> Get(Call& call, const grpc::ByteBuffer& request, grpc::ByteBuffer& response);
  Task<Status> Erase(Call& call, const grpc::ByteBuffer& request, grpc::ByteBuffer& response);

  template <typename Work>
  grpc::ServerUnaryReactor* Serve(grpc::CallbackServerContext& context, std::string_view method,
                                  Work work) {
    return pipeline_.Serve(FindMethod(v1::CustomerService::service_full_name(), method), context,
                           std::move(work));
  }

  const UseCases use_cases_;
  CallPipeline& pipeline_;
};

}  // namespace kulanz::rpc
