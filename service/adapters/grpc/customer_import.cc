#include "service/adapters/grpc/customer_import.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "kulanz/v1/customer_service.pb.h"
#include "service/adapters/grpc/errors.h"
#include "service/adapters/grpc/field_reader.h"
#include "service/adapters/grpc/message_reader.h"
#include "service/adapters/grpc/read_customer.h"
#include "service/adapters/grpc/stopping.h"
#include "service/adapters/grpc/wire.h"

namespace kulanz::rpc {
namespace {

struct CustomerItem {
  Customer customer;
  Violations violations;
  Status refused;  // cannot be read as a customer at all
};

CustomerItem ReadCustomerItem(const grpc::ByteBuffer& bytes) {
  CustomerItem item;
  ArenaLease arena;
  auto& message = arena.Make<v1::ImportCustomersRequest>();
  item.refused = ParseMessage(bytes, message);
  if (!item.refused.ok()) {
    return item;
  }
  FieldReader reader;
  if (message.has_customer()) {
    item.customer = ReadCustomer(reader, kRequest.Field("customer"), message.customer());
    item.violations = reader.Take();
  } else {
    reader.Violate(kRequest.Field("customer"), "is required");
    item.refused = Status::Invalid(reader.Take());
  }
  return item;
}

Task<Result<bool>> ImportOne(const UseCases& use_cases, CustomerItem item, Deadline deadline) {
  if (!item.refused.ok()) {
    co_return item.refused;
  }
  Customer customer = std::move(item.customer);
  Violations violations = item.violations;
  Result<bool> created =
      co_await use_cases.customers.Upsert(std::move(customer), std::move(violations), deadline);
  if (!created.ok()) {
    co_return WithoutEchoes(created.status(), item.violations);
  }
  co_return created;
}

}  // namespace

Task<Status> ImportCustomerStream(const UseCases& use_cases, CallPipeline& pipeline, Call& call,
                                  MessageReader& reader, grpc::ByteBuffer& response) {
  v1::ImportCustomersResponse summary;
  for (std::int64_t index = 0;; ++index) {
    const std::optional<grpc::ByteBuffer> bytes = co_await reader.Next();
    if (!bytes && reader.is_stopped()) {
      co_return ImportStopped(index);
    }
    if (!bytes) {
      response = SerializeMessage(summary);
      co_return Status::Ok();
    }
    const Deadline start = std::chrono::steady_clock::now();
    KULANZ_CO_RETURN_IF_ERROR(pipeline.EnterMessage(call));
    CustomerItem item = ReadCustomerItem(*bytes);
    const std::string id = item.customer.id.text();
    const Deadline deadline = DeadlineOf(call.context);
    const Result<bool> created = co_await ImportOne(use_cases, std::move(item), deadline);
    const Status status = created.ok() ? Status::Ok() : created.status();
    pipeline.LeaveMessage(call, status, start);
    if (created.ok()) {
      *created ? summary.set_created(summary.created() + 1)
               : summary.set_updated(summary.updated() + 1);
    } else if (status.code() == Code::kInvalidArgument) {
      summary.set_rejected(summary.rejected() + 1);
      if (summary.rejections_size() < kImportRejectionsMax) {
        v1::ImportRejection& rejection = *summary.add_rejections();
        rejection.set_index(index);
        rejection.set_customer_id(id.substr(0, id.size() <= kIdBytesMax ? id.size() : 0));
        ToProto(status, *rejection.mutable_error());
      }
    } else {
      co_return status;
    }
  }
}

}  // namespace kulanz::rpc
