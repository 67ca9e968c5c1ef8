// VoucherService of proto/kulanz/v1 over app::Vouchers. Thread-safe.
#pragma once

#include "kulanz/v1/voucher_service.grpc.pb.h"
#include "service/adapters/grpc/unary_call.h"

namespace kulanz::rpc {

using RawVoucherService = v1::VoucherService::WithRawCallbackMethod_GetVoucher<
    v1::VoucherService::WithRawCallbackMethod_ValidateVoucher<
        v1::VoucherService::WithRawCallbackMethod_RedeemVoucher<v1::VoucherService::Service>>>;

class VoucherService final : public RawVoucherService {
 public:
  explicit VoucherService(const UseCases& use_cases) : use_cases_(use_cases) {}

  grpc::ServerUnaryReactor* GetVoucher(grpc::CallbackServerContext* context,
                                       const grpc::ByteBuffer* request,
                                       grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* ValidateVoucher(grpc::CallbackServerContext* context,
                                            const grpc::ByteBuffer* request,
                                            grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* RedeemVoucher(grpc::CallbackServerContext* context,
                                          const grpc::ByteBuffer* request,
                                          grpc::ByteBuffer* response) override;

 private:
  Task<Status> Get(const grpc::ByteBuffer& request, grpc::ByteBuffer& response, Deadline deadline);
  Task<Status> Validate(const grpc::ByteBuffer& request, grpc::ByteBuffer& response,
                        Deadline deadline);
  Task<Status> Redeem(const grpc::ByteBuffer& request, grpc::ByteBuffer& response,
                      Deadline deadline);

  const UseCases use_cases_;
};

}  // namespace kulanz::rpc
