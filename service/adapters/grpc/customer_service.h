// CustomerService of proto/kulanz/v1 over app::Customers. Thread-safe.
#pragma once

#include "kulanz/v1/customer_service.grpc.pb.h"
#include "service/adapters/grpc/unary_call.h"

namespace kulanz::rpc {

using RawCustomerService = v1::CustomerService::WithRawCallbackMethod_UpsertCustomer<
    v1::CustomerService::WithRawCallbackMethod_ImportCustomers<
        v1::CustomerService::WithRawCallbackMethod_GetCustomer<
            v1::CustomerService::WithRawCallbackMethod_EraseCustomer<
                v1::CustomerService::Service>>>>;

class CustomerService final : public RawCustomerService {
 public:
  explicit CustomerService(const UseCases& use_cases) : use_cases_(use_cases) {}

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
  Task<Status> Upsert(const grpc::ByteBuffer& request, grpc::ByteBuffer& response,
                      Deadline deadline);
  Task<Status> Get(const grpc::ByteBuffer& request, grpc::ByteBuffer& response, Deadline deadline);
  Task<Status> Erase(const grpc::ByteBuffer& request, grpc::ByteBuffer& response,
                     Deadline deadline);

  const UseCases use_cases_;
};

}  // namespace kulanz::rpc
