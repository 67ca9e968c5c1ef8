#include "service/adapters/grpc/customer_service.h"

#include <utility>

#include "service/adapters/grpc/customer_import.h"
#include "service/adapters/grpc/field_reader.h"
#include "service/adapters/grpc/read_customer.h"
#include "service/adapters/grpc/wire.h"
#include "service/adapters/grpc/write_messages.h"

namespace kulanz::rpc {
namespace {

constexpr FieldPath kRequest;

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
  return Serve("UpsertCustomer", use_cases_.telemetry, *context,
               Upsert(*request, *response, DeadlineOf(*context)));
}

Task<Status> CustomerService::Upsert(const grpc::ByteBuffer& request, grpc::ByteBuffer& response,
                                     Deadline deadline) {
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
  Violations violations = read;
  const Result<bool> created =
      co_await use_cases_.customers.Upsert(std::move(customer), std::move(violations), deadline);
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
  return StartCustomerImport(use_cases_, *context, *response);
}

grpc::ServerUnaryReactor* CustomerService::GetCustomer(grpc::CallbackServerContext* context,
                                                       const grpc::ByteBuffer* request,
                                                       grpc::ByteBuffer* response) {
  return Serve("GetCustomer", use_cases_.telemetry, *context,
               Get(*request, *response, DeadlineOf(*context)));
}

Task<Status> CustomerService::Get(const grpc::ByteBuffer& request, grpc::ByteBuffer& response,
                                  Deadline deadline) {
  Result<CustomerId> id = ReadCustomerId<v1::GetCustomerRequest>(request);
  if (!id.ok()) {
    co_return id.status();
  }
  CustomerId wanted = std::move(id).value();
  const Result<Customer> customer = co_await use_cases_.customers.Get(std::move(wanted), deadline);
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
  return Serve("EraseCustomer", use_cases_.telemetry, *context,
               Erase(*request, *response, DeadlineOf(*context)));
}

Task<Status> CustomerService::Erase(const grpc::ByteBuffer& request, grpc::ByteBuffer& response,
                                    Deadline deadline) {
  Result<CustomerId> id = ReadCustomerId<v1::EraseCustomerRequest>(request);
  if (!id.ok()) {
    co_return id.status();
  }
  CustomerId doomed = std::move(id).value();
  const Result<bool> erased = co_await use_cases_.customers.Erase(std::move(doomed), deadline);
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
