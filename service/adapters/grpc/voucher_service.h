// VoucherService of proto/kulanz/v1 over app::Vouchers. Thread-safe.
#pragma once

#include <string>
#include <utility>

#include "kulanz/v1/voucher_service.grpc.pb.h"
#include "service/adapters/grpc/caller.h"
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
  Task<Status> Get(const Context& context, const Bytes& request, Bytes& response,
                   Deadline deadline);
  Task<Status> List(const Bytes& request, Bytes& response, Deadline deadline);
  Task<Status> Validate(const Context& context, const Bytes& request, Bytes& response,
                        Deadline deadline);
  Task<Status> Reserve(const Context& context, const Bytes& request, Bytes& response,
                       Deadline deadline);
  Task<Status> Redeem(const Context& context, const Bytes& request, Bytes& response,
                      Deadline deadline);
  Task<Status> Release(const Context& context, const Bytes& request, Bytes& response,
                       Deadline deadline);
  Task<Status> Reverse(const Context& context, const Bytes& request, Bytes& response,
                       Deadline deadline);
  Task<Status> Revoke(const Context& context, const Bytes& request, Bytes& response,
                      Deadline deadline);
  Task<Status> Reissue(const Context& context, const Bytes& request, Bytes& response,
                       Deadline deadline);

  // `work`, by way of the gate. `named`: the code as typed, or the voucher's id.
  template <typename T>
  Task<Result<T>> Pass(const Context& context, std::string named, CustomerId customer,
                       Deadline deadline, Task<Result<T>> work) {
    return use_cases_.gate.Pass(
        {CallerOf(context), std::move(named), std::move(customer), deadline}, std::move(work));
  }
  static std::string NamedBy(const app::VoucherReference& reference) {
    return reference.code.empty() ? reference.id : reference.code;
  }

  const UseCases use_cases_;
};

}  // namespace kulanz::rpc
