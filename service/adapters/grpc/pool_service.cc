#include "service/adapters/grpc/pool_service.h"

#include <string>
#include <utility>

#include "service/adapters/grpc/caller.h"
#include "service/adapters/grpc/field_reader.h"
#include "service/adapters/grpc/pool_import.h"
#include "service/adapters/grpc/wire.h"

namespace kulanz::rpc {

grpc::ServerReadReactor<grpc::ByteBuffer>* PoolService::ImportPoolCodes(
    grpc::CallbackServerContext* context, grpc::ByteBuffer* response) {
  return pipeline_.ServeReader(FindMethod(v1::PoolService::service_full_name(), "ImportPoolCodes"),
                               *context, [=, this](Call& call, MessageReader& reader) {
                                 return ImportPool(use_cases_, pipeline_, call, reader, *response);
                               });
}

grpc::ServerUnaryReactor* PoolService::GetPool(grpc::CallbackServerContext* context,
                                               const grpc::ByteBuffer* request,
                                               grpc::ByteBuffer* response) {
  return Serve(*context, "GetPool",
               [=, this](Call& call) { return Get(call, *request, *response); });
}

Task<Status> PoolService::Get(Call& call, const grpc::ByteBuffer& request,
                              grpc::ByteBuffer& response) {
  KULANZ_CO_RETURN_IF_ERROR(RequireTrust(use_cases_.trust, call.caller));
  FieldReader reader;
  std::string pool;
  {
    ArenaLease arena;
    auto& message = arena.Make<v1::GetPoolRequest>();
    KULANZ_CO_RETURN_IF_ERROR(ParseMessage(request, message));
    pool = ReadPoolName(reader, kRequest.Field("pool"), message.pool());
  }
  if (!reader.ok()) {
    co_return Status::Invalid(reader.Take());
  }
  std::string wanted = pool;
  const Result<app::PoolStock> stock =
      co_await use_cases_.pools.Count(std::move(wanted), call.deadline);
  if (!stock.ok()) {
    co_return stock.status();
  }
  ArenaLease arena;
  auto& message = arena.Make<v1::Pool>();
  message.set_pool(pool);
  message.set_imported(static_cast<std::int64_t>(stock->imported));
  message.set_remaining(static_cast<std::int64_t>(stock->remaining));
  response = SerializeMessage(message);
  co_return Status::Ok();
}

}  // namespace kulanz::rpc
