// Dependencies: what every use-case is built from. Wired once in kulanzd (or a test); outlives them.
#pragma once

#include "service/domain/event.h"
#include "service/domain/time.h"

namespace kulanz::ports {
class Store;
class Messenger;
class Scheduler;
class Entropy;
class Telemetry;
class Log;
}  // namespace kulanz::ports

namespace kulanz::app {

class PolicyHolder;     // policy_holder.h: the active policy set, swapped as a whole
class RecordCodec;      // record_codec.h: domain values <-> stored bytes with a MAC
class Keys;             // keys.h: which key a record lives under
class VoucherSecrets;   // voucher_secrets.h: derives codes and their stored hashes
class BudgetLedger;     // budget_ledger.h: leases of hard budgets
class Courier;          // courier.h: works off the agenda
class EventDispatcher;  // event_dispatcher.h: works off the outbox
class CodePools;        // code_pools.h: codes of a shop's own engine
class BreakerWatch;     // breaker_watch.h: what is too much at once goes to review

// Which incidents are accepted, by the store's time.
struct IntakeWindow {
  Duration max_age = std::chrono::days{90};      // occurred_at not older
  Duration max_ahead = std::chrono::minutes{5};  // occurred_at not further in the future
};

struct Dependencies {
  ports::Store& store;
  ports::Scheduler& scheduler;
  ports::Telemetry& telemetry;
  ports::Log& log;
  const PolicyHolder& policies;
  const Keys& keys;
  const RecordCodec& codec;
  const VoucherSecrets& secrets;
  BudgetLedger& budgets;
  Courier* courier;  // told of due deliveries; may be null (a server that only decides)
  IntakeWindow intake;
  bool deliver_at_once = false;  // letters do not wait as their policies say: for trying out
  EventTypes events = {};        // what is written into the outbox (event_outbox.h)
  EventDispatcher* dispatcher = nullptr;  // told of new events; null: nobody tells them here
  CodePools* pools = nullptr;             // null: a policy that names a pool cannot give
  BreakerWatch* breakers = nullptr;       // null: nothing is too much at once
};

}  // namespace kulanz::app
