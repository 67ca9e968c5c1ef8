// OverloadGuard: the admission step of the CallPipeline, by app::CallAdmission.
//
// A unary call is in hand from the moment when it is known who calls; before that it is only asked whether
// there is room for anybody, so that in an overload nobody's credentials are examined in vain. Of a stream its
// messages are in hand, each by itself: one that is open and says nothing costs no place. Probes (health) always pass.
//
// Thread-safety: any thread.
#pragma once

#include "service/adapters/grpc/call_steps.h"
#include "service/app/call_admission.h"
#include "service/ports/serving_telemetry.h"

namespace kulanz::rpc {

class OverloadGuard final : public Admission {
 public:
  // Both outlive the guard.
  OverloadGuard(app::CallAdmission& admission, ports::ServingTelemetry& telemetry)
      : admission_(admission), telemetry_(telemetry) {}

  Status Enter(Call& call) override;
  Status EnterIdentified(Call& call) override;
  void Leave(Call& call, const Status& status) override;
  Status EnterMessage(Call& call) override;
  void LeaveMessage(Call& call, const Status& status, Deadline start) override;

 private:
  Status Counted(const Status& status);

  app::CallAdmission& admission_;
  ports::ServingTelemetry& telemetry_;
};

}  // namespace kulanz::rpc
