// VoucherService of proto/kulanz/v1 over app::Vouchers. Thread-safe.
#pragma once

#include "kulanz/v1/voucher_service.grpc.pb.h"
#include "service/adapters/grpc/unary_call.h"

namespace kulanz::rpc {

// Every method takes and gives bytes (wire.h).
template <typename Service>
using RawVoucherChanges = v1::VoucherService::WithRawCallbackMethod_ReserveVoucher<
    v1::VoucherService::WithRawCallbackMethod_RedeemVoucher<
        v1::VoucherService::WithRawCallbackMethod_ReleaseReservation<
            v1::VoucherService::WithRawCallbackMethod_ReverseRedemption<
                v1::VoucherService::WithRawCallbackMethod_RevokeVoucher<
                    v1::VoucherService::WithRawCallbackMethod_ReissueVoucher<Service>>>>>>;
using RawVoucherService = v1::VoucherService::WithRawCallbackMethod_GetVoucher<
    v1::VoucherService::WithRawCallbackMethod_ListVouchers<
        v1::VoucherService::WithRawCallbackMethod_ValidateVoucher<
            RawVoucherChanges<v1::VoucherService::Service>>>>;

class VoucherService final : public RawVoucherService {
 public:
  explicit VoucherService(const UseCases& use_cases) : use_cases_(use_cases) {}

  using Context = grpc::CallbackServerContext;
  using Bytes = grpc::ByteBuffer;
  using Reactor = grpc::ServerUnaryReactor;

  Reactor* GetVoucher(Context* context, const Bytes* request, Bytes* response) override;
  Reactor* ListVouchers(Context* context, const Bytes* request, Bytes* response) override;
  Reactor* ValidateVoucher(Context* context, const Bytes* request, Bytes* response) override;
  Reactor* ReserveVoucher(Context* context, const Bytes* request, Bytes* response) override;
  Reactor* RedeemVoucher(Context* context, const Bytes* request, Bytes* response) override;
  Reactor* ReleaseReservation(Context* context, const Bytes* request, Bytes* response) override;
  Reactor* ReverseRedemption(Context* context, const Bytes* request, Bytes* response) override;
  Reactor* RevokeVoucher(Context* context, const Bytes* request, Bytes* response) override;
  Reactor* ReissueVoucher(Context* context, const Bytes* request, Bytes* response) override;

 private:
  Task<Status> Get(const Bytes& request, Bytes& response, Deadline deadline);
  Task<Status> List(const Bytes& request, Bytes& response, Deadline deadline);
  Task<Status> Validate(const Bytes& request, Bytes& response, Deadline deadline);
  Task<Status> Reserve(const Bytes& request, Bytes& response, Deadline deadline);
  Task<Status> Redeem(const Bytes& request, Bytes& response, Deadline deadline);
  Task<Status> Release(const Bytes& request, Bytes& response, Deadline deadline);
  Task<Status> Reverse(const Bytes& request, Bytes& response, Deadline deadline);
  Task<Status> Revoke(const Bytes& request, Bytes& response, Deadline deadline);
  Task<Status> Reissue(const Bytes& request, Bytes& response, Deadline deadline);

  const UseCases use_cases_;
};

}  // namespace kulanz::rpc
