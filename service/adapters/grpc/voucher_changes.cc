// The methods of VoucherService that change a voucher.
#include <optional>
#include <string>
#include <utility>

#include "service/adapters/grpc/field_reader.h"
#include "service/adapters/grpc/read_voucher_request.h"
#include "service/adapters/grpc/voucher_service.h"
#include "service/adapters/grpc/wire.h"
#include "service/adapters/grpc/write_messages.h"

namespace kulanz::rpc {
namespace {

constexpr FieldPath kRequest;

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
Status Answer(const Result<Changed>& changed, std::optional<Instant> now,
              grpc::ByteBuffer& response) {
  if (!changed.ok()) {
    return changed.status();
  }
  ArenaLease arena;
  auto& message = arena.Make<Message>();
  WriteChange(*changed, now, message);
  response = SerializeMessage(message);
  return Status::Ok();
}

}  // namespace

grpc::ServerUnaryReactor* VoucherService::ReserveVoucher(Context* context, const Bytes* request,
                                                         Bytes* response) {
  return Serve("ReserveVoucher", use_cases_.telemetry, *context,
               Reserve(*request, *response, DeadlineOf(*context)));
}

Task<Status> VoucherService::Reserve(const Bytes& request, Bytes& response, Deadline deadline) {
  FieldReader reader;
  app::ReserveRequest asked;
  {
    ArenaLease arena;
    auto& message = arena.Make<v1::ReserveVoucherRequest>();
    KULANZ_CO_RETURN_IF_ERROR(ParseMessage(request, message));
    asked = ReadReservation(reader, message);
  }
  if (!reader.ok()) {
    co_return Status::Invalid(reader.Take());
  }
  const Result<app::ReservedVoucher> changed =
      co_await use_cases_.vouchers.Reserve(std::move(asked), deadline);
  co_return Answer<v1::ReserveVoucherResponse>(changed, use_cases_.store.Now(), response);
}

grpc::ServerUnaryReactor* VoucherService::RedeemVoucher(Context* context, const Bytes* request,
                                                        Bytes* response) {
  return Serve("RedeemVoucher", use_cases_.telemetry, *context,
               Redeem(*request, *response, DeadlineOf(*context)));
}

Task<Status> VoucherService::Redeem(const Bytes& request, Bytes& response, Deadline deadline) {
  FieldReader reader;
  app::RedeemRequest asked;
  {
    ArenaLease arena;
    auto& message = arena.Make<v1::RedeemVoucherRequest>();
    KULANZ_CO_RETURN_IF_ERROR(ParseMessage(request, message));
    asked = ReadRedemption(reader, message);
  }
  if (!reader.ok()) {
    co_return Status::Invalid(reader.Take());
  }
  const Result<app::RedeemedVoucher> changed =
      co_await use_cases_.vouchers.Redeem(std::move(asked), deadline);
  co_return Answer<v1::RedeemVoucherResponse>(changed, use_cases_.store.Now(), response);
}

grpc::ServerUnaryReactor* VoucherService::ReleaseReservation(Context* context, const Bytes* request,
                                                             Bytes* response) {
  return Serve("ReleaseReservation", use_cases_.telemetry, *context,
               Release(*request, *response, DeadlineOf(*context)));
}

Task<Status> VoucherService::Release(const Bytes& request, Bytes& response, Deadline deadline) {
  FieldReader reader;
  app::VoucherReference reference;
  ReservationId reservation;
  {
    ArenaLease arena;
    auto& message = arena.Make<v1::ReleaseReservationRequest>();
    KULANZ_CO_RETURN_IF_ERROR(ParseMessage(request, message));
    reference = ReadVoucher(reader, message.has_voucher(), message.voucher());
    reservation =
        reader.ReadId<ReservationId>(kRequest.Field("reservation_id"), message.reservation_id());
  }
  if (!reader.ok()) {
    co_return Status::Invalid(reader.Take());
  }
  const Result<app::ReservedVoucher> changed =
      co_await use_cases_.vouchers.Release(std::move(reference), std::move(reservation), deadline);
  co_return Answer<v1::ReleaseReservationResponse>(changed, use_cases_.store.Now(), response);
}

grpc::ServerUnaryReactor* VoucherService::ReverseRedemption(Context* context, const Bytes* request,
                                                            Bytes* response) {
  return Serve("ReverseRedemption", use_cases_.telemetry, *context,
               Reverse(*request, *response, DeadlineOf(*context)));
}

Task<Status> VoucherService::Reverse(const Bytes& request, Bytes& response, Deadline deadline) {
  FieldReader reader;
  app::VoucherReference reference;
  RedemptionId redemption;
  OrderId order;
  {
    ArenaLease arena;
    auto& message = arena.Make<v1::ReverseRedemptionRequest>();
    KULANZ_CO_RETURN_IF_ERROR(ParseMessage(request, message));
    reference = ReadVoucher(reader, message.has_voucher(), message.voucher());
    redemption =
        reader.ReadId<RedemptionId>(kRequest.Field("redemption_id"), message.redemption_id());
    order = reader.ReadId<OrderId>(kRequest.Field("order_id"), message.order_id());
  }
  if (!reader.ok()) {
    co_return Status::Invalid(reader.Take());
  }
  const Result<app::RedeemedVoucher> changed = co_await use_cases_.vouchers.Reverse(
      std::move(reference), std::move(redemption), std::move(order), deadline);
  co_return Answer<v1::ReverseRedemptionResponse>(changed, use_cases_.store.Now(), response);
}

grpc::ServerUnaryReactor* VoucherService::RevokeVoucher(Context* context, const Bytes* request,
                                                        Bytes* response) {
  return Serve("RevokeVoucher", use_cases_.telemetry, *context,
               Revoke(*request, *response, DeadlineOf(*context)));
}

Task<Status> VoucherService::Revoke(const Bytes& request, Bytes& response, Deadline deadline) {
  FieldReader reader;
  app::VoucherReference reference;
  RevokeCommand command;
  {
    ArenaLease arena;
    auto& message = arena.Make<v1::RevokeVoucherRequest>();
    KULANZ_CO_RETURN_IF_ERROR(ParseMessage(request, message));
    reference = ReadVoucher(reader, message.has_voucher(), message.voucher());
    command.id =
        reader.ReadId<RevocationId>(kRequest.Field("revocation_id"), message.revocation_id());
    command.reason = ReadReason(reader, message.reason());
  }
  if (!reader.ok()) {
    co_return Status::Invalid(reader.Take());
  }
  const Result<app::ChangedState> changed =
      co_await use_cases_.vouchers.Revoke(std::move(reference), std::move(command), deadline);
  co_return Answer<v1::RevokeVoucherResponse>(changed, use_cases_.store.Now(), response);
}

grpc::ServerUnaryReactor* VoucherService::ReissueVoucher(Context* context, const Bytes* request,
                                                         Bytes* response) {
  return Serve("ReissueVoucher", use_cases_.telemetry, *context,
               Reissue(*request, *response, DeadlineOf(*context)));
}

Task<Status> VoucherService::Reissue(const Bytes& request, Bytes& response, Deadline deadline) {
  FieldReader reader;
  app::VoucherReference reference;
  ReissueCommand command;
  {
    ArenaLease arena;
    auto& message = arena.Make<v1::ReissueVoucherRequest>();
    KULANZ_CO_RETURN_IF_ERROR(ParseMessage(request, message));
    reference = ReadVoucher(reader, message.has_voucher(), message.voucher());
    command.id = reader.ReadId<ReissueId>(kRequest.Field("reissue_id"), message.reissue_id());
    command.reason = ReadReason(reader, message.reason());
  }
  if (!reader.ok()) {
    co_return Status::Invalid(reader.Take());
  }
  const Result<app::ReissuedVoucher> changed =
      co_await use_cases_.vouchers.Reissue(std::move(reference), std::move(command), deadline);
  co_return Answer<v1::ReissueVoucherResponse>(changed, use_cases_.store.Now(), response);
}

}  // namespace kulanz::rpc
