#include "service/adapters/grpc/call_pipeline.h"

#include <string>

#include "service/adapters/grpc/caller.h"

namespace kulanz::rpc {
namespace {

Status Authorise(const Call& call) {
  const MethodRow& method = call.method;
  if (method.name.empty()) {
    return Status(Code::kPermissionDenied, "METHOD_NOT_ALLOWED",
                  "nobody may call this method: it stands in no row of the server's table");
  }
  if (method.roles.HasAnyOf(call.caller.roles)) {
    return Status::Ok();
  }
  return Status(Code::kPermissionDenied, "ROLE_MISSING",
                std::string(method.name) + " needs one of these roles: " + ToText(method.roles))
      .WithMetadata("method", std::string(method.service) + "/" + std::string(method.name))
      .WithMetadata("rolesNeeded", ToText(method.roles))
      .WithMetadata("callerRoles", ToText(call.caller.roles));
}

}  // namespace

Status CallPipeline::Open(Call& call) {
  Status status = PassSteps(call);
  call.is_open = status.ok();
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
    KULANZ_RETURN_IF_ERROR(Authorise(call));
  }
  return steps_.admission == nullptr ? Status::Ok() : steps_.admission->EnterIdentified(call);
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
}

Status CallPipeline::EnterMessage(Call& call) {
  return steps_.admission == nullptr ? Status::Ok() : steps_.admission->EnterMessage(call);
}

void CallPipeline::LeaveMessage(Call& call, const Status& status) {
  if (steps_.admission != nullptr) {
    steps_.admission->LeaveMessage(call, status);
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
  if (steps_.observer != nullptr) {
    steps_.observer->Finished(call, status, latency);
  }
}

}  // namespace kulanz::rpc
