#include "service/adapters/grpc/customer_service.h"

#include <utility>

#include "service/adapters/grpc/customer_import.h"
#include "service/adapters/grpc/errors.h"
#include "service/adapters/grpc/field_reader.h"
#include "service/adapters/grpc/read_customer.h"
#include "service/adapters/grpc/wire.h"
#include "service/adapters/grpc/write_messages.h"

namespace kulanz::rpc {
namespace {

// Reads a request that names a customer and nothing else.
template <typename Message>
Result<CustomerId> ReadCustomerId(const grpc::ByteBuffer& bytes) {
  ArenaLease arena;
  auto& message = arena.Make<Message>();
  KULANZ_RETURN_IF_ERROR(ParseMessage(bytes, message));
  FieldReader reader;
  CustomerId id = reader.ReadId<CustomerId>(kRequest.Field("customer_id"), message.customer_id());
  if (!reader.ok()) {
    return Status::Invalid(reader.Take());
  }
  return id;
}

}  // namespace

grpc::ServerUnaryReactor* CustomerService::UpsertCustomer(grpc::CallbackServerContext* context,
                                                          const grpc::ByteBuffer* request,
                                                          grpc::ByteBuffer* response) {
  return Serve(*context, "UpsertCustomer",
               [=, this](Call& call) { return Upsert(call, *request, *response); });
}

Task<Status> CustomerService::Upsert(Call& call, const grpc::ByteBuffer& request,
                                     grpc::ByteBuffer& response) {
  FieldReader reader;
  Customer customer;
  {
    ArenaLease arena;
    auto& message = arena.Make<v1::UpsertCustomerRequest>();
    KULANZ_CO_RETURN_IF_ERROR(ParseMessage(request, message));
    if (!message.has_customer()) {
      reader.Violate(kRequest.Field("customer"), "is required");
      co_return Status::Invalid(reader.Take());
    }
    customer = ReadCustomer(reader, kRequest.Field("customer"), message.customer());
  }
  const Violations read = reader.Take();
  if (read.empty()) {
    call.subject = SubjectOf(customer.id);
  }
  Violations violations = read;
  const Result<bool> created = co_await use_cases_.customers.Upsert(
      std::move(customer), std::move(violations), call.deadline);
  if (!created.ok()) {
    co_return WithoutEchoes(created.status(), read);
  }
  ArenaLease arena;
  auto& message = arena.Make<v1::UpsertCustomerResponse>();
  message.set_created(*created);
  response = SerializeMessage(message);
  co_return Status::Ok();
}

grpc::ServerReadReactor<grpc::ByteBuffer>* CustomerService::ImportCustomers(
    grpc::CallbackServerContext* context, grpc::ByteBuffer* response) {
  return pipeline_.ServeReader(
      FindMethod(v1::CustomerService::service_full_name(), "ImportCustomers"), *context,
      [=, this](Call& call, MessageReader& reader) {
        return ImportCustomerStream(use_cases_, pipeline_, call, reader, *response);
      });
}

grpc::ServerUnaryReactor* CustomerService::GetCustomer(grpc::CallbackServerContext* context,
                                                       const grpc::ByteBuffer* request,
                                                       grpc::ByteBuffer* response) {
  return Serve(*context, "GetCustomer",
               [=, this](Call& call) { return Get(call, *request, *response); });
}

Task<Status> CustomerService::Get(Call& call, const grpc::ByteBuffer& request,
                                  grpc::ByteBuffer& response) {
  Result<CustomerId> id = ReadCustomerId<v1::GetCustomerRequest>(request);
  if (!id.ok()) {
    co_return id.status();
  }
  CustomerId wanted = std::move(id).value();
  const Result<Customer> customer =
      co_await use_cases_.customers.Get(std::move(wanted), call.deadline);
  if (!customer.ok()) {
    co_return customer.status();
  }
  ArenaLease arena;
  auto& message = arena.Make<v1::Customer>();
  Write(*customer, message);
  response = SerializeMessage(message);
  co_return Status::Ok();
}

grpc::ServerUnaryReactor* CustomerService::EraseCustomer(grpc::CallbackServerContext* context,
                                                         const grpc::ByteBuffer* request,
                                                         grpc::ByteBuffer* response) {
  return Serve(*context, "EraseCustomer",
               [=, this](Call& call) { return Erase(call, *request, *response); });
}

Task<Status> CustomerService::Erase(Call& call, const grpc::ByteBuffer& request,
                                    grpc::ByteBuffer& response) {
  Result<CustomerId> id = ReadCustomerId<v1::EraseCustomerRequest>(request);
  if (!id.ok()) {
    co_return id.status();
  }
  CustomerId doomed = std::move(id).value();
  call.subject = SubjectOf(doomed);
  const Result<bool> erased = co_await use_cases_.customers.Erase(std::move(doomed), call.deadline);
  if (!erased.ok()) {
    co_return erased.status();
  }
  ArenaLease arena;
  auto& message = arena.Make<v1::EraseCustomerResponse>();
  message.set_erased(*erased);
  response = SerializeMessage(message);
  co_return Status::Ok();
}

}  // namespace kulanz::rpc
