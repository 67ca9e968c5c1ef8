// The methods of VoucherService that change a voucher.
#include <optional>
#include <string>
#include <utility>

#include "service/adapters/grpc/field_reader.h"
#include "service/adapters/grpc/read_request.h"
#include "service/adapters/grpc/read_voucher_request.h"
#include "service/adapters/grpc/voucher_service.h"
#include "service/adapters/grpc/wire.h"
#include "service/adapters/grpc/write_messages.h"

namespace kulanz::rpc {
namespace {

// The answer to a change of a redemption or a reservation.
template <typename Message>
void WriteChange(const app::RedeemedVoucher& changed, std::optional<Instant> now, Message& out) {
  Write(changed.voucher, now, *out.mutable_voucher());
  Write(changed.redemption, *out.mutable_redemption());
  out.set_replayed(changed.replayed);
}
template <typename Message>
void WriteChange(const app::ReservedVoucher& changed, std::optional<Instant> now, Message& out) {
  Write(changed.voucher, now, *out.mutable_voucher());
  Write(changed.reservation, changed.voucher.terms.amount.currency(), *out.mutable_reservation());
  out.set_replayed(changed.replayed);
}
void WriteChange(const app::ChangedState& changed, std::optional<Instant> now,
                 v1::RevokeVoucherResponse& out) {
  Write(changed.voucher, now, *out.mutable_voucher());
  out.set_replayed(changed.replayed);
}
void WriteChange(const app::ReissuedVoucher& changed, std::optional<Instant> now,
                 v1::ReissueVoucherResponse& out) {
  Write(changed.voucher, now, *out.mutable_voucher());
  out.mutable_voucher()->set_code(changed.code.Reveal(changed.voucher.terms.prefix));
  out.set_replayed(changed.replayed);
}

template <typename Message, typename Changed>
Status AnswerWithChange(const Result<Changed>& changed, std::optional<Instant> now, Call& call,
                        grpc::ByteBuffer& response) {
  if (!changed.ok()) {
    return changed.status();
  }
  call.subject = "voucher:" + changed->voucher.id;
  ArenaLease arena;
  auto& message = arena.Make<Message>();
  WriteChange(*changed, now, message);
  response = SerializeMessage(message);
  return Status::Ok();
}

}  // namespace

grpc::ServerUnaryReactor* VoucherService::ReserveVoucher(Context* context, const Bytes* request,
                                                         Bytes* response) {
  return Serve(*context, "ReserveVoucher",
               [=, this](Call& call) { return Reserve(call, *request, *response); });
}

Task<Status> VoucherService::Reserve(Call& call, const Bytes& request, Bytes& response) {
  auto asked = ReadRequest<v1::ReserveVoucherRequest>(
      request,
      [](FieldReader& reader, const auto& message) { return ReadReservation(reader, message); });
  if (!asked.ok()) {
    co_return asked.status();
  }
  std::string named = asked->code;
  CustomerId customer = asked->customer;
  auto work = use_cases_.vouchers.Reserve(*std::move(asked), call.deadline);
  const Result<app::ReservedVoucher> changed =
      co_await Pass(call, std::move(named), std::move(customer), std::move(work));
  co_return AnswerWithChange<v1::ReserveVoucherResponse>(changed, use_cases_.store.Now(), call,
                                                         response);
}

grpc::ServerUnaryReactor* VoucherService::RedeemVoucher(Context* context, const Bytes* request,
                                                        Bytes* response) {
  return Serve(*context, "RedeemVoucher",
               [=, this](Call& call) { return Redeem(call, *request, *response); });
}

Task<Status> VoucherService::Redeem(Call& call, const Bytes& request, Bytes& response) {
  auto asked = ReadRequest<v1::RedeemVoucherRequest>(
      request,
      [](FieldReader& reader, const auto& message) { return ReadRedemption(reader, message); });
  if (!asked.ok()) {
    co_return asked.status();
  }
  std::string named = asked->code;
  CustomerId customer = asked->customer;
  auto work = use_cases_.vouchers.Redeem(*std::move(asked), call.deadline);
  const Result<app::RedeemedVoucher> changed =
      co_await Pass(call, std::move(named), std::move(customer), std::move(work));
  co_return AnswerWithChange<v1::RedeemVoucherResponse>(changed, use_cases_.store.Now(), call,
                                                        response);
}

grpc::ServerUnaryReactor* VoucherService::ReleaseReservation(Context* context, const Bytes* request,
                                                             Bytes* response) {
  return Serve(*context, "ReleaseReservation",
               [=, this](Call& call) { return Release(call, *request, *response); });
}

Task<Status> VoucherService::Release(Call& call, const Bytes& request, Bytes& response) {
  struct Asked {
    app::VoucherReference reference;
    ReservationId reservation;
  };
  auto asked = ReadRequest<v1::ReleaseReservationRequest>(
      request, [](FieldReader& reader, const auto& message) {
        Asked fields;
        fields.reference = ReadVoucher(reader, message.has_voucher(), message.voucher());
        fields.reservation = reader.ReadId<ReservationId>(kRequest.Field("reservation_id"),
                                                          message.reservation_id());
        return fields;
      });
  if (!asked.ok()) {
    co_return asked.status();
  }
  std::string named = NamedBy(asked->reference);
  auto work = use_cases_.vouchers.Release(std::move(asked->reference),
                                          std::move(asked->reservation), call.deadline);
  const Result<app::ReservedVoucher> changed =
      co_await Pass(call, std::move(named), CustomerId(), std::move(work));
  co_return AnswerWithChange<v1::ReleaseReservationResponse>(changed, use_cases_.store.Now(), call,
                                                             response);
}

grpc::ServerUnaryReactor* VoucherService::ReverseRedemption(Context* context, const Bytes* request,
                                                            Bytes* response) {
  return Serve(*context, "ReverseRedemption",
               [=, this](Call& call) { return Reverse(call, *request, *response); });
}

Task<Status> VoucherService::Reverse(Call& call, const Bytes& request, Bytes& response) {
  struct Asked {
    app::VoucherReference reference;
    RedemptionId redemption;
    OrderId order;
  };
  auto asked = ReadRequest<v1::ReverseRedemptionRequest>(
      request, [](FieldReader& reader, const auto& message) {
        Asked fields;
        fields.reference = ReadVoucher(reader, message.has_voucher(), message.voucher());
        fields.redemption =
            reader.ReadId<RedemptionId>(kRequest.Field("redemption_id"), message.redemption_id());
        fields.order = reader.ReadId<OrderId>(kRequest.Field("order_id"), message.order_id());
        return fields;
      });
  if (!asked.ok()) {
    co_return asked.status();
  }
  std::string named = NamedBy(asked->reference);
  auto work = use_cases_.vouchers.Reverse(std::move(asked->reference), std::move(asked->redemption),
                                          std::move(asked->order), call.deadline);
  const Result<app::RedeemedVoucher> changed =
      co_await Pass(call, std::move(named), CustomerId(), std::move(work));
  co_return AnswerWithChange<v1::ReverseRedemptionResponse>(changed, use_cases_.store.Now(), call,
                                                            response);
}

grpc::ServerUnaryReactor* VoucherService::RevokeVoucher(Context* context, const Bytes* request,
                                                        Bytes* response) {
  return Serve(*context, "RevokeVoucher",
               [=, this](Call& call) { return Revoke(call, *request, *response); });
}

Task<Status> VoucherService::Revoke(Call& call, const Bytes& request, Bytes& response) {
  struct Asked {
    app::VoucherReference reference;
    RevokeCommand command;
  };
  auto asked =
      ReadRequest<v1::RevokeVoucherRequest>(request, [](FieldReader& reader, const auto& message) {
        Asked fields;
        fields.reference = ReadVoucher(reader, message.has_voucher(), message.voucher());
        fields.command.id =
            reader.ReadId<RevocationId>(kRequest.Field("revocation_id"), message.revocation_id());
        fields.command.reason = ReadReason(reader, message.reason());
        return fields;
      });
  if (!asked.ok()) {
    co_return asked.status();
  }
  std::string named = NamedBy(asked->reference);
  auto work = use_cases_.vouchers.Revoke(std::move(asked->reference), std::move(asked->command),
                                         call.deadline);
  const Result<app::ChangedState> changed =
      co_await Pass(call, std::move(named), CustomerId(), std::move(work));
  co_return AnswerWithChange<v1::RevokeVoucherResponse>(changed, use_cases_.store.Now(), call,
                                                        response);
}

grpc::ServerUnaryReactor* VoucherService::ReissueVoucher(Context* context, const Bytes* request,
                                                         Bytes* response) {
  return Serve(*context, "ReissueVoucher",
               [=, this](Call& call) { return Reissue(call, *request, *response); });
}

Task<Status> VoucherService::Reissue(Call& call, const Bytes& request, Bytes& response) {
  struct Asked {
    app::VoucherReference reference;
    ReissueCommand command;
  };
  auto asked =
      ReadRequest<v1::ReissueVoucherRequest>(request, [](FieldReader& reader, const auto& message) {
        Asked fields;
        fields.reference = ReadVoucher(reader, message.has_voucher(), message.voucher());
        fields.command.id =
            reader.ReadId<ReissueId>(kRequest.Field("reissue_id"), message.reissue_id());
        fields.command.reason = ReadReason(reader, message.reason());
        return fields;
      });
  if (!asked.ok()) {
    co_return asked.status();
  }
  std::string named = NamedBy(asked->reference);
  auto work = use_cases_.vouchers.Reissue(std::move(asked->reference), std::move(asked->command),
                                          call.deadline);
  const Result<app::ReissuedVoucher> changed =
      co_await Pass(call, std::move(named), CustomerId(), std::move(work));
  co_return AnswerWithChange<v1::ReissueVoucherResponse>(changed, use_cases_.store.Now(), call,
                                                         response);
}

}  // namespace kulanz::rpc
