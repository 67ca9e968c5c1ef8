#include "service/adapters/grpc/unary_call.h"

#include <algorithm>
#include <utility>

#include "service/adapters/grpc/errors.h"

namespace kulanz::rpc {

Deadline DeadlineOf(const grpc::ServerContextBase& context) {
  const Deadline now = std::chrono::steady_clock::now();
  const auto left = context.deadline() - std::chrono::system_clock::now();
  if (left >= kDeadlineMax) {  // Also "none", which reads as some 200 years.
    return now + kDeadlineMax;
  }
  return now + std::chrono::duration_cast<Deadline::duration>(left);
}

grpc::ServerUnaryReactor* Serve(std::string_view method, ports::Telemetry& telemetry,
                                grpc::CallbackServerContext& context, Task<Status> work) {
  grpc::ServerUnaryReactor* const reactor = context.DefaultReactor();
  const auto start = std::chrono::steady_clock::now();
  SpawnThen(std::move(work), [=, &telemetry, &context](const Status& status) {
    telemetry.RpcFinished(method, CodeName(status.code()),
                          std::chrono::steady_clock::now() - start);
    reactor->Finish(ToGrpc(status, context));  // Nothing of the call may be touched after this.
  });
  return reactor;
}

Status WithoutEchoes(const Status& status, const Violations& read) {
  if (status.code() != Code::kInvalidArgument || read.empty() ||
      status.violations().size() <= read.size()) {
    return status;
  }
  Violations kept;
  for (const FieldViolation& violation : status.violations()) {
    const bool same_field = std::any_of(read.begin(), read.end(), [&](const FieldViolation& other) {
      return other.field == violation.field;
    });
    if (!same_field || std::find(read.begin(), read.end(), violation) != read.end()) {
      kept.push_back(violation);
    }
  }
  return Status::Invalid(std::move(kept));
}

}  // namespace kulanz::rpc
