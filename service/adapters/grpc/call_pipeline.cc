#include "service/adapters/grpc/call_pipeline.h"

#include <string>

#include "service/adapters/grpc/access_log.h"
#include "service/adapters/grpc/caller.h"

namespace kulanz::rpc {
namespace {

Status Authorise(const MethodRow& method, const app::RoleSet& roles) {
  if (method.name.empty()) {
    return Status(Code::kPermissionDenied, "METHOD_NOT_ALLOWED",
                  "nobody may call this method: it stands in no row of the server's table");
  }
  if (method.roles.HasAnyOf(roles)) {
    return Status::Ok();
  }
  return Status(Code::kPermissionDenied, "ROLE_MISSING",
                std::string(method.name) + " needs one of these roles: " + ToText(method.roles))
      .WithMetadata("method", std::string(method.service) + "/" + std::string(method.name))
      .WithMetadata("rolesNeeded", ToText(method.roles))
      .WithMetadata("callerRoles", ToText(roles));
}

}  // namespace

Status CallPipeline::Open(Call& call) {
  Status status = PassSteps(call);
  call.is_open = status.ok();
  if (call.is_open && call.method.is_counted) {
    running_.Enter();
  }
  return status;
}

Status CallPipeline::PassSteps(Call& call) {
  if (steps_.admission != nullptr) {
    KULANZ_RETURN_IF_ERROR(steps_.admission->Enter(call));
    call.is_admitted = true;
  }
  if (!call.method.anybody) {
    if (steps_.identification != nullptr) {
      const Credentials shown = CredentialsOf(call.context);
      KULANZ_ASSIGN_OR_RETURN(call.caller, steps_.identification->Identify(shown, call.caller));
    } else {
      call.caller.roles = app::RoleSet::All();
    }
    KULANZ_RETURN_IF_ERROR(Authorise(call.method, call.caller.roles));
  }
  return steps_.admission == nullptr ? Status::Ok() : steps_.admission->EnterIdentified(call);
}

bool CallPipeline::IsAudited(const Call& call) const {
  if (steps_.audit == nullptr || call.method.effect != Effect::kChange) {
    return false;
  }
  return call.caller.authenticated
             ? call.caller.roles.HasAnyOf(app::RoleSet::OfPeople())
             : !call.method.roles.HasAnyOf({app::Role::kReporter, app::Role::kRedeemer});
}

Task<Status> CallPipeline::AuditBegin(Call& call) const {
  ports::AuditEntry entry = EntryOf(call);
  Status status = co_await steps_.audit->Append(std::move(entry));
  co_return status;
}

Task<void> CallPipeline::AuditEnd(Call& call, std::string subject, Status status) const {
  ports::AuditEntry entry = EntryOf(call);
  entry.phase = ports::AuditPhase::kEnd;
  entry.subject = std::move(subject);
  entry.result = status.ok()
                     ? "OK"
                     : std::string(CodeName(status.code())) + "/" + std::string(status.reason());
  (void)co_await steps_.audit->Append(std::move(entry));
}

ports::AuditEntry CallPipeline::EntryOf(const Call& call) const {
  ports::AuditEntry entry;
  entry.who = call.caller.id;
  entry.roles = ToText(call.caller.roles);
  entry.from = call.caller.address.empty() ? call.caller.id : call.caller.address;
  entry.what = std::string(call.method.service) + "/" + std::string(call.method.name);
  entry.request_id = RequestIdForLogs(call.request_id);
  if (steps_.policy_revision) {
    entry.policy_revision = steps_.policy_revision();
  }
  return entry;
}

void CallPipeline::Close(Call& call, const Status& status) {
  if (!status.ok()) {
    call.context.AddTrailingMetadata("x-request-id", call.request_id);
  }
  if (call.is_admitted) {
    steps_.admission->Leave(call, status);
  }
  // Of a bidirectional stream its messages are counted, and itself where it did not come to any.
  if (call.method.shape != Shape::kBidiStream || !call.is_open) {
    Tell(call, status, call.arrived);
  }
  if (call.is_open && call.method.is_counted) {
    running_.Leave();
  }
}

Status CallPipeline::EnterMessage(Call& call) {
  KULANZ_RETURN_IF_ERROR(StillMay(call));
  return steps_.admission == nullptr ? Status::Ok() : steps_.admission->EnterMessage(call);
}

Status CallPipeline::StillMay(const Call& call) const {
  if (call.method.anybody || steps_.identification == nullptr) {
    return Status::Ok();
  }
  KULANZ_ASSIGN_OR_RETURN(const app::Caller caller, steps_.identification->Identify(
                                                        CredentialsOf(call.context), call.caller));
  return Authorise(call.method, caller.roles);
}

void CallPipeline::LeaveMessage(Call& call, const Status& status, Deadline start) {
  if (steps_.admission != nullptr) {
    steps_.admission->LeaveMessage(call, status, start);
  }
}

void CallPipeline::MessageFinished(const Call& call, const Status& status,
                                   std::chrono::steady_clock::time_point start) {
  Tell(call, status, start);
}

void CallPipeline::Tell(const Call& call, const Status& status,
                        std::chrono::steady_clock::time_point start) {
  const auto latency = std::chrono::steady_clock::now() - start;
  if (call.method.is_counted) {
    telemetry_.RpcFinished(call.method.name, CodeName(status.code()), latency);
  }
  for (CallObserver* const observer : steps_.observers) {
    observer->Finished(call, status, latency);
  }
}

}  // namespace kulanz::rpc
