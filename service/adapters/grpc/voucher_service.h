// VoucherService of proto/kulanz/v1 over app::Vouchers. Thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "kulanz/v1/voucher_service.grpc.pb.h"
#include "service/adapters/grpc/call_pipeline.h"
#include "service/adapters/grpc/use_cases.h"

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
  VoucherService(const UseCases& use_cases, CallPipeline& pipeline)
      : use_cases_(use_cases), pipeline_(pipeline) {}

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
  Task<Status> Get(Call& call, const Bytes& request, Bytes& response);
  Task<Status> List(Call& call, const Bytes& request, Bytes& response);
  Task<Status> Validate(Call& call, const Bytes& request, Bytes& response);
  Task<Status> Reserve(Call& call, const Bytes& request, Bytes& response);
  Task<Status> Redeem(Call& call, const Bytes& request, Bytes& response);
  Task<Status> Release(Call& call, const Bytes& request, Bytes& response);
  Task<Status> Reverse(Call& call, const Bytes& request, Bytes& response);
  Task<Status> Revoke(Call& call, const Bytes& request, Bytes& response);
  Task<Status> Reissue(Call& call, const Bytes& request, Bytes& response);

  // `work`, by way of the gate. `named`: the code as typed, or the voucher's id.
  template <typename T>
  Task<Result<T>> Pass(const Call& call, std::string named, CustomerId customer,
                       Task<Result<T>> work) {
    return use_cases_.gate.Pass({call.caller, std::move(named), std::move(customer), call.deadline},
                                std::move(work));
  }
  static std::string NamedBy(const app::VoucherReference& reference) {
    return reference.code.empty() ? reference.id : reference.code;
  }

  template <typename Work>
  grpc::ServerUnaryReactor* Serve(grpc::CallbackServerContext& context, std::string_view method,
                                  Work work) {
    return pipeline_.Serve(FindMethod(v1::VoucherService::service_full_name(), method), context,
                           std::move(work));
  }

  const UseCases use_cases_;
  CallPipeline& pipeline_;
};

}  // namespace kulanz::rpc
