#include "service/adapters/grpc/voucher_service.h"

#include <string>
#include <utility>

#include "service/adapters/grpc/field_reader.h"
#include "service/adapters/grpc/read_page.h"
#include "service/adapters/grpc/read_request.h"
#include "service/adapters/grpc/read_voucher_request.h"
#include "service/adapters/grpc/wire.h"
#include "service/adapters/grpc/write_messages.h"

namespace kulanz::rpc {
namespace {

// What a page token of this list never exceeds.
constexpr std::size_t kPageTokenBytesMax = 256;

}  // namespace

grpc::ServerUnaryReactor* VoucherService::GetVoucher(Context* context, const Bytes* request,
                                                     Bytes* response) {
  return Serve(*context, "GetVoucher",
               [=, this](Call& call) { return Get(call, *request, *response); });
}

Task<Status> VoucherService::Get(Call& call, const Bytes& request, Bytes& response) {
  auto asked = ReadRequest<v1::GetVoucherRequest>(
      request,
      [](FieldReader& reader, const auto& message) { return ReadVoucher(reader, message); });
  if (!asked.ok()) {
    co_return asked.status();
  }
  std::string named = NamedBy(*asked);
  auto work = use_cases_.vouchers.Get(*std::move(asked), call.deadline);
  const Result<Voucher> voucher =
      co_await Pass(call, std::move(named), CustomerId(), std::move(work));
  if (!voucher.ok()) {
    co_return voucher.status();
  }
  ArenaLease arena;
  auto& message = arena.Make<v1::Voucher>();
  Write(*voucher, use_cases_.store.Now(), message);
  response = SerializeMessage(message);
  co_return Status::Ok();
}

grpc::ServerUnaryReactor* VoucherService::ListVouchers(Context* context, const Bytes* request,
                                                       Bytes* response) {
  return Serve(*context, "ListVouchers",
               [=, this](Call& call) { return List(call, *request, *response); });
}

Task<Status> VoucherService::List(Call& call, const Bytes& request, Bytes& response) {
  FieldReader reader;
  CustomerId customer;
  std::set<VoucherView> states;
  AskedPage asked;
  {
    ArenaLease arena;
    auto& message = arena.Make<v1::ListVouchersRequest>();
    KULANZ_CO_RETURN_IF_ERROR(ParseMessage(request, message));
    customer = reader.ReadId<CustomerId>(kRequest.Field("customer_id"), message.customer_id());
    states = ReadStates(reader, message);
    asked = ReadPage(reader, message, kPageTokenBytesMax);
  }
  if (!reader.ok()) {
    co_return Status::Invalid(reader.Take());
  }
  const Result<app::VoucherPage> page = co_await use_cases_.vouchers.List(
      std::move(customer), std::move(states), asked.size, std::move(asked.token), call.deadline);
  if (!page.ok()) {
    co_return page.status();
  }
  ArenaLease arena;
  auto& message = arena.Make<v1::ListVouchersResponse>();
  for (const Voucher& voucher : page->vouchers) {
    Write(voucher, use_cases_.store.Now(), *message.add_vouchers());
  }
  message.set_next_page_token(page->next_page_token);
  response = SerializeMessage(message);
  co_return Status::Ok();
}

grpc::ServerUnaryReactor* VoucherService::ValidateVoucher(Context* context, const Bytes* request,
                                                          Bytes* response) {
  return Serve(*context, "ValidateVoucher",
               [=, this](Call& call) { return Validate(call, *request, *response); });
}

Task<Status> VoucherService::Validate(Call& call, const Bytes& request, Bytes& response) {
  auto asked = ReadRequest<v1::ValidateVoucherRequest>(
      request,
      [](FieldReader& reader, const auto& message) { return ReadRedemption(reader, message); });
  if (!asked.ok()) {
    co_return asked.status();
  }
  std::string named = asked->code;
  CustomerId customer = asked->customer;
  auto work = use_cases_.vouchers.Validate(*std::move(asked), call.deadline);
  const Result<Voucher> voucher =
      co_await Pass(call, std::move(named), std::move(customer), std::move(work));
  if (!voucher.ok()) {
    co_return voucher.status();
  }
  ArenaLease arena;
  auto& message = arena.Make<v1::ValidateVoucherResponse>();
  Write(*voucher, use_cases_.store.Now(), *message.mutable_voucher());
  response = SerializeMessage(message);
  co_return Status::Ok();
}

}  // namespace kulanz::rpc
