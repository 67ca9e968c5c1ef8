// CallPipeline: what every call of every service passes, in this order:
//
//   admission        may it come in at all, as busy as the server is?          Admission::Enter
//   identity         who calls?                                                Identification
//   authorisation    may they, by the table of methods? Deny by default.       method_table.h
//   fairness         is it this caller's turn?                                 Admission::EnterIdentified
//   the audit log    changes by people are recorded before they are made, and with their result after
//   the work         with a deadline: the client's, capped
//   the end          google.rpc error details, exactly one Finish, telemetry, the observers
//
// A stream passes the first four when it is opened, and EnterMessage with each message, which asks for identity and
// authorisation again: a stream may outlive its caller's token, role or key. Who is refused is told so by the status
// of the call, without a look at its request.
//
// Thread-safety: any thread. Outlives its calls.
#pragma once

#include <grpcpp/server_context.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/server_callback.h>

#include <chrono>
#include <string>
#include <string_view>
#include <utility>

#include "service/adapters/grpc/call.h"
#include "service/adapters/grpc/call_steps.h"
#include "service/adapters/grpc/errors.h"
#include "service/adapters/grpc/message_reader.h"
#include "service/adapters/grpc/running_calls.h"
#include "service/base/task.h"
#include "service/ports/telemetry.h"

namespace kulanz::rpc {

class CallPipeline {
 public:
  CallPipeline(const CallSteps& steps, ports::Telemetry& telemetry)
      : steps_(steps), telemetry_(telemetry) {}
  CallPipeline(const CallPipeline&) = delete;
  CallPipeline& operator=(const CallPipeline&) = delete;

  // A unary call from here to its end on the wire. `work`: Call& → Task<Status>; it is not called for a call
  // that is refused. What it refers to must live as long as the call.
  template <typename Work>
  grpc::ServerUnaryReactor* Serve(const MethodRow& method, grpc::CallbackServerContext& context,
                                  Work work) {
    grpc::ServerUnaryReactor* const reactor = context.DefaultReactor();
    const LogScope scope(nullptr);  // Takes back what the call sets.
    Spawn(ServeUnary(method, context, *reactor, std::move(work)));
    return reactor;
  }

  // A stream of messages that end in one answer. `work`: Call&, MessageReader& → Task<Status>.
  template <typename Work>
  grpc::ServerReadReactor<grpc::ByteBuffer>* ServeReader(const MethodRow& method,
                                                         grpc::CallbackServerContext& context,
                                                         Work work) {
    MessageReader& reader = readers_.Open();
    const LogScope scope(nullptr);
    Spawn(ServeMessages(method, context, reader, std::move(work)));
    return &reader;
  }

  // For the other streams: Open once, first, and with whatever it answers one Close before Finish.
  // UNAUTHENTICATED, PERMISSION_DENIED / ROLE_MISSING or METHOD_NOT_ALLOWED, or as Admission says.
  Status Open(Call& call);
  void Close(Call& call, const Status& status);
  // Around the work of each message, of several at once, too. Each OK of EnterMessage is followed by one LeaveMessage.
  // UNAUTHENTICATED, PERMISSION_DENIED, or as Admission says.
  Status EnterMessage(Call& call);
  void LeaveMessage(Call& call, const Status& status, Deadline start);
  // Whether what the call changes goes into the audit log: it is made by somebody with a role of people, or,
  // where nobody is asked who they are, by a method that only people may call.
  bool IsAudited(const Call& call) const;
  // UNAVAILABLE / AUDIT_LOG: it could not be recorded, so nothing must be done. Only if IsAudited.
  Task<Status> AuditBegin(Call& call) const;
  // What is done is done, whether this can be recorded or not.
  Task<void> AuditEnd(Call& call, std::string subject, Status status) const;

  // The streams of ServeReader take no further message: their work ends with what it has (MessageReader::is_stopped).
  void EndReaders() { readers_.EndAll(); }

  // Calls that were opened and not closed; without health and reflection, whose streams end when they like.
  RunningCalls& running() { return running_; }

  // A message of a bidirectional stream was answered, whether it entered or not.
  void MessageFinished(const Call& call, const Status& status,
                       std::chrono::steady_clock::time_point start);

 private:
  template <typename Work>
  Task<void> ServeUnary(const MethodRow& method, grpc::CallbackServerContext& context,
                        grpc::ServerUnaryReactor& reactor, Work work) {
    Call call(method, context);
    SetLogContext(call.log_context);
    Status status = Open(call);
    if (status.ok() && IsAudited(call)) {
      status = co_await AuditBegin(call);
      if (status.ok()) {
        status = co_await work(call);
        co_await AuditEnd(call, call.subject, status);
      }
    } else if (status.ok()) {
      status = co_await work(call);
    }
    Close(call, status);
    reactor.Finish(ToGrpc(status, context));  // Nothing of the call may be touched after this.
  }

  template <typename Work>
  Task<void> ServeMessages(const MethodRow& method, grpc::CallbackServerContext& context,
                           MessageReader& reader, Work work) {
    Call call(method, context);
    SetLogContext(call.log_context);
    Status status = Open(call);
    if (status.ok() && IsAudited(call)) {
      status = co_await AuditBegin(call);
      if (status.ok()) {
        status = co_await work(call, reader);
        co_await AuditEnd(call, call.subject, status);
      }
    } else if (status.ok()) {
      status = co_await work(call, reader);
    }
    Close(call, status);
    reader.Finish(ToGrpc(status, context));
  }

  Status PassSteps(Call& call);
  // Whether the rules of now let the caller go on. Who it was when the call was opened stays in `call`.
  Status StillMay(const Call& call) const;
  ports::AuditEntry EntryOf(const Call& call) const;
  void Tell(const Call& call, const Status& status, std::chrono::steady_clock::time_point start);

  const CallSteps steps_;
  ports::Telemetry& telemetry_;
  RunningCalls running_;
  MessageReaders readers_;
};

}  // namespace kulanz::rpc
