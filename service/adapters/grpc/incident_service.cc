#include "service/adapters/grpc/incident_service.h"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "service/adapters/grpc/errors.h"
#include "service/adapters/grpc/field_reader.h"
#include "service/adapters/grpc/read_incident.h"
#include "service/adapters/grpc/read_page.h"
#include "service/adapters/grpc/wire.h"
#include "service/adapters/grpc/write_messages.h"

namespace kulanz::rpc {
namespace {

constexpr std::size_t kWithdrawalReasonBytesMax = 256;  // a sentence, not a report

struct IncidentRequest {
  Incident incident;
  Violations violations;
};

// Reads a request that holds an incident and nothing else.
template <typename Message>
Result<IncidentRequest> ReadIncidentRequest(const grpc::ByteBuffer& bytes) {
  ArenaLease arena;
  auto& message = arena.Make<Message>();
  KULANZ_RETURN_IF_ERROR(ParseMessage(bytes, message));
  FieldReader reader;
  IncidentRequest request;
  if (message.has_incident()) {
    request.incident = ReadIncident(reader, kRequest.Field("incident"), message.incident());
  } else {
    reader.Violate(kRequest.Field("incident"), "is required");
  }
  request.violations = reader.Take();
  return request;
}

// A decision that was not recorded has no voucher, but terms that one would have.
void WriteTermsIfGranted(const Decision& decision, v1::Decision& out) {
  if (!decision.voucher) {
    return;
  }
  v1::Voucher& voucher = *out.mutable_voucher();
  voucher.set_incident_id(decision.incident.id.text());
  voucher.set_customer_id(decision.incident.customer.text());
  voucher.set_policy(decision.policy.text());
  Write(decision.voucher->amount, *voucher.mutable_amount());
  if (decision.voucher->minimum_order) {
    Write(*decision.voucher->minimum_order, *voucher.mutable_minimum_order());
  }
  Write(decision.voucher->valid_until, *voucher.mutable_valid_until());
  voucher.set_time_zone(decision.voucher->zone);
  voucher.set_transferable(decision.voucher->transferable);
}

}  // namespace

grpc::ServerUnaryReactor* IncidentService::ReportIncident(grpc::CallbackServerContext* context,
                                                          const grpc::ByteBuffer* request,
                                                          grpc::ByteBuffer* response) {
  return Serve(*context, "ReportIncident",
               [=, this](Call& call) { return Report(call, *request, *response); });
}

Task<Status> IncidentService::Report(Call& call, const grpc::ByteBuffer& request,
                                     grpc::ByteBuffer& response) {
  Result<IncidentRequest> read = ReadIncidentRequest<v1::ReportIncidentRequest>(request);
  if (!read.ok()) {
    co_return read.status();
  }
  Incident incident = std::move(read->incident);
  Violations violations = read->violations;
  const Result<app::DecidedIncident> decided = co_await use_cases_.incidents.Report(
      std::move(incident), std::move(violations), call.deadline);
  if (!decided.ok()) {
    co_return WithoutEchoes(decided.status(), read->violations);
  }
  call.subject = SubjectOf(decided->decision.incident.id);
  ArenaLease arena;
  auto& message = arena.Make<v1::ReportIncidentResponse>();
  Write(*decided, WithInputs::kNo, use_cases_.store.Now(), *message.mutable_decision());
  message.set_replayed(decided->replayed);
  response = SerializeMessage(message);
  co_return Status::Ok();
}

grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* IncidentService::StreamIncidents(
    grpc::CallbackServerContext* context) {
  return streams_.Open(*context);
}

grpc::ServerUnaryReactor* IncidentService::EvaluateIncident(grpc::CallbackServerContext* context,
                                                            const grpc::ByteBuffer* request,
                                                            grpc::ByteBuffer* response) {
  return Serve(*context, "EvaluateIncident",
               [=, this](Call& call) { return Evaluate(call, *request, *response); });
}

Task<Status> IncidentService::Evaluate(Call& call, const grpc::ByteBuffer& request,
                                       grpc::ByteBuffer& response) {
  Result<IncidentRequest> read = ReadIncidentRequest<v1::EvaluateIncidentRequest>(request);
  if (!read.ok()) {
    co_return read.status();
  }
  Incident incident = std::move(read->incident);
  Violations violations = read->violations;
  const Result<app::EvaluatedIncident> evaluated = co_await use_cases_.incidents.Evaluate(
      std::move(incident), std::move(violations), call.deadline);
  if (!evaluated.ok()) {
    co_return WithoutEchoes(evaluated.status(), read->violations);
  }
  ArenaLease arena;
  auto& message = arena.Make<v1::EvaluateIncidentResponse>();
  Write(evaluated->decision, *message.mutable_decision());
  WriteTermsIfGranted(evaluated->decision, *message.mutable_decision());
  for (const engine::PolicyTrace& trace : evaluated->explanation.policies) {
    Write(trace, *message.add_explanation());
  }
  message.set_already_decided(evaluated->already_decided);
  response = SerializeMessage(message);
  co_return Status::Ok();
}

grpc::ServerUnaryReactor* IncidentService::WithdrawIncident(grpc::CallbackServerContext* context,
                                                            const grpc::ByteBuffer* request,
                                                            grpc::ByteBuffer* response) {
  return Serve(*context, "WithdrawIncident",
               [=, this](Call& call) { return Withdraw(call, *request, *response); });
}

Task<Status> IncidentService::Withdraw(Call& call, const grpc::ByteBuffer& request,
                                       grpc::ByteBuffer& response) {
  FieldReader reader;
  IncidentId id;
  std::string reason;
  {
    ArenaLease arena;
    auto& message = arena.Make<v1::WithdrawIncidentRequest>();
    KULANZ_CO_RETURN_IF_ERROR(ParseMessage(request, message));
    id = reader.ReadId<IncidentId>(kRequest.Field("incident_id"), message.incident_id());
    reader.CheckText(kRequest.Field("reason"), message.reason(), 0, kWithdrawalReasonBytesMax);
    reason = message.reason();
  }
  if (!reader.ok()) {
    co_return Status::Invalid(reader.Take());
  }
  const Result<app::DecidedIncident> decided =
      co_await use_cases_.incidents.Withdraw(std::move(id), std::move(reason), call.deadline);
  if (!decided.ok()) {
    co_return decided.status();
  }
  call.subject = SubjectOf(decided->decision.incident.id);
  ArenaLease arena;
  auto& message = arena.Make<v1::WithdrawIncidentResponse>();
  Write(*decided, WithInputs::kYes, use_cases_.store.Now(), *message.mutable_decision());
  message.set_replayed(decided->replayed);
  response = SerializeMessage(message);
  co_return Status::Ok();
}

grpc::ServerUnaryReactor* IncidentService::GetDecision(grpc::CallbackServerContext* context,
                                                       const grpc::ByteBuffer* request,
                                                       grpc::ByteBuffer* response) {
  return Serve(*context, "GetDecision",
               [=, this](Call& call) { return Get(call, *request, *response); });
}

Task<Status> IncidentService::Get(Call& call, const grpc::ByteBuffer& request,
                                  grpc::ByteBuffer& response) {
  FieldReader reader;
  IncidentId id;
  std::optional<std::uint32_t> revision;
  {
    ArenaLease arena;
    auto& message = arena.Make<v1::GetDecisionRequest>();
    KULANZ_CO_RETURN_IF_ERROR(ParseMessage(request, message));
    id = reader.ReadId<IncidentId>(kRequest.Field("incident_id"), message.incident_id());
    if (message.has_revision()) {
      revision = message.revision();
    }
  }
  if (!reader.ok()) {
    co_return Status::Invalid(reader.Take());
  }
  const Result<app::DecidedIncident> decided =
      co_await use_cases_.incidents.Get(std::move(id), revision, call.deadline);
  if (!decided.ok()) {
    co_return decided.status();
  }
  ArenaLease arena;
  auto& message = arena.Make<v1::Decision>();
  Write(*decided, WithInputs::kYes, use_cases_.store.Now(), message);
  response = SerializeMessage(message);
  co_return Status::Ok();
}

grpc::ServerUnaryReactor* IncidentService::ListDecisions(grpc::CallbackServerContext* context,
                                                         const grpc::ByteBuffer* request,
                                                         grpc::ByteBuffer* response) {
  return Serve(*context, "ListDecisions",
               [=, this](Call& call) { return List(call, *request, *response); });
}

Task<Status> IncidentService::List(Call& call, const grpc::ByteBuffer& request,
                                   grpc::ByteBuffer& response) {
  FieldReader reader;
  CustomerId customer;
  AskedPage asked;
  {
    ArenaLease arena;
    auto& message = arena.Make<v1::ListDecisionsRequest>();
    KULANZ_CO_RETURN_IF_ERROR(ParseMessage(request, message));
    customer = reader.ReadId<CustomerId>(kRequest.Field("customer_id"), message.customer_id());
    asked = ReadPage(reader, message);
  }
  if (!reader.ok()) {
    co_return Status::Invalid(reader.Take());
  }
  const Result<app::DecisionPage> page = co_await use_cases_.incidents.List(
      std::move(customer), asked.size, std::move(asked.token), call.deadline);
  if (!page.ok()) {
    co_return page.status();
  }
  ArenaLease arena;
  auto& message = arena.Make<v1::ListDecisionsResponse>();
  const std::optional<Instant> now = use_cases_.store.Now();
  for (const app::DecidedIncident& decided : page->decisions) {
    Write(decided, WithInputs::kYes, now, *message.add_decisions());
  }
  message.set_next_page_token(page->next_page_token);
  response = SerializeMessage(message);
  co_return Status::Ok();
}

}  // namespace kulanz::rpc
