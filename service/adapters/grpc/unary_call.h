// Serve: one unary call from its coroutine to its end on the wire.
//
// What every call gets, in one place: a deadline (the client's, capped), a measurement, google.rpc
// error details, and exactly one Finish. Thread-safe.
#pragma once

#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>

#include <chrono>
#include <string_view>

#include "service/app/caller_trust.h"
#include "service/app/code_pools.h"
#include "service/app/customers.h"
#include "service/app/incidents.h"
#include "service/app/letters.h"
#include "service/app/voucher_gate.h"
#include "service/app/vouchers.h"
#include "service/base/status.h"
#include "service/base/task.h"
#include "service/domain/time.h"
#include "service/ports/store.h"
#include "service/ports/telemetry.h"

namespace kulanz::rpc {

// What the services call; outlives the server.
struct UseCases {
  app::Incidents& incidents;
  app::Customers& customers;
  app::Vouchers& vouchers;
  app::Letters& letters;
  const ports::Store& store;  // for its clock: whether a voucher has expired
  ports::Telemetry& telemetry;
  app::CodePools& pools;
  app::VoucherGate& gate;  // every call that takes a voucher's code goes through it
  const app::CallerTrust& trust;
};

// A call without a deadline would wait for ever on a store that hangs; ten seconds are far above what any
// call needs and below what a caller should wait.
inline constexpr Duration kDeadlineMax = std::chrono::seconds{10};

// When to give up on a call: the client's deadline or `kDeadlineMax` from now, whichever is sooner.
Deadline DeadlineOf(const grpc::ServerContextBase& context);

// Runs `work` and ends the call with its status. `method`: "ReportIncident", static.
grpc::ServerUnaryReactor* Serve(std::string_view method, ports::Telemetry& telemetry,
                                grpc::CallbackServerContext& context, Task<Status> work);

// The use-case adds its violations to those that the adapter found, and may then complain that a field
// is missing which only could not be read. Of every field that was in `read`, only those stay.
Status WithoutEchoes(const Status& status, const Violations& read);

}  // namespace kulanz::rpc
