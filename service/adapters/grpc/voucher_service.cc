#include "service/adapters/grpc/voucher_service.h"

#include <string>
#include <utility>

#include "service/adapters/grpc/field_reader.h"
#include "service/adapters/grpc/wire.h"
#include "service/adapters/grpc/write_messages.h"
#include "service/domain/voucher_code.h"

namespace kulanz::rpc {
namespace {

constexpr FieldPath kRequest;

// Whether the text is a code is not told here: that answer is VOUCHER_NOT_REDEEMABLE like all others.
std::string ReadCode(FieldReader& reader, const std::string& text) {
  reader.CheckText(kRequest.Field("code"), text, 1, VoucherCode::kInputBytesMax);
  return text;
}

// What ValidateVoucher and RedeemVoucher have in common; which ids are required differs.
template <typename Message>
app::RedeemRequest ReadRedemption(FieldReader& reader, const Message& message) {
  app::RedeemRequest request;
  request.code = ReadCode(reader, message.code());
  request.customer =
      reader.ReadOptionalId<CustomerId>(kRequest.Field("customer_id"), message.customer_id());
  request.redemption =
      reader.ReadOptionalId<RedemptionId>(kRequest.Field("redemption_id"), message.redemption_id());
  request.order = reader.ReadOptionalId<OrderId>(kRequest.Field("order_id"), message.order_id());
  if (message.has_order_total()) {
    request.order_total = reader.ReadMoney(kRequest.Field("order_total"), message.order_total());
  }
  return request;
}

}  // namespace

grpc::ServerUnaryReactor* VoucherService::GetVoucher(grpc::CallbackServerContext* context,
                                                     const grpc::ByteBuffer* request,
                                                     grpc::ByteBuffer* response) {
  return Serve("GetVoucher", use_cases_.telemetry, *context,
               Get(*request, *response, DeadlineOf(*context)));
}

Task<Status> VoucherService::Get(const grpc::ByteBuffer& request, grpc::ByteBuffer& response,
                                 Deadline deadline) {
  FieldReader reader;
  std::string code;
  {
    ArenaLease arena;
    auto& message = arena.Make<v1::GetVoucherRequest>();
    KULANZ_CO_RETURN_IF_ERROR(ParseMessage(request, message));
    code = ReadCode(reader, message.code());
  }
  if (!reader.ok()) {
    co_return Status::Invalid(reader.Take());
  }
  const Result<Voucher> voucher = co_await use_cases_.vouchers.Get(std::move(code), deadline);
  if (!voucher.ok()) {
    co_return voucher.status();
  }
  ArenaLease arena;
  auto& message = arena.Make<v1::Voucher>();
  Write(*voucher, use_cases_.store.Now(), message);
  response = SerializeMessage(message);
  co_return Status::Ok();
}

grpc::ServerUnaryReactor* VoucherService::ValidateVoucher(grpc::CallbackServerContext* context,
                                                          const grpc::ByteBuffer* request,
                                                          grpc::ByteBuffer* response) {
  return Serve("ValidateVoucher", use_cases_.telemetry, *context,
               Validate(*request, *response, DeadlineOf(*context)));
}

Task<Status> VoucherService::Validate(const grpc::ByteBuffer& request, grpc::ByteBuffer& response,
                                      Deadline deadline) {
  FieldReader reader;
  app::RedeemRequest asked;
  {
    ArenaLease arena;
    auto& message = arena.Make<v1::ValidateVoucherRequest>();
    KULANZ_CO_RETURN_IF_ERROR(ParseMessage(request, message));
    asked = ReadRedemption(reader, message);
  }
  if (!reader.ok()) {
    co_return Status::Invalid(reader.Take());
  }
  const Result<Voucher> voucher = co_await use_cases_.vouchers.Validate(std::move(asked), deadline);
  if (!voucher.ok()) {
    co_return voucher.status();
  }
  ArenaLease arena;
  auto& message = arena.Make<v1::ValidateVoucherResponse>();
  Write(*voucher, use_cases_.store.Now(), *message.mutable_voucher());
  response = SerializeMessage(message);
  co_return Status::Ok();
}

grpc::ServerUnaryReactor* VoucherService::RedeemVoucher(grpc::CallbackServerContext* context,
                                                        const grpc::ByteBuffer* request,
                                                        grpc::ByteBuffer* response) {
  return Serve("RedeemVoucher", use_cases_.telemetry, *context,
               Redeem(*request, *response, DeadlineOf(*context)));
}

Task<Status> VoucherService::Redeem(const grpc::ByteBuffer& request, grpc::ByteBuffer& response,
                                    Deadline deadline) {
  FieldReader reader;
  app::RedeemRequest asked;
  {
    ArenaLease arena;
    auto& message = arena.Make<v1::RedeemVoucherRequest>();
    KULANZ_CO_RETURN_IF_ERROR(ParseMessage(request, message));
    asked = ReadRedemption(reader, message);
    if (asked.redemption.empty()) {
      reader.Violate(kRequest.Field("redemption_id"), "is required");
    }
    if (asked.order.empty()) {
      reader.Violate(kRequest.Field("order_id"), "is required");
    }
  }
  if (!reader.ok()) {
    co_return Status::Invalid(reader.Take());
  }
  const Result<app::RedeemedVoucher> redeemed =
      co_await use_cases_.vouchers.Redeem(std::move(asked), deadline);
  if (!redeemed.ok()) {
    co_return redeemed.status();
  }
  ArenaLease arena;
  auto& message = arena.Make<v1::RedeemVoucherResponse>();
  Write(redeemed->voucher, use_cases_.store.Now(), *message.mutable_voucher());
  Write(redeemed->redemption, *message.mutable_redemption());
  message.set_replayed(redeemed->replayed);
  response = SerializeMessage(message);
  co_return Status::Ok();
}

}  // namespace kulanz::rpc
