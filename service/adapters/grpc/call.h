// Call: one call on its way through the server, from its arrival to its last byte.
//
// Made by the service when gRPC hands it a call, and filled by the steps of the CallPipeline in their order.
// Lives until the call is finished; work gets it by reference. Thread-safety: one thread at a time, except
// for what a stream says of its messages.
#pragma once

#include <grpcpp/server_context.h>

#include <chrono>
#include <cstdint>
#include <string>

#include "service/adapters/grpc/method_table.h"
#include "service/app/caller_trust.h"
#include "service/base/log_context.h"
#include "service/domain/ids.h"
#include "service/domain/time.h"

namespace kulanz::rpc {

// A call without a deadline would wait for ever on a store that hangs; ten seconds are far above what any
// call needs and below what a caller should wait.
inline constexpr Duration kDeadlineMax = std::chrono::seconds{10};

// When to give up on a call: the client's deadline or `kDeadlineMax` from now, whichever is sooner.
Deadline DeadlineOf(const grpc::CallbackServerContext& context);

struct Call {
  Call(const MethodRow& the_method, grpc::CallbackServerContext& the_context);
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;

  const MethodRow& method;
  grpc::CallbackServerContext& context;
  const std::chrono::steady_clock::time_point arrived;
  // Of a stream's messages: DeadlineOf(context) of their own.
  const Deadline deadline;
  // The client's x-request-id if it is 1 to 128 letters, digits and -._:/+=, else one of ours. For logs.
  const std::string request_id;
  // By which its log lines are found: the request id, without what may not stand in a log, and the trace.
  const LogContextPtr log_context;
  // From the beginning with the address of the connection; with roles, and an id that was proved, from the
  // step of identification on.
  app::Caller caller;

  // What a change is about: "voucher:ID", "incident:ID", "customer:HASH", "pool:NAME, pool:NAME". For the audit log:
  // ids, and of customers only their hash; never a code. So it is set from what was found or made, not from the
  // request: people paste codes into the wrong field.
  std::string subject;

  bool is_admitted = false;     // by Admission::Enter, and so in need of a Leave
  bool is_open = false;         // all steps before the work were passed
  std::uint64_t admission = 0;  // whatever Admission wants to remember of the call
};

// As `subject`.
std::string SubjectOf(const IncidentId& incident);
// The hash by which the store's keys know the customer: 32 hexadecimal digits.
std::string SubjectOf(const CustomerId& customer);

}  // namespace kulanz::rpc
