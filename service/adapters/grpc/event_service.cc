#include "service/adapters/grpc/event_service.h"

#include <string>
#include <utility>

#include "service/adapters/grpc/field_reader.h"
#include "service/adapters/grpc/read_page.h"
#include "service/adapters/grpc/read_request.h"
#include "service/adapters/grpc/wire.h"
#include "service/adapters/grpc/write_messages.h"

namespace kulanz::rpc {
namespace {

constexpr std::size_t kNameBytes = 36;

void WriteEvent(const Event& event, v1::DeadEvent& out) {
  out.set_event_id(event.id);
  out.set_type(std::string(EventTypeName(event.type)));
  Write(event.at, *out.mutable_timestamp());
  out.set_customer_id(event.customer.text());
  out.set_incident_id(event.incident.text());
  out.set_revision(event.revision);
  out.set_voucher_id(event.voucher_id);
  out.set_breaker(event.breaker);
}

void WriteRecord(const app::DeadEventRecord& record, v1::DeadEvents& out) {
  out.set_name(record.id);
  for (const Event& event : record.events.events) {
    WriteEvent(event, *out.add_events());
  }
  for (const app::DeadEvent& dead : record.events.dead) {
    v1::DeadEvent& event = *out.mutable_events(static_cast<int>(dead.event));
    event.set_reason(dead.reason);
    event.set_explanation(app::ExplainDeliveryError(dead.reason));
    event.set_attempts(dead.attempts);
  }
  if (!record.events.dead.empty()) {
    Write(record.given_up_at, *out.mutable_given_up_at());
    Write(record.kept_until, *out.mutable_kept_until());
  }
}

}  // namespace

grpc::ServerUnaryReactor* EventService::ListDeadEvents(Context* context, const Bytes* request,
                                                       Bytes* response) {
  return Serve(*context, "ListDeadEvents",
               [=, this](Call& call) { return List(call, *request, *response); });
}

Task<Status> EventService::List(Call& call, const Bytes& request, Bytes& response) {
  auto asked = ReadRequest<v1::ListDeadEventsRequest>(
      request, [](FieldReader& reader, const auto& message) { return ReadPage(reader, message); });
  if (!asked.ok()) {
    co_return asked.status();
  }
  const Result<app::DeadEventPage> page =
      co_await use_cases_.dead_events.List(asked->size, std::move(asked->token), call.deadline);
  if (!page.ok()) {
    co_return page.status();
  }
  ArenaLease arena;
  auto& message = arena.Make<v1::ListDeadEventsResponse>();
  for (const app::DeadEventRecord& record : page->records) {
    WriteRecord(record, *message.add_dead_events());
  }
  message.set_next_page_token(page->next_page_token);
  response = SerializeMessage(message);
  co_return Status::Ok();
}

grpc::ServerUnaryReactor* EventService::ResendEvents(Context* context, const Bytes* request,
                                                     Bytes* response) {
  return Serve(*context, "ResendEvents",
               [=, this](Call& call) { return Resend(call, *request, *response); });
}

Task<Status> EventService::Resend(Call& call, const Bytes& request, Bytes& response) {
  auto name =
      ReadRequest<v1::ResendEventsRequest>(request, [](FieldReader& reader, const auto& message) {
        reader.CheckText(kRequest.Field("name"), message.name(), 1, kNameBytes);
        return message.name();
      });
  if (!name.ok()) {
    co_return name.status();
  }
  const Result<app::DeadEventRecord> record =
      co_await use_cases_.dead_events.Resend(*std::move(name), call.deadline);
  if (!record.ok()) {
    co_return record.status();
  }
  ArenaLease arena;
  auto& message = arena.Make<v1::DeadEvents>();
  WriteRecord(*record, message);
  response = SerializeMessage(message);
  co_return Status::Ok();
}

}  // namespace kulanz::rpc
