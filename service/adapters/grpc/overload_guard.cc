#include "service/adapters/grpc/overload_guard.h"

#include <chrono>

namespace kulanz::rpc {
namespace {

constexpr std::uint64_t kInHand = 1;  // of Call::admission

Deadline Now() { return std::chrono::steady_clock::now(); }

bool IsInHandAsAWhole(const MethodRow& method) {
  return method.shape == Shape::kUnary && !method.is_probe;
}

// Whoever was refused or has asked nonsense was cheap, and who came while the store was away waited for that:
// neither says how long work takes.
app::CallAdmission::Ended EndOf(const Status& status) {
  return status.ok() ? app::CallAdmission::Ended::kServed : app::CallAdmission::Ended::kNothing;
}

}  // namespace

Status OverloadGuard::Enter(Call& call) {
  return call.method.is_probe ? Status::Ok() : Counted(admission_.Glance(call.arrived));
}

Status OverloadGuard::EnterIdentified(Call& call) {
  if (!IsInHandAsAWhole(call.method)) {
    return Status::Ok();
  }
  const Status status = admission_.Enter(call.caller.id, call.arrived);
  call.admission = status.ok() ? kInHand : 0;
  return Counted(status);
}

void OverloadGuard::Leave(Call& call, const Status& status) {
  if (call.admission == kInHand) {
    call.admission = 0;
    admission_.Leave(call.caller.id, EndOf(status), call.arrived, Now());
  }
}

Status OverloadGuard::EnterMessage(Call& call) {
  return Counted(admission_.Enter(call.caller.id, Now()));
}

void OverloadGuard::LeaveMessage(Call& call, const Status& status, Deadline start) {
  admission_.Leave(call.caller.id, EndOf(status), start, Now());
}

Status OverloadGuard::Counted(const Status& status) {
  if (!status.ok()) {
    telemetry_.CallRefused(status.reason() == app::kCallerOverShare ? "over_share" : "overloaded");
  }
  return status;
}

}  // namespace kulanz::rpc
