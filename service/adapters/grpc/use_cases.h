// UseCases: what the services of the API call. Plain references; what they name outlives the server.
#pragma once

#include "service/app/breaker_control.h"
#include "service/app/caller_trust.h"
#include "service/app/code_pools.h"
#include "service/app/customers.h"
#include "service/app/dead_events.h"
#include "service/app/incidents.h"
#include "service/app/letters.h"
#include "service/app/voucher_gate.h"
#include "service/app/vouchers.h"
#include "service/ports/store.h"
#include "service/ports/telemetry.h"

namespace kulanz::rpc {

struct UseCases {
  app::Incidents& incidents;
  app::Customers& customers;
  app::Vouchers& vouchers;
  app::Letters& letters;
  app::DeadEvents& dead_events;
  app::BreakerControl& breakers;
  const ports::Store& store;  // for its clock: whether a voucher has expired
  ports::Telemetry& telemetry;
  app::CodePools& pools;
  app::VoucherGate& gate;  // every call that takes a voucher's code goes through it
  const app::CallerTrust& trust;
};

}  // namespace kulanz::rpc
