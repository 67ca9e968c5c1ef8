// The steps of the CallPipeline that can be replaced: admission, identification, what is told afterwards.
//
// Each is called from any thread, many at once, and must not block.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "service/adapters/grpc/call.h"
#include "service/adapters/grpc/credentials.h"
#include "service/app/caller_trust.h"
#include "service/base/result.h"
#include "service/base/status.h"
#include "service/ports/audit_log.h"
#include "service/ports/telemetry.h"

namespace kulanz::rpc {

// Who gets in while the server is busy.
class Admission {
 public:
  virtual ~Admission() = default;

  // A call has arrived; of its caller nothing but the address is known. Not OK refuses it, and should be
  // RESOURCE_EXHAUSTED with retry_after. Each OK is followed by one Leave. A stream enters once, for as long as
  // it is open. Calls with method.is_probe come here, too.
  virtual Status Enter(Call& call) = 0;
  // It is known who calls, and that they may: fairness between callers has its place here.
  virtual Status EnterIdentified(Call& call) = 0;
  // With what the call was answered, also when EnterIdentified or a later step refused it.
  virtual void Leave(Call& call, const Status& status) = 0;

  // Each message of a client's stream, before its work; each OK is followed by one LeaveMessage. Messages of one
  // stream may be at work side by side.
  virtual Status EnterMessage(Call& call) = 0;
  // `start`: when the message came.
  virtual void LeaveMessage(Call& call, const Status& status, Deadline start) = 0;
};

// Who calls.
class Identification {
 public:
  virtual ~Identification() = default;
  // `caller`, known by its address, with its roles and, where it proved who it is, its id. UNAUTHENTICATED when
  // its credentials prove nothing; the message never says what was in them.
  virtual Result<app::Caller> Identify(const Credentials& shown, app::Caller caller) const = 0;
};

// Is told of every call and every message of a bidirectional stream, once, when the answer is known.
class CallObserver {
 public:
  virtual ~CallObserver() = default;
  virtual void Finished(const Call& call, const Status& status,
                        ports::Telemetry::Seconds latency) = 0;
};

// Of those that are null: every call is admitted; everybody has every role; nothing is audited.
// They outlive the server.
struct CallSteps {
  Admission* admission = nullptr;
  const Identification* identification = nullptr;
  std::vector<CallObserver*> observers = {};          // none of them null
  ports::AuditLog* audit = nullptr;                   // gets every change that a person makes
  std::function<std::string()> policy_revision = {};  // for it: of the policies that are active
};

}  // namespace kulanz::rpc
